"""Which addresses may be called: however one is written, and whatever its name resolves to."""

import ipaddress
import time

import pytest

from kembali.infra.addresses import AddressRefused, Target, Unreachable, find_target, why_not

PUBLIC = "93.184.216.34"


def target_of(url: str, *answers: str, allow_private: bool = False) -> Target:
    return find_target(url, allow_private=allow_private, resolver=lambda _host, _port: answers, timeout_s=1)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::5db8:d822",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:5db8:d822::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_what_is_not_the_internet_is_refused(address: str) -> None:
    assert why_not(ipaddress.ip_address(address), allow_private=False) is not None
    with pytest.raises(AddressRefused, match="leads to"):
        target_of("https://shop.example/hook", address)


@pytest.mark.parametrize(
    "address", [PUBLIC, "8.8.8.8", "172.32.0.1", "100.63.255.255", "2606:2800:220:1::1", "64:ff9b::5db8:d822"]
)
def test_the_internet_may_be_called(address: str) -> None:
    assert target_of("https://shop.example/a?b=c", address) == Target(
        "https", "shop.example", 443, "/a?b=c", (ipaddress.ip_address(address),)
    )


def test_one_bad_address_among_good_ones_refuses_the_name() -> None:
    with pytest.raises(AddressRefused):
        target_of("https://shop.example/", PUBLIC, "2606:2800:220:1::1", "10.0.0.1")


@pytest.mark.parametrize("address", ["10.1.2.3", "127.0.0.1", "172.20.0.1", "192.168.7.7", "::1", "fd12::1"])
def test_an_owner_may_allow_the_network_of_their_own(address: str) -> None:
    assert target_of("http://shop.lan:8080/", address, allow_private=True).port == 8080


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "fe80::1", "fd00:ec2::254", "0.0.0.0", "224.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"],
)
def test_but_never_where_a_cloud_keeps_its_credentials_nor_a_disguise(address: str) -> None:
    with pytest.raises(AddressRefused):
        target_of("http://shop.lan/", address, allow_private=True)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.1/",
        "https://127.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://017700000001/",
        "https://0177.0.0.1/",
        "https://127.0.0.1./",
        "https://１２７.0.0.1/",
        "https://127。0。0。1/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[fe80::1%25eth0]/",
        "https://127.0.0.1/",
        "https://good.example@127.0.0.1/",
        "https://user:password@good.example/",
        "https://@good.example/",
        "https://good.example\\@127.0.0.1/",
        "https://good.example\t/",
        "https:// good.example/",
        "https://good.example/\r\nHost: evil",
        "https://good.example:22/",
        "https://good.example:25/",
        "https://good.example:5432/",
        "https://good.example:99999/",
        "https://good.example:x/",
        "https://good..example/",
        "https://-good.example/",
        "https:///path",
        "https://[::1/",
        "http://good.example/",
        "ftp://good.example/",
        "file:///etc/passwd",
        "//good.example/",
        "good.example",
        "",
        "https://good.example/" + "a" * 2000,
    ],
)
def test_only_a_plain_https_address_passes_whatever_a_resolver_says(url: str) -> None:
    with pytest.raises(AddressRefused):
        target_of(url, PUBLIC)


def test_a_name_of_another_script_is_called_as_it_is_registered() -> None:
    assert target_of("https://BÜCHER.example/straße?q=ä", PUBLIC) == Target(
        "https", "xn--bcher-kva.example", 443, "/stra%C3%9Fe?q=%C3%A4", (ipaddress.ip_address(PUBLIC),)
    )


def test_a_name_without_an_address_may_have_one_later() -> None:
    def nowhere(host: str, port: int) -> list[str]:
        raise OSError

    with pytest.raises(Unreachable):
        find_target("https://shop.example/", allow_private=False, resolver=nowhere, timeout_s=1)


def test_a_resolver_that_does_not_answer_is_not_waited_for() -> None:
    def asleep(host: str, port: int) -> list[str]:
        time.sleep(1)
        return [PUBLIC]

    began = time.monotonic()
    with pytest.raises(Unreachable):
        find_target("https://shop.example/", allow_private=False, resolver=asleep, timeout_s=0.1)
    assert time.monotonic() - began < 0.8
