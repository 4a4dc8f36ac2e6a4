"""Connected shops: asked for everything and then for what changed, without losing a place, an error or a secret."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from kembali.collect import api as collect
from kembali.collect.connections import reconciling
from kembali.collect.connectors import platforms
from kembali.collect.models import Connection, Fact, RejectedEvent
from kembali.infra.http import Client
from tests.fakes.tiny_shop import TINY, TinyShop, tiny_shop

AT = datetime(2032, 3, 1, 12, tzinfo=UTC)
HTTP = Client(allow_private=True)
pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[TinyShop]:
    monkeypatch.setattr(platforms, "CONNECTORS", {"tiny": TINY})
    with tiny_shop() as running:
        yield running


def connected(shop: TinyShop, **values: str) -> collect.ConnectionView:
    collect.connect_shop("tiny", address=shop.url + "/", values={"secret": shop.secret, **values}, at=AT)
    return found()


def found() -> collect.ConnectionView:
    view = collect.connection_of("tiny")
    assert view is not None
    return view


def sells(shop: TinyShop, count: int, *, version: int = 1, at: datetime = AT) -> None:
    for number in range(count):
        ref = f"#{number}"
        shop.orders = [one for one in shop.orders if one["ref"] != ref]
        placed = datetime(2031, 1, 1, tzinfo=UTC) + timedelta(days=number)
        shop.orders.append(
            {"ref": ref, "version": version, "at": placed.isoformat(), "updated": at.timestamp()},
        )


def ask(at: datetime) -> int:
    return collect.reconcile_due(http=HTTP, at=at)


def test_everything_a_shop_has_comes_in_once_and_then_only_what_changed(shop: TinyShop) -> None:
    connected(shop)
    sells(shop, 5)
    assert ask(AT) == 5
    assert [stream.backfilled_at for stream in found().streams] == [AT, AT]
    assert (found().due_at, found().read_until) == (AT + reconciling.EVERY, AT)
    later = AT + reconciling.EVERY
    sells(shop, 1, version=2, at=later - timedelta(minutes=1))
    shop.asked.clear()
    assert ask(later - timedelta(seconds=1)) == 0
    assert shop.asked == []
    assert ask(later) == 1
    assert Fact.objects.count() == 6
    since = (AT - reconciling.OVERLAP).timestamp()
    assert all(f"since={since}" in path for path in shop.asked)


def test_history_keeps_its_own_time(shop: TinyShop) -> None:
    connected(shop)
    sells(shop, 1)
    ask(AT)
    fact = Fact.objects.get()
    assert (fact.source, fact.occurred_at, fact.received_at) == ("tiny", datetime(2031, 1, 1, tzinfo=UTC), AT)


def test_a_backfill_goes_on_where_it_was_interrupted(shop: TinyShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciling, "_AT_ONCE_S", -1.0)  # one page each time
    connected(shop)
    sells(shop, 5)
    counts = [(ask(AT), found().streams[1].done_count) for _ in range(4)]
    assert counts == [(0, 0), (2, 2), (2, 4), (1, 5)]
    assert ask(AT) == 0  # everything was read: the round ends
    assert [path.partition("after=")[2] for path in shop.asked if "orders" in path] == ["0", "2", "4"]
    assert (found().streams[1].total_count, found().due_at) == (5, AT + reconciling.EVERY)


def test_a_shop_that_is_down_is_tried_later_each_time_and_says_so(shop: TinyShop) -> None:
    connected(shop)
    sells(shop, 3)
    shop.failures = [(500, {}), (503, {"retry-after": "120"})]
    assert ask(AT) == 0
    assert (found().failures, found().due_at) == (1, AT + timedelta(seconds=15))
    assert found().last_error == "The shop answers with an error (500). kembali tries again by itself."
    assert ask(AT + timedelta(seconds=15)) == 0
    assert found().due_at == AT + timedelta(seconds=15 + 120)
    assert ask(AT + timedelta(seconds=135)) == 3
    assert (found().failures, found().last_error) == (0, "")


def test_a_place_is_not_lost_to_an_error(shop: TinyShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciling, "_AT_ONCE_S", -1.0)
    connected(shop)
    sells(shop, 5)
    assert [ask(AT), ask(AT)] == [0, 2]
    shop.failures = [(429, {"retry-after": "7"})]
    ask(AT)
    assert ask(AT + timedelta(seconds=7)) == 2
    assert Fact.objects.count() == 4


def test_withdrawn_keys_stop_the_asking_until_somebody_acts(shop: TinyShop) -> None:
    connected(shop)
    shop.secret = "another"
    ask(AT)
    assert found().due_at == AT + timedelta(hours=1)
    assert "Check the keys" in found().last_error
    collect.change_values("tiny", values={"secret": "another"}, at=AT)
    sells(shop, 1)
    assert ask(AT) == 1


def test_a_paused_shop_is_not_asked_and_a_removed_one_is_forgotten(shop: TinyShop) -> None:
    connected(shop)
    sells(shop, 1)
    collect.pause_shop("tiny", at=AT)
    assert ask(AT + timedelta(days=3)) == 0
    assert shop.asked == []
    collect.resume_shop("tiny", at=AT + timedelta(days=3))
    assert ask(AT + timedelta(days=3)) == 1
    collect.remove_shop("tiny")
    assert collect.list_connections() == []
    assert Fact.objects.count() == 1
    with pytest.raises(collect.ConnectionNotFound):
        collect.pause_shop("tiny", at=AT)


def test_asking_for_everything_again_adds_nothing_that_is_known(shop: TinyShop) -> None:
    connected(shop)
    sells(shop, 3)
    ask(AT)
    collect.start_backfill("tiny", at=AT + timedelta(minutes=1))
    assert found().is_backfilling
    shop.asked.clear()
    assert ask(AT + timedelta(minutes=1)) == 0
    assert "since=0" in shop.asked[0]
    assert Fact.objects.count() == 3


def test_secrets_are_sealed_and_what_is_remembered_too(shop: TinyShop) -> None:
    connected(shop, corner="left")
    ask(AT)
    stored = Connection.objects.get()
    assert stored.settings == {"corner": "left"}
    row = str({**Connection.objects.values().get()})
    assert shop.secret not in row
    assert "asked" not in row.replace("asked_at", "")


@pytest.mark.parametrize(
    ("platform", "values", "error"),
    [
        ("nowhere", {}, collect.UnknownPlatform),
        ("tiny", {}, collect.BadConnection),
        ("tiny", {"secret": "x", "colour": "blue"}, collect.BadConnection),
        ("tiny", {"secret": "x" * 2001}, collect.BadConnection),
    ],
)
def test_what_cannot_be_connected_leaves_nothing_behind(
    shop: TinyShop, platform: str, values: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        collect.connect_shop(platform, address=shop.url, values=values, at=AT)
    assert Connection.objects.count() == 0


def test_one_name_is_one_shop(shop: TinyShop) -> None:
    connected(shop)
    with pytest.raises(collect.ConnectionExists):
        connected(shop)
    assert Connection.objects.count() == 1


def test_webhooks_are_ordered_at_the_shop_for_our_own_address(shop: TinyShop) -> None:
    connected(shop)
    assert collect.order_webhooks("tiny", http=HTTP, at=AT) == ["order", "wake"]
    assert shop.hooks == [found().hook_url]
    assert found().hook_topics == ("order", "wake")


def test_one_thing_the_log_refuses_is_kept_and_stops_nothing_else(shop: TinyShop) -> None:
    connected(shop)
    sells(shop, 4)
    shop.orders[1]["ref"] = "#" * 300  # longer than a message id may be
    assert ask(AT) == 3
    assert (found().failures, found().read_until) == (0, AT)
    kept = RejectedEvent.objects.get()
    assert (kept.source, kept.call, kept.reason_code) == ("tiny", "asked.tiny.order", "refused")


def test_an_answer_of_another_shape_is_told_and_keeps_the_worker_from_nothing(shop: TinyShop) -> None:
    connected(shop)
    sells(shop, 1)
    shop.failures = [(200, {})]
    assert ask(AT) == 0
    assert "not of the shape that is known (KeyError: 'items')" in found().last_error
    assert ask(AT + timedelta(seconds=15)) == 1
    assert (found().failures, found().last_error) == (0, "")
