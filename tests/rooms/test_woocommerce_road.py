"""WooCommerce end to end: its webhooks at the edge, its REST API asked, and the same state whatever got lost."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from kembali.collect import api as collect
from kembali.collect.connectors.values import Delivery
from kembali.collect.models import Connection, Fact, RejectedEvent
from kembali.edge.committing import GroupCommitter
from kembali.edge.hookring import HookRing
from kembali.edge.hooks import Hooks
from kembali.edge.http import Scope
from kembali.infra.http import Client
from kembali.shop import api as shop
from kembali.shop.models import Order
from tests.fakes.woocommerce import Faults, Sent, Site, serve
from tests.fakes.woocommerce.site import KEY, SECRET
from tests.makers.emptying import empty_shop
from tests.makers.woocommerce_life import live

HTTP = Client(allow_private=True)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _shop() -> None:
    shop.set_up_shop(name="Kitchen & Co", currency="EUR", time_zone="Europe/Berlin")


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def door(site: Site) -> Iterator[Hooks]:
    parameters = connection.get_connection_params()
    conninfo = psycopg.conninfo.make_conninfo(
        **{name: parameters[name] for name in ("dbname", "user", "host", "port", "password") if parameters.get(name)}
    )
    committer = GroupCommitter(conninfo)
    yield Hooks(HookRing(conninfo, settings.KEMBALI.secret_key, lambda: site.now), committer, lambda: site.now)
    committer.close()


def connect(site: Site, address: str) -> None:
    values = {"key": KEY, "secret": SECRET}
    collect.connect_shop("woocommerce", address=address, values=values, at=site.now)
    collect.order_webhooks("woocommerce", http=HTTP, at=site.now)


def ask(site: Site) -> None:
    """Ask the shop until it has told everything."""
    for _ in range(200):
        if collect.reconcile("woocommerce", http=HTTP, at=site.now).is_done:
            return
        view = collect.connection_of("woocommerce")
        assert view is not None
        assert not view.last_error, view.last_error
    raise AssertionError("The round does not end.")


def fold(site: Site) -> None:
    while collect.run_consumer(shop.PROJECTION, at=site.now):
        pass


def deliver(door: Hooks, sent: Sent) -> int:
    parts: list[bytes] = [sent.body]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": parts.pop(0), "more_body": False}

    scope: Scope = {
        "path": sent.url.removeprefix(settings.KEMBALI.edge_url),
        "method": "POST",
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent.headers.items()],
    }
    return asyncio.run(door.answer(scope, receive)).status


def test_a_shop_is_connected_its_pings_are_answered_and_an_order_arrives_once(site: Site, door: Hooks) -> None:
    with serve(site) as address:
        connect(site, address)
        assert [deliver(door, sent) for sent in site.outbox] == [200] * 15
        site.outbox.clear()
        number = site.place([("MUG", 2, "12.50")], email="ida@example.com")
        site.later(5)
        site.pay(number)
        assert [deliver(door, sent) for sent in [*site.outbox, *site.outbox]] == [200] * 4
        ask(site)
    fold(site)
    assert Fact.objects.filter(kind="order.version").count() == 2
    order = Order.objects.get()
    assert (order.order_ref, order.status, order.gross_minor, order.tax_minor) == (str(number), "paid", 3588, 598)
    assert Connection.objects.get().last_hook_at == site.now


def test_a_deleted_order_leaves_the_sums_and_a_restored_one_comes_back(door: Hooks) -> None:
    site = Site(number_gap=50)
    with serve(site) as address:
        connect(site, address)
        site.outbox.clear()
        number = site.place([("MUG", 1, "10.00")], email="ida@example.com")
        site.pay(number)
        site.later(60)
        site.trash(number)
        assert {deliver(door, sent) for sent in site.outbox} == {200}
        assert Connection.objects.get().due_at <= site.now + timedelta(seconds=30)
        ask(site)
        fold(site)
        assert (Order.objects.get().status, Order.objects.get().net_minor) == ("deleted", 0)
        site.later(600)
        site.restore(number)
        ask(site)
    fold(site)
    assert (Order.objects.get().status, Order.objects.get().net_minor) == ("paid", 1788)


def test_webhooks_that_woocommerce_gave_up_are_woken_by_the_next_round(site: Site) -> None:
    with serve(site) as address:
        connect(site, address)
        for hook in site.hooks.values():
            for _ in range(6):
                site.note_answer(hook["id"], 503)
        assert {hook["status"] for hook in site.hooks.values()} == {"disabled"}
        site.later(3600)
        ask(site)
    assert {hook["status"] for hook in site.hooks.values()} == {"active"}


def test_keys_that_may_no_longer_make_webhooks_are_told_and_asking_goes_on(site: Site) -> None:
    faults = Faults()
    with serve(site, faults) as address:
        connect(site, address)
        ask(site)
        faults.may_write = False
        next(iter(site.hooks.values()))["status"] = "disabled"
        site.place([("MUG", 1, "10.00")], email="ida@example.com")
        site.later(3600)
        assert collect.reconcile("woocommerce", http=HTTP, at=site.now).is_done
    stored = Connection.objects.get()
    assert stored.last_error.startswith("Its webhooks: The shop says no (401)")
    assert (stored.failures, stored.due_at) == (0, site.now + timedelta(minutes=10))
    assert Fact.objects.filter(kind="order.version").count() == 1


def test_new_keys_are_given_to_every_webhook_and_what_the_old_ones_signed_is_still_taken(
    site: Site, door: Hooks
) -> None:
    faults = Faults()
    with serve(site, faults) as address:
        connect(site, address)
        ask(site)
        site.outbox.clear()
        site.place([("MUG", 1, "10.00")], email="ida@example.com")
        before = {hook["secret"] for hook in site.hooks.values()}
        faults.secret = "cs_new"
        collect.change_values("woocommerce", values={"key": KEY, "secret": "cs_new"}, at=site.now)
        site.later(3600)
        ask(site)
        assert before.isdisjoint({hook["secret"] for hook in site.hooks.values()})
        site.place([("TEA", 1, "4.00")], email="jo@example.com")
        assert [deliver(door, sent) for sent in site.outbox] == [200, 200]
    assert Fact.objects.filter(kind="order.version").count() == 2


def test_an_error_instead_of_an_order_is_kept_with_what_to_do(site: Site, door: Hooks) -> None:
    with serve(site) as address:
        connect(site, address)
        hook = next(one for one in site.hooks.values() if one["topic"] == "order.updated")
        site.outbox.clear()
        number = site.place([("MUG", 1, "10.00")], email="ida@example.com")
        site.orders[number] = {"code": "woocommerce_rest_cannot_view", "message": "Sorry", "data": {"status": 401}}
        site.outbox.clear()
        site.change(number)
    (sent,) = site.outbox
    assert (sent.hook_id, deliver(door, sent)) == (hook["id"], 200)
    assert "keys of an administrator" in RejectedEvent.objects.get().reason


def test_an_exported_file_and_the_shop_itself_speak_of_the_same_order_and_the_shop_knows_better(tmp_path: Path) -> None:
    site = Site(number_gap=90)
    number = site.place([("MUG", 1, "10.00")], email="ida@example.com")
    export = tmp_path / "orders.csv"
    columns = "Order Number,Order Status,Order Date,Order Currency,Order Total Amount,Email (Billing),SKU,Item Name"
    row = f"{number - 90},on-hold,2026-06-01 11:00,EUR,17.88,ida@example.com,MUG,Mug,1,10.00"
    export.write_text(f"{columns},Quantity (- Refund),Item Cost\n{row}\n", encoding="utf-8")
    site.later(60)
    site.pay(number)
    with serve(site) as address:
        connect(site, address)
        ask(site)
        result = collect.import_file(export, currency="EUR", time_zone="Europe/Berlin", at=site.now + timedelta(days=9))
        assert (result.merged, result.rejected) == (1, 0)  # its line is known already
    fold(site)
    order = Order.objects.get()
    assert (order.source, order.order_ref, order.status, order.gross_minor) == ("woocommerce", "11", "paid", 1788)
    assert None not in shop.find_customers([{"email": "ida@example.com"}])


def state_after(seed: int, *, is_told: bool) -> str:
    """Return the state's hash after a shop's life whose webhooks came in disorder, twice or never, and one asking."""
    empty_shop("collect_connection")
    site, draw = Site(number_gap=seed % 2 * 40), Random(seed)
    with serve(site) as address:
        connect(site, address)
        webhooks = collect.connector_of("woocommerce").webhooks
        assert webhooks is not None
        live(site, seed, happenings=30)
        arrivals = [sent for sent in site.outbox if draw.random() < 0.7 for _ in range(draw.choice((1, 1, 2)))]
        draw.shuffle(arrivals)
        for sent in arrivals if is_told else ():
            delivery = Delivery({name.lower(): value for name, value in sent.headers.items()}, sent.body)
            reading = webhooks.read(
                webhooks.call_of(delivery), sent.body, {}, source="woocommerce", received_at=site.now
            )
            collect.append_facts(reading.facts, at=site.now)
            if draw.random() < 0.3:
                fold(site)
        site.later(60)
        ask(site)
    fold(site)
    assert Order.objects.count() == len(site.orders)
    return shop.state_hash()


def converges(seed: int) -> None:
    assert state_after(seed, is_told=True) == state_after(seed, is_told=False)


@pytest.mark.parametrize("seed", range(3))
def test_disorder_repetition_and_losses_then_asking_end_in_the_same_state(seed: int) -> None:
    converges(seed)
