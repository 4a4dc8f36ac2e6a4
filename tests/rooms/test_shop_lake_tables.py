"""What the shop gives to the lake: purchases as defined, roots after merges, and everything that changed since."""

from datetime import UTC, datetime

import pytest

from kembali.collect import api as collect
from kembali.infra.database import raw_cursor
from kembali.shop import api as shop
from kembali.shop.models import Order, Product
from tests.makers.orders import DAY, START, order_fact

AT = datetime(2032, 1, 1, tzinfo=UTC)
ANN = {"customer_ref": "ann"}
BOB = {"email": "bob@example.com"}
TABLES = {table.name: table for table in shop.LAKE_TABLES}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _shop() -> None:
    shop.set_up_shop(name="Lantern & Co", currency="GBP", time_zone="Europe/London")


def take_in(*facts: collect.NewFact) -> int:
    """Fold the facts; return the transaction from which on their traces can be asked for."""
    with raw_cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        since = int(cursor.fetchall()[0][0])
    collect.append_facts(facts, at=AT)
    while collect.run_consumer(shop.PROJECTION, at=AT):
        pass
    return since


def rows_of(name: str, since: int = 0) -> list[dict[str, object]]:
    table = TABLES[name]
    with raw_cursor() as cursor:
        cursor.execute(table.select.replace(":since", str(since)))
        names = [column.name for column in cursor.description or ()]
        assert names == [*table.columns, "is_live", "row_xid"]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def live_refs(since: int = 0) -> set[str]:
    refs: dict[object, str] = dict(Order.objects.values_list("id", "order_ref"))
    return {refs[row["order_id"]] for row in rows_of("purchases", since) if row["is_live"]}


def test_only_paid_orders_of_known_customers_with_something_left_are_purchases() -> None:
    take_in(
        order_fact("1", identifiers=ANN),
        order_fact("2", identifiers=ANN, status="pending"),
        order_fact("3", identifiers={}),
        order_fact("4", identifiers=ANN, kind="adjustment"),
        order_fact("5", [("TEA", 1, 500)], identifiers=BOB, day=1),
        order_fact("C6", [("TEA", -1, 500)], identifiers=BOB, day=2, kind="cancellation"),
        order_fact("7", identifiers=ANN, currency="USD"),
    )
    assert live_refs() == {"1"}


def test_what_changed_since_is_told_with_what_is_no_purchase_any_more() -> None:
    take_in(order_fact("1", [("MUG", 1, 900)], identifiers=ANN, day=1), order_fact("2", identifiers=BOB, day=1))
    since = take_in(order_fact("C3", [("MUG", -1, 900)], identifiers=ANN, day=2, kind="cancellation"))
    changed = {row["order_id"]: row["is_live"] for row in rows_of("purchases", since)}
    refs = dict(Order.objects.values_list("order_ref", "id"))
    assert changed == {refs["1"]: False, refs["C3"]: False}
    assert {row["is_live"] for row in rows_of("purchase_lines", since)} == {False}


def test_lines_are_what_was_kept() -> None:
    take_in(
        order_fact("1", [("MUG", 5, 100), ("TEA", 2, 300)], identifiers=ANN, day=1),
        order_fact("C2", [("MUG", -2, 100)], identifiers=ANN, day=2, kind="cancellation"),
    )
    products: dict[object, str] = dict(Product.objects.values_list("id", "sku"))
    live = [row for row in rows_of("purchase_lines") if row["is_live"]]
    kept = [(products[row["product_id"]], row["quantity"], row["total_minor"]) for row in live]
    assert sorted(kept) == [("MUG", 3, 300), ("TEA", 2, 600)]


def test_a_merge_moves_customers_and_their_purchases_to_the_root() -> None:
    take_in(
        order_fact("1", identifiers=ANN, day=3, customer={"country": "UK"}),
        order_fact("2", identifiers=BOB, day=1, customer={"country": "FR"}),
    )
    ann, bob = shop.find_customers([ANN, BOB])
    since = take_in(order_fact("3", identifiers={**ANN, **BOB}, day=4))
    root, merged = sorted(one for one in (ann, bob) if one is not None)
    assert {row["customer_id"] for row in rows_of("purchases", since)} == {root}
    assert {row["customer_id"]: row["is_live"] for row in rows_of("customers", since)} == {root: True, merged: False}
    (alive,) = [row for row in rows_of("customers") if row["is_live"]]
    assert alive["country"] == "UK"
    assert alive["first_seen_at"] == order_fact("2", day=1).occurred_at


def test_taking_somebody_out_tells_the_lake_about_who_left_and_who_stayed() -> None:
    take_in(
        order_fact("1", identifiers={"customer_ref": "9"}, day=5),
        order_fact("2", identifiers={"email": "nine@example.com"}, day=1),
        order_fact("3", identifiers={"customer_ref": "9", "email": "nine@example.com"}, day=6),
    )
    nine, mail = shop.find_customers([{"customer_ref": "9"}, {"email": "nine@example.com"}])
    assert nine is not None
    assert mail is not None
    since = take_in()
    shop.unmerge(mail, at=AT)
    seen = {row["customer_id"]: row["first_seen_at"] for row in rows_of("customers", since) if row["is_live"]}
    assert seen == {nine: START + 5 * DAY, mail: START + 1 * DAY}  # the earliest sight was the other one's


def test_a_customer_seen_again_in_the_same_place_is_not_copied_again() -> None:
    take_in(order_fact("1", identifiers=ANN, day=1, customer={"country": "UK"}))
    since = take_in(order_fact("2", identifiers=ANN, day=2, customer={"country": "UK"}))
    assert rows_of("customers", since) == []
    since = take_in(order_fact("3", identifiers=ANN, day=3, customer={"country": "FR"}))
    assert [row["country"] for row in rows_of("customers", since)] == ["FR"]


@pytest.mark.parametrize("countries", [("UK", "FR"), ("FR", "UK")])
def test_of_merged_customers_the_place_seen_last_counts_although_neither_moved(countries: tuple[str, str]) -> None:
    seen = [
        order_fact(str(day), identifiers=who, day=day, customer={"country": country})
        for day, who, country in [(1, ANN, countries[0]), (2, BOB, countries[1])]
    ]
    for fact in seen:
        take_in(fact)
    take_in(order_fact("3", identifiers={**ANN, **BOB}, day=3))
    for day, who, country in [(4, BOB, countries[1]), (5, ANN, countries[0]), (6, BOB, countries[1])]:
        since = take_in(order_fact(str(day), identifiers=who, day=day, customer={"country": country}))
        assert [row["country"] for row in rows_of("customers", since) if row["is_live"]] == [country]


def test_no_personal_data_goes_to_the_lake() -> None:
    columns = {column for table in shop.LAKE_TABLES for column in table.columns}
    assert not columns & {"email", "phone", "first_name", "last_name", "value", "order_ref"}
