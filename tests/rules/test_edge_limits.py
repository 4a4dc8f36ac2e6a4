"""How much one sender may send, and who a sender is."""

from ipaddress import ip_network

import pytest

from kembali.edge import limits
from kembali.edge.limits import Buckets, Limits


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_full_bucket_holds_twenty_seconds_and_fills_again() -> None:
    clock = Clock()
    buckets = Buckets(10, clock)
    assert [buckets.take("a", 50) for _ in range(5)] == [0, 0, 0, 0, 0]  # the last ones may be exceeded
    assert buckets.take("a", 1) == 5
    assert buckets.take("b", 1) == 0
    clock.now += 4.9
    assert buckets.take("a", 1) == 1
    clock.now += 0.2
    assert buckets.take("a", 1) == 0
    clock.now += 1_000
    assert [buckets.take("a", 100) for _ in range(4)] == [0, 0, 0, 10]


def test_nothing_is_taken_from_an_empty_bucket() -> None:
    clock = Clock()
    buckets = Buckets(10, clock)
    buckets.take("a", 250)
    assert {buckets.take("a", 2_500) for _ in range(50)} == {5}


def test_no_limit_is_no_limit() -> None:
    buckets = Buckets(0)
    assert {buckets.take("a", 10**9) for _ in range(3)} == {0}


def test_of_many_senders_only_those_are_remembered_whose_buckets_are_not_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_MOST_BUCKETS", 100)
    clock = Clock()
    buckets = Buckets(1, clock)
    buckets.take("busy", 500)
    for number in range(99):
        buckets.take(str(number), 1)
    clock.now += 10
    buckets.take("new", 1)
    assert set(buckets._full_at) == {"busy", "new"}
    assert buckets.take("busy", 1) == 60


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),  # who is no proxy of the owner's may write what he likes
        ("10.0.0.5", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "198.51.100.1, 172.16.9.9", "198.51.100.1"),
        ("10.0.0.5", "10.0.0.5", "10.0.0.5"),
        ("10.0.0.5", "unknown", "10.0.0.5"),
        ("::ffff:10.0.0.5", "198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("127.0.0.1", "198.51.100.1", ""),
        ("::1", "", ""),
        ("", "198.51.100.1", ""),
        ("10.0.0.5", "1.1.1.1, " * 5_000 + "198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "1" * 500 + "198.51.100.1", "10.0.0.5"),
        ("10.0.0.5", "2001:db8::1:2:3" + ",10.0.0.5" * 21 + " ", "10.0.0.5"),  # not what is left of it: db8::1:2:3
    ],
)
def test_an_address_is_believed_from_named_proxies_only(peer: str, forwarded_for: str, address: str) -> None:
    named = (ip_network("10.0.0.5/32"), ip_network("172.16.0.0/12"))
    found = Limits(Buckets(1), Buckets(1), named).address_of(peer, forwarded_for)
    assert found == address


def test_a_proxy_on_this_machine_that_is_named_tells_its_clients_apart() -> None:
    found = Limits(Buckets(1), Buckets(1), (ip_network("127.0.0.1"),)).address_of("127.0.0.1", "198.51.100.1")
    assert found == "198.51.100.1"


def test_of_long_headers_only_the_end_is_remembered() -> None:
    limits._address_of.cache_clear()
    for number in range(3):
        Limits(Buckets(1), Buckets(1)).address_of("203.0.113.7", f"{number}, {'x' * 10_000}, 198.51.100.1")
    assert limits._address_of.cache_info().currsize == 1
