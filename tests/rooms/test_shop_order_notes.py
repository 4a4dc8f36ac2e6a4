"""What becomes of an order: which version wins, and what is said of deletions, cancellations and refunds alone."""

from datetime import datetime
from itertools import islice, permutations

import pytest

from kembali.collect import api as collect
from kembali.collect.models import ParkedFact
from kembali.collect.payloads import OrderNoted
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop
from kembali.shop.models import Order
from tests.makers.emptying import empty_shop
from tests.makers.orders import DAY, START, note_id, order_fact

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


def noted(
    kind: str,
    order_ref: str,
    day: int,
    *,
    amount_minor: int | None = None,
    lines: list[collect.OrderLine] | None = None,
) -> collect.NewFact:
    at: datetime = START + day * DAY
    said = OrderNoted(order_ref=order_ref, observed_at=at, amount_minor=amount_minor, lines=lines or [])
    return collect.NewFact(
        source="test", message_id=note_id(kind, said), kind=f"order.{kind}", occurred_at=at, payload=said
    )


def state_of(order_ref: str) -> tuple[str, int | None, int | None]:
    order = Order.objects.get(order_ref=order_ref)
    return order.status, order.net_minor, order.margin_minor


def same_in_any_order(*facts: collect.NewFact) -> None:
    """Several orders of arrival, one fact at a time, end in the same state."""
    hashes = set()
    for arrival in islice(permutations(facts), 0, None, 5):  # every fifth: `tests/faults` has thousands
        empty_shop()
        for fact in arrival:
            take_in(fact)
        hashes.add(shop.state_hash())
    assert len(hashes) == 1


def test_an_old_export_read_after_the_platforms_webhooks_changes_nothing() -> None:
    webhook = order_fact("1", [("MUG", 3, 1000)], identifiers=ANN, updated=5)
    export = order_fact("1", [("MUG", 1, 1000)], identifiers=ANN, seen=900)
    take_in(webhook)
    before = shop.state_hash()
    take_in(export)
    assert (state_of("1"), shop.state_hash()) == (("paid", 3000, 1200), before)
    same_in_any_order(webhook, export, order_fact("1", [("MUG", 2, 1000)], identifiers=ANN, updated=4))


def test_a_deleted_order_leaves_every_sum_and_no_version_brings_it_back() -> None:
    take_in(order_fact("1", identifiers=ANN, updated=1), order_fact("2", identifiers=ANN, updated=1))
    take_in(noted("deleted", "1", 5))
    take_in(order_fact("1", [("MUG", 2, 1000)], identifiers=ANN, updated=9))
    assert state_of("1") == ("deleted", 0, 0)
    assert [(total.order_count, total.gross_minor) for total in shop.order_totals()] == [(1, 1000)]
    ann = shop.find_customers([ANN])[0] or CustomerId(0)
    assert (shop.profile_of(ann).order_count, shop.profile_of(ann).net_minor) == (1, 1000)
    assert [order.status for order in shop.list_orders_of(ann)] == ["paid", "deleted"]


def test_only_a_later_restoration_brings_an_order_back_as_its_latest_version_says() -> None:
    order = order_fact("1", [("MUG", 2, 1000)], identifiers=ANN, updated=1)
    later = order_fact("1", [("MUG", 3, 1000)], identifiers=ANN, updated=6)
    take_in(order, noted("deleted", "1", 5), noted("restored", "1", 4))
    assert state_of("1")[0] == "deleted"
    take_in(later, noted("restored", "1", 7))
    assert state_of("1") == ("paid", 3000, 1200)
    same_in_any_order(order, noted("deleted", "1", 5), noted("restored", "1", 7), later)


def test_a_deletion_may_come_before_its_order() -> None:
    take_in(noted("deleted", "1", 5))
    assert not Order.objects.exists()
    take_in(order_fact("1", identifiers=ANN, updated=1))
    assert state_of("1") == ("deleted", 0, 0)


def test_a_deleted_cancellation_gives_its_order_back_what_it_took() -> None:
    sold = order_fact("1", [("MUG", 2, 1000)], identifiers=ANN, day=1)
    back = order_fact("C2", [("MUG", -1, 1000)], identifiers=ANN, day=2, kind="cancellation")
    take_in(sold, back)
    assert state_of("1")[1] == 1000
    take_in(noted("deleted", "C2", 5))
    assert (state_of("1"), shop.unmatched_cancellations().line_count) == (("paid", 2000, 800), 0)
    assert Order.objects.get(order_ref="C2").noted_refund_minor == 0
    same_in_any_order(sold, back, noted("deleted", "C2", 5))


def test_refunds_said_by_themselves_add_up_and_never_take_more_than_the_order() -> None:
    order = order_fact("1", [("MUG", 2, 1000), ("TEA", 4, 250)], identifiers=ANN, updated=1)
    half = noted("refunded", "1", 3, amount_minor=1000)
    take_in(order, half)
    assert state_of("1") == ("paid", 2000, 800)
    tea = noted("refunded", "1", 4, lines=[collect.OrderLine("tea", None, 2, "0", 0)])
    take_in(tea)
    assert state_of("1") == ("paid", 1500, 600)
    whole = noted("refunded", "1", 5)
    take_in(whole)
    assert state_of("1") == ("refunded", 0, 0)
    same_in_any_order(order, half, tea, whole)


def test_a_refund_the_platforms_later_version_tells_of_is_not_taken_twice() -> None:
    order = order_fact("1", [("MUG", 2, 1000)], identifiers=ANN, updated=1)
    told = order_fact("1", [("MUG", 2, 1000)], identifiers=ANN, updated=4, refunded_minor=500)
    take_in(order, noted("refunded", "1", 3, amount_minor=500), told)
    assert state_of("1") == ("paid", 1500, 600)
    take_in(noted("refunded", "1", 6, amount_minor=200))
    assert state_of("1") == ("paid", 1300, 520)


def test_a_cancellation_said_by_itself_holds_until_the_platform_says_otherwise_later() -> None:
    take_in(order_fact("1", identifiers=ANN, updated=1), noted("cancelled", "1", 3))
    assert state_of("1") == ("cancelled", 0, 0)
    take_in(order_fact("1", identifiers=ANN, updated=2), order_fact("1", identifiers=ANN, seen=9))
    assert state_of("1") == ("cancelled", 0, 0)
    take_in(order_fact("1", identifiers=ANN, updated=4))
    assert state_of("1") == ("paid", 1000, 400)


def test_rebuild_keeps_what_notes_say() -> None:
    take_in(order_fact("1", identifiers=ANN, updated=1), noted("deleted", "1", 5), noted("deleted", "2", 5))
    before = shop.state_hash()
    shop.rebuild(AT)
    assert (state_of("1"), shop.state_hash()) == (("deleted", 0, 0), before)


def test_a_note_that_takes_a_negative_amount_is_parked_and_changes_nothing() -> None:
    take_in(order_fact("1", identifiers=ANN, updated=1))
    before = shop.state_hash()
    take_in(noted("refunded", "1", 3, amount_minor=-5))
    assert shop.state_hash() == before
    assert "positive amount" in ParkedFact.objects.get().reason
