"""Carts, checkouts and parcels: what is open, what is late, in whatever order it was told."""

from itertools import islice, permutations

import pytest

from kembali.collect import api as collect
from kembali.infra.database import raw_cursor
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop
from tests.makers.commerce import cart_fact, shipment_fact
from tests.makers.emptying import empty_shop
from tests.makers.orders import DAY, START, order_fact

AT = START + 2000 * DAY
ANN = {"customer_ref": "ann"}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _shop() -> None:
    shop.set_up_shop(name="Lantern & Co", currency="GBP", time_zone="Europe/London")


def take_in(*facts: collect.NewFact) -> None:
    collect.append_facts(facts, at=AT)
    while collect.run_consumer(shop.PROJECTION, at=AT):
        pass


def idle(day: float) -> list[str]:
    return [cart.cart_ref for cart in shop.open_carts_idle_since(START, until=START + day * DAY)]


def late(day: float) -> list[str]:
    return [one.shipment_ref for one in shop.late_shipments(START + day * DAY, promised_since=START)]


def same_in_any_order(*facts: collect.NewFact) -> None:
    hashes = set()
    for arrival in islice(permutations(facts), 0, None, 5):  # every fifth: `tests/faults` has thousands
        empty_shop()
        for fact in arrival:
            take_in(fact)
        hashes.add(shop.state_hash())
    assert len(hashes) == 1


def test_a_cart_is_open_until_it_is_completed_deleted_or_emptied() -> None:
    take_in(
        cart_fact("open", updated=2, identifiers=ANN),
        cart_fact("done", updated=2, identifiers=ANN),
        cart_fact("done", updated=3, identifiers=ANN, status="completed"),
        cart_fact("gone", updated=2, identifiers=ANN),
        cart_fact("gone", [], seen=1, status="deleted"),
        cart_fact("empty", [], updated=2, identifiers=ANN),
        cart_fact("nobody", updated=2),
    )
    assert (idle(2), idle(2.1)) == ([], ["open"])


def test_the_latest_version_of_a_cart_counts_and_late_news_change_nothing() -> None:
    first = cart_fact("a", [("MUG", 1, 1000)], updated=1, identifiers=ANN)
    second = cart_fact("a", [("MUG", 2, 1000), ("TEA", 1, 500)], updated=3, identifiers=ANN, url="https://shop/a")
    old_export = cart_fact("a", [("TEA", 9, 1)], seen=99, identifiers=ANN)
    take_in(second, first, old_export)
    ann = shop.find_customers([ANN])[0] or CustomerId(0)
    (cart,) = shop.open_carts_of(ann)
    assert (cart.total_minor, cart.url, cart.changed_at) == (2500, "https://shop/a", START + 3 * DAY)
    assert [(line.sku, line.quantity) for line in cart.lines] == [("MUG", 2), ("TEA", 1)]
    same_in_any_order(first, second, old_export, cart_fact("a", updated=2, status="completed", order_ref="1"))


def test_an_order_closes_the_checkout_it_came_from() -> None:
    take_in(cart_fact("a", updated=1, identifiers=ANN, order_ref="#7"))
    assert idle(9) == ["a"]
    take_in(order_fact("#7", identifiers=ANN))
    assert idle(9) == []


def test_open_carts_come_page_by_page_the_longest_idle_first() -> None:
    take_in(*(cart_fact(name, updated=day, identifiers=ANN) for name, day in (("c", 3), ("a", 1), ("b", 1), ("d", 4))))
    first = shop.open_carts_idle_since(START, until=START + 4 * DAY, limit=2)
    last = first[-1]
    rest = shop.open_carts_idle_since(START, until=START + 4 * DAY, after=(last.changed_at, last.cart_id))
    assert [cart.cart_ref for cart in (*first, *rest)] == ["a", "b", "c"]


def test_parcels_not_delivered_when_promised_are_late_unless_their_order_is_gone() -> None:
    take_in(
        order_fact("1", identifiers=ANN),
        order_fact("2", identifiers=ANN, status="cancelled"),
        shipment_fact("1", "late", updated=1, promised=3),
        shipment_fact("1", "there", updated=1, promised=3),
        shipment_fact("1", "there", updated=5, promised=3, delivered=5, status="delivered"),
        shipment_fact("1", "later", updated=1, promised=8),
        shipment_fact("1", "called off", updated=1, promised=3, status="cancelled"),
        shipment_fact("2", "of no order", updated=1, promised=3),
        shipment_fact("3", "order unknown", updated=1, promised=3),
    )
    assert (late(3), late(4), late(9)) == ([], ["late"], ["late", "later"])


def test_a_parcels_news_may_come_before_its_order_and_in_any_order() -> None:
    sent = shipment_fact("1", "a", updated=1, promised=3)
    there = shipment_fact("1", "a", updated=5, promised=3, delivered=5, status="delivered")
    take_in(there, sent)
    (parcel,) = shop.shipments_of([("test", "1")])["test", "1"]
    assert (parcel.status, parcel.delivered_at, parcel.order_id) == ("delivered", START + 5 * DAY, None)
    same_in_any_order(sent, there, order_fact("1", identifiers=ANN))


def test_rebuild_ends_with_the_same_carts_and_parcels() -> None:
    take_in(cart_fact("a", updated=1, identifiers=ANN), shipment_fact("1", updated=1, promised=3))
    before = shop.state_hash()
    with raw_cursor() as cursor:
        cursor.execute("UPDATE shop_cart SET total_minor = 1")
        cursor.execute("UPDATE shop_shipment SET status = 'failed'")
    assert shop.state_hash() != before
    shop.rebuild(AT)
    assert shop.state_hash() == before


def test_orders_are_listed_page_by_page_with_their_lines() -> None:
    take_in(
        order_fact("#1", [("MUG", 2, 1000), ("TEA", 1, 500)], identifiers=ANN, updated=1),
        order_fact("#2", identifiers={"customer_ref": "bob"}, updated=4),
        order_fact("#3", identifiers=ANN, updated=5),
    )
    first = shop.list_orders(limit=2)
    rest = shop.list_orders(limit=2, after=first.after)
    assert [one.order_ref for one in (*first.orders, *rest.orders)] == ["#1", "#2", "#3"]
    assert rest.after is None
    assert [(line.sku, line.quantity, line.total_minor) for line in first.orders[0].lines] == [
        ("MUG", 2, 2000), ("TEA", 1, 500),
    ]  # fmt: skip
    ann = shop.find_customers([ANN])[0] or CustomerId(0)
    assert [one.order_ref for one in shop.list_orders(customer_id=ann).orders] == ["#1", "#3"]
    assert [one.order_ref for one in shop.list_orders(updated_since=START + 4 * DAY).orders] == ["#2", "#3"]
    assert shop.order_of(first.orders[0].order_id) == first.orders[0]
    with pytest.raises(shop.OrderNotFound):
        shop.order_of(type(first.orders[0].order_id)(999_999))
