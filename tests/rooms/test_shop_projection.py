"""Facts become orders, customers and products, and any order of the facts ends in the same state."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kembali.collect import api as collect
from kembali.collect.contracts import Fact
from kembali.collect.models import Fact as FactRow
from kembali.infra.database import raw_cursor
from kembali.shop import api as shop
from kembali.shop.models import Order, OrderLine, Product, Refund
from tests.makers.emptying import empty_shop
from tests.makers.orders import DAY, START, order_fact

AT = START + 2000 * DAY
ANN = {"customer_ref": "ann"}
BOB = {"customer_ref": "bob", "email": "bob@example.com"}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _shop() -> None:
    shop.set_up_shop(name="Lantern & Co", currency="GBP", time_zone="Europe/London")


def take_in(*facts: collect.NewFact) -> None:
    collect.append_facts(facts, at=AT)
    while collect.run_consumer(shop.PROJECTION, at=AT):
        pass


def net_of(order_ref: str) -> tuple[int | None, int | None]:
    order = Order.objects.get(order_ref=order_ref)
    return order.net_minor, order.margin_minor


def test_an_order_becomes_a_purchase_with_its_lines_product_and_assumed_margin() -> None:
    take_in(order_fact("1", [("MUG", 2, 250), ("TEA", 1, 500)], identifiers=ANN))
    order = Order.objects.get()
    assert (order.gross_minor, order.net_minor, order.margin_minor, order.margin_assumed) == (1000, 1000, 400, True)
    assert list(OrderLine.objects.order_by("position").values_list("quantity", "total_minor")) == [(2, 500), (1, 500)]
    assert set(Product.objects.values_list("sku", "title")) == {("MUG", "Mug"), ("TEA", "Tea")}
    assert shop.profile_of(shop.find_customers([ANN])[0] or 0).order_count == 1  # type: ignore[arg-type]


def test_an_order_late_in_the_evening_belongs_to_the_shops_own_day() -> None:
    take_in(order_fact("1", identifiers=ANN, day=180 + 14.5 / 24))  # 23:30 UTC in August is past midnight in London
    assert Order.objects.get().placed_on == (START + 181 * DAY).date()


def test_a_later_version_replaces_the_order_and_an_older_one_changes_nothing() -> None:
    newer = order_fact("1", [("MUG", 3, 1000)], identifiers=ANN, seen=2)
    take_in(order_fact("1", [("MUG", 1, 1000), ("TEA", 1, 500)], identifiers=ANN, seen=1))
    take_in(newer)
    take_in(order_fact("1", [("TEA", 9, 500)], identifiers=ANN, seen=0))
    assert net_of("1") == (3000, 1200)
    assert OrderLine.objects.get().quantity == 3


def test_the_platforms_own_instant_beats_the_time_of_looking() -> None:
    take_in(order_fact("1", [("MUG", 3, 1000)], identifiers=ANN, updated=1500, seen=0))
    take_in(order_fact("1", [("MUG", 1, 1000)], identifiers=ANN, updated=1400, seen=9))
    assert net_of("1")[0] == 3000


def test_a_cancellation_unwinds_its_customers_earlier_order_of_the_product() -> None:
    take_in(
        order_fact("1", [("MUG", 5, 100), ("TEA", 1, 700)], identifiers=ANN, day=1),
        order_fact("2", [("MUG", 5, 100)], identifiers=BOB, day=1),
        order_fact("C3", [("MUG", -5, 100)], identifiers=ANN, day=2, kind="cancellation"),
    )
    assert (net_of("1")[0], net_of("2")[0], net_of("C3")[0]) == (700, 500, 0)
    refund = Refund.objects.get()
    assert (refund.order.order_ref, refund.order_position, refund.quantity, refund.amount_minor) == ("1", 1, 5, 500)


def test_a_cancellation_that_finds_nothing_is_kept_and_counted_and_no_order_goes_below_zero() -> None:
    take_in(
        order_fact("1", [("MUG", 1, 100)], identifiers=ANN, day=1),
        order_fact("C2", [("MUG", -3, 100)], identifiers=ANN, day=2, kind="cancellation"),
        order_fact("C3", [("MUG", -1, 100)], day=2, kind="cancellation"),
    )
    assert net_of("1") == (0, 0)
    assert shop.unmatched_cancellations() == shop.Unmatched(line_count=2, amount_minor=300)


def test_own_refunds_and_states_reduce_what_is_left() -> None:
    take_in(
        order_fact("1", [("MUG", 1, 1000)], identifiers=ANN, refunded_minor=250),
        order_fact("2", [("MUG", 1, 1000)], identifiers=ANN, status="cancelled"),
        order_fact("3", [("MUG", 1, 1000)], identifiers=ANN, currency="USD"),
    )
    assert (net_of("1"), net_of("2"), net_of("3")) == ((750, 300), (0, 0), (None, None))


def test_known_costs_replace_the_assumed_margin() -> None:
    take_in(order_fact("1", [("MUG", 2, 500), ("TEA", 1, 1000)], identifiers=ANN, shipping_minor=300))
    assert net_of("1") == (2300, 800)  # 40 % of the goods; shipping earns nothing
    shop.set_product_costs({"mug": 100})
    order = Order.objects.get()
    assert (order.margin_minor, order.margin_assumed) == (800 + 400, True)  # 800 on the mugs, 40 % on the tea
    shop.set_product_costs({"TEA": 1500})
    order.refresh_from_db()
    assert (order.margin_minor, order.margin_assumed) == (300, False)


def test_rebuild_ends_in_the_same_state_and_keeps_every_id() -> None:
    take_in(*SCENE)
    before, orders = shop.state_hash(), set(Order.objects.values_list("id", "order_ref"))
    customers = shop.find_customers([ANN, BOB])
    with raw_cursor() as cursor:  # what a bug may have left behind
        cursor.execute("UPDATE shop_order SET net_minor = 1, gross_minor = 7")
        cursor.execute("UPDATE shop_order_line SET quantity = 77 WHERE position = 1")
        cursor.execute("UPDATE shop_person SET email = 'wrong@example.com'")
    assert shop.state_hash() != before
    shop.rebuild(AT)
    assert shop.state_hash() == before
    assert set(Order.objects.values_list("id", "order_ref")) == orders
    assert shop.find_customers([ANN, BOB]) == customers


def test_rebuild_removes_an_order_that_is_not_in_the_log() -> None:
    take_in(*SCENE)
    before = shop.state_hash()
    FactRow.objects.filter(message_id__startswith="C5:").delete()
    shop.rebuild(AT)
    assert not Order.objects.filter(order_ref="C5").exists()
    assert net_of("1")[0] == 600
    assert shop.state_hash() != before


SCENE: tuple[collect.NewFact, ...] = (
    order_fact(
        "1", [("MUG", 3, 100), ("TEA", 2, 300)], identifiers=ANN, day=1, customer={"country": "UK", "city": "York"}
    ),
    order_fact("1", [("MUG", 3, 100), ("TEA", 1, 300)], identifiers=ANN, day=1, seen=1),
    order_fact("2", [("mug", 2, 100)], identifiers=BOB, day=2, customer={"first_name": "Bob", "last_name": "Bear"}),
    order_fact("3", [("MUG", 2, 100)], identifiers={"email": "Bob@example.com"}, day=3, customer={"country": "DE"}),
    order_fact("4", [("MUG", 4, 90)], identifiers={"phone": "07911123456"}, day=4, customer={"first_name": "Robert"}),
    order_fact("C5", [("MUG", -3, 100)], identifiers=ANN, day=5, kind="cancellation"),
    order_fact("C6", [("MUG", -2, 100)], identifiers={"customer_ref": "bob"}, day=6, kind="cancellation"),
    order_fact("7", [("TEA", 2, 300)], identifiers={"email": "bob@example.com", "phone": "07911123456"}, day=7),
    order_fact("7", [("TEA", 2, 300)], identifiers=ANN, day=7, seen=1),  # the order turned out to be somebody else's
    order_fact("C8", [("MUG", -4, 90)], identifiers={"phone": "07911123456"}, day=8, kind="cancellation"),
    collect.NewFact(
        source="test",
        message_id="profile",
        kind="customer.profile",
        occurred_at=START + 5 * DAY,
        payload={"email": "robert@example.com", "country": "FR", "city": "Lyon"},
        identifiers=BOB,
    ),
)


def as_facts(facts: Sequence[collect.NewFact]) -> list[Fact]:
    """Facts as the log gives them, without their way through it: only what was folded may decide."""
    collect.append_facts(SCENE, at=AT)
    stored = {fact.message_id: fact for fact in _stored()}
    return [stored[fact.message_id] for fact in facts]


def _stored() -> list[Fact]:
    found: list[Fact] = []
    reader = collect.Consumer("reader", shop.PROJECTION.kinds, lambda facts, at: found.extend(facts))
    collect.rewind_consumer(reader)
    while collect.run_consumer(reader, at=AT):
        pass
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(range(len(SCENE))),
    repeated=st.lists(st.integers(0, len(SCENE) - 1), max_size=4),
    cuts=st.sets(st.integers(1, len(SCENE) + 3), max_size=5),
)
def test_any_order_repetition_and_splitting_of_the_facts_ends_in_the_same_state(
    order: list[int], repeated: list[int], cuts: set[int]
) -> None:
    expected = _hash_of([SCENE], pause=timedelta(0))
    sequence = [SCENE[place] for place in (*order, *repeated)]
    edges = [0, *sorted(cuts), len(sequence)]
    parts = [sequence[start:end] for start, end in pairwise(edges) if sequence[start:end]]
    assert _hash_of(parts, pause=timedelta(hours=1)) == expected


def _hash_of(parts: Sequence[Sequence[collect.NewFact]], *, pause: timedelta) -> str:
    empty_shop()
    for number, part in enumerate(parts):
        shop.PROJECTION.handle(as_facts(part), AT + number * pause)
    return shop.state_hash()


def test_words_longer_than_an_index_takes_stop_nobody() -> None:
    """Anybody can type a name of thousands of letters at a checkout."""
    noise = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(6000))  # cannot be packed small
    long = order_fact(
        "A1",
        ((noise, 1, 1000),),
        identifiers={"email": "ann@example.com"},
        customer={"first_name": noise, "last_name": noise, "email": "ann@example.com", "city": noise},
    )
    collect.append_facts([long, order_fact("A2", identifiers={"email": "bob@example.com"})], at=START)
    while collect.run_consumer(shop.PROJECTION, at=START):
        pass
    assert collect.count_parked() == 0
    (ann,) = shop.search_people(noise[:50], limit=2).people
    assert (ann.email, ann.order_count, len(ann.name)) == ("ann@example.com", 1, 401)
