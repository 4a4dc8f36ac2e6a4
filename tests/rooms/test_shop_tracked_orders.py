"""Orders told by Segment's events: trusted ones are orders like any other, a browser's make no revenue."""

from datetime import timedelta
from itertools import islice, permutations
from typing import Any

import pytest

from kembali.collect import api as collect
from kembali.collect.models import Fact, ParkedFact
from kembali.kernel.errors import Refused
from kembali.shop import api as shop
from kembali.shop.models import Order
from tests.makers.emptying import empty_shop
from tests.makers.orders import DAY, START, order_fact

AT = START + 2000 * DAY
ANN = {"customer_ref": "ann"}
MUGS: dict[str, Any] = {"products": [{"sku": "MUG", "name": "Mug", "price": 10, "quantity": 2}], "shipping": 5}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _shop() -> None:
    shop.set_up_shop(name="Lantern & Co", currency="GBP", time_zone="Europe/London")


def tracked(name: str, order_id: str, *, hour: int, is_trusted: bool = True, **said: object) -> collect.NewFact:
    properties = {"order_id": order_id, "currency": "GBP", **said}
    return collect.NewFact(
        source="trusted:till" if is_trusted else "public:site",
        message_id=f"{name}-{order_id}-{hour}",
        kind="tracking.track",
        occurred_at=START + timedelta(hours=hour),
        payload={"type": "track", "event": name, "properties": properties, "is_trusted": is_trusted, "notes": []},
        identifiers=ANN if is_trusted else {"anonymous_id": "browser"},
    )


def take_in(*facts: collect.NewFact) -> None:
    collect.append_facts(facts, at=AT)
    for consumer in (shop.TRACKED_ORDERS, shop.PROJECTION):
        while collect.run_consumer(consumer, at=AT):
            pass


def state_of(order_ref: str) -> tuple[str, str, int, int | None]:
    order = Order.objects.get(order_ref=order_ref)
    return order.source, order.status, order.gross_minor, order.net_minor


def test_a_completed_order_of_a_server_is_a_purchase_of_its_customer() -> None:
    take_in(tracked("Completed Order", "1", hour=1, **MUGS))
    assert state_of("1") == ("trusted:till", "paid", 2500, 2500)
    (profile,) = [shop.profile_of(one) for one in shop.find_customers([ANN]) if one]
    assert (profile.order_count, profile.net_minor) == (1, 2500)


def test_a_browsers_order_makes_no_revenue_and_stays_in_the_log() -> None:
    take_in(tracked("Order Completed", "1", hour=1, is_trusted=False, **MUGS))
    assert not Order.objects.exists()
    assert list(Fact.objects.values_list("kind", flat=True)) == ["tracking.track"]


def test_events_of_one_order_end_the_same_in_whatever_order_they_arrive() -> None:
    events = (
        tracked("Order Completed", "1", hour=1, **MUGS),
        tracked("Order Updated", "1", hour=3, total=40, products=[{"sku": "MUG", "price": 20, "quantity": 2}]),
        tracked("Order Refunded", "1", hour=5, products=[{"sku": "mug", "quantity": 1}]),
        tracked("Order Refunded", "1", hour=6, total=2.5),
    )
    seen = set()
    for arrival in islice(permutations(events), 0, None, 5):
        empty_shop()
        for event in arrival:
            take_in(event)
        seen.add(shop.state_hash())
    assert len(seen) == 1
    assert state_of("1") == ("trusted:till", "paid", 4000, 4000 - 2000 - 250)
    assert Order.objects.get().placed_at == START + timedelta(hours=1)  # when it was completed, not when it was updated


def test_a_refund_before_its_order_waits_for_it_and_a_cancellation_is_the_last_word() -> None:
    take_in(tracked("Order Refunded", "1", hour=5), tracked("Order Cancelled", "2", hour=5))
    assert not Order.objects.exists()
    take_in(tracked("Order Completed", "1", hour=1, **MUGS), tracked("Order Completed", "2", hour=1, **MUGS))
    take_in(tracked("Order Updated", "2", hour=9, **MUGS))
    assert (state_of("1")[1:], state_of("2")[1:]) == (("refunded", 2500, 0), ("cancelled", 2500, 0))


def test_an_event_nobody_can_understand_is_parked_with_its_reason_and_the_others_go_on() -> None:
    take_in(tracked("Order Completed", "1", hour=1), tracked("Order Completed", "2", hour=1, **MUGS))
    assert state_of("2")[1] == "paid"
    assert not Order.objects.filter(order_ref="1").exists()
    assert "how much" in ParkedFact.objects.get().reason


def test_the_same_events_again_change_nothing() -> None:
    take_in(tracked("Order Completed", "1", hour=1, **MUGS))
    before, facts = shop.state_hash(), Fact.objects.count()
    collect.rewind_consumer(shop.TRACKED_ORDERS)
    take_in(tracked("Order Completed", "1", hour=1, **MUGS))
    assert (shop.state_hash(), Fact.objects.count()) == (before, facts)


def test_one_purchase_told_by_two_sources_is_found() -> None:
    take_in(
        tracked("Order Completed", "1001", hour=1, total=10),
        tracked("Order Completed", "1002", hour=1, total=99),
        order_fact("#1001", identifiers=ANN, source="shopify"),
        order_fact("#1002", identifiers=ANN, source="shopify"),
    )
    (found,) = shop.possible_doubles()
    assert (found.source, found.other_source) == ("shopify", "trusted:till")
    assert (found.order_count, found.net_minor) == (1, 1000)
    assert found.examples == ("#1001",)


def test_the_orders_of_a_source_that_gives_way_leave_the_sums_and_come_back() -> None:
    old = order_fact("#7", (("MUG", 2, 1250),), day=10, source="generic")
    take_in(
        old,
        order_fact("7", (("MUG", 2, 1250),), day=10, source="woocommerce"),
        order_fact("#8", (("MUG", 1, 1250),), day=10, source="generic"),
        order_fact("9", (("MUG", 1, 1250),), day=200, source="woocommerce"),
    )
    assert shop.possible_doubles() == []  # too long ago to be looked at by itself, yet it is left out
    before = shop.state_hash()
    at = START + 300 * DAY
    with pytest.raises(Refused):
        shop.leave_out_doubles("generic", beside="generic", at=at)
    assert shop.leave_out_doubles("generic", beside="woocommerce", at=at) == 1
    take_in(old)
    left = shop.state_hash()
    assert [(o.source, o.order_ref) for o in Order.objects.filter(status="deleted")] == [("generic", "#7")]
    assert shop.doubles_left_out() == [shop.DoublesLeftOut(source="generic", beside="woocommerce", order_count=1)]
    assert shop.leave_out_doubles("generic", beside="woocommerce", at=at + DAY) == 0
    assert left != before
    shop.rebuild(at=at)
    assert shop.state_hash() == left
    assert shop.take_doubles_back("generic", beside="shopify", at=at + DAY) == 0
    assert shop.take_doubles_back("generic", beside="woocommerce", at=at + DAY) == 1
    take_in()
    assert (shop.doubles_left_out(), Order.objects.filter(status="deleted").count()) == ([], 0)
    assert Order.objects.get(source="generic", order_ref="#7").net_minor == 2500
