"""The shop's order file and its facts tell the same orders as the arrays."""

import csv
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kembali.twin.api import (
    PRODUCTS,
    TIME_ZONE,
    Shop,
    ShopPlan,
    caused_purchases,
    open_shop,
    order_facts,
    product_costs,
    write_costs_csv,
    write_orders_csv,
)
from kembali.twin.shop_file import ORDER_COLUMNS

PLAN = ShopPlan(customer_count=300, opens_on=date(2023, 1, 1), day_count=800, history_day_count=700)


@pytest.fixture(scope="module")
def shop() -> Shop:
    return open_shop(PLAN, 3)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_order_file_parses_back_to_the_same_totals(shop: Shop, tmp_path: Path) -> None:
    totals = write_orders_csv(shop, tmp_path / "orders.csv")
    rows = read(tmp_path / "orders.csv")
    history = shop.purchases.between(int(PLAN.opens_at.timestamp()), int(PLAN.launched_at.timestamp()))
    assert tuple(rows[0]) == ORDER_COLUMNS
    assert totals.line_count == len(rows)
    assert totals.order_count == len({row["order_id"] for row in rows}) == len(history)
    assert totals.customer_count == len({row["customer_id"] for row in rows})
    assert totals.net_minor == int(history.net_minor.sum())
    assert sum(Decimal(row["unit_price"]) * int(row["quantity"]) for row in rows) * 100 == totals.net_minor


def test_local_times_of_the_file_are_the_instants_of_the_arrays(shop: Shop, tmp_path: Path) -> None:
    write_orders_csv(shop, tmp_path / "orders.csv")
    placed = {}
    for row in read(tmp_path / "orders.csv"):
        local = datetime.strptime(row["created_at"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZoneInfo(TIME_ZONE))
        placed[row["order_id"]] = int(local.timestamp())
    history = shop.purchases.between(int(PLAN.opens_at.timestamp()), int(PLAN.launched_at.timestamp()))
    assert sorted(placed.values()) == sorted(history.placed_at_s.tolist())


def test_the_file_ends_where_it_is_told_to(shop: Shop, tmp_path: Path) -> None:
    before = datetime(2024, 1, 1, tzinfo=UTC)
    totals = write_orders_csv(shop, tmp_path / "orders.csv", before=before)
    assert totals.order_count == (shop.purchases.placed_at_s < before.timestamp()).sum()


def test_no_order_names_a_product_twice(shop: Shop, tmp_path: Path) -> None:
    write_orders_csv(shop, tmp_path / "orders.csv")
    skus = defaultdict(list)
    for row in read(tmp_path / "orders.csv"):
        skus[row["order_id"]].append(row["sku"])
    assert all(len(set(each)) == len(each) for each in skus.values())


def test_costs_of_all_products_are_below_their_prices(tmp_path: Path) -> None:
    write_costs_csv(tmp_path / "costs.csv")
    rows = read(tmp_path / "costs.csv")
    assert [row["sku"] for row in rows] == [cost.sku for cost in product_costs()]
    assert [Decimal(row["unit_cost"]) * 100 for row in rows] == [cost.unit_cost_minor for cost in product_costs()]
    assert all(0 < product.unit_cost_minor < product.price_minor for product in PRODUCTS)
    assert len({product.sku for product in PRODUCTS}) == len(PRODUCTS)


def test_facts_carry_the_value_and_margin_of_the_arrays(shop: Shop) -> None:
    live = shop.purchases.between(int(PLAN.launched_at.timestamp()), int(PLAN.closes_at.timestamp()))
    facts = order_facts(shop, live)
    cost = {each.sku: each.unit_cost_minor for each in product_costs()}
    net = margin = 0
    for fact in facts:
        payload = fact.payload
        lines, totals = payload["lines"], payload["totals"]
        assert isinstance(lines, list)
        assert isinstance(totals, dict)
        assert totals["total_minor"] == sum(total for *_, total in lines)
        assert all(Decimal(price) * pieces * 100 == total for _, _, pieces, price, total in lines)
        net += totals["total_minor"]
        margin += sum(total - cost[sku] * pieces for sku, _, pieces, _, total in lines)
    assert net == int(live.net_minor.sum())
    assert margin == int(live.margin_minor.sum())
    assert [fact.occurred_at for fact in facts] == sorted(fact.occurred_at for fact in facts)


def test_a_fact_is_stable_and_complete(shop: Shop) -> None:
    first, again = order_facts(shop, shop.purchases)[0], order_facts(shop, shop.purchases)[0]
    assert first == again
    assert first.message_id.startswith("100001-1:")
    assert (first.source, first.kind) == ("twin", "order.version")
    assert first.payload["placed_at"] == first.occurred_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert first.payload.keys() == {
        "order_ref", "type", "placed_at", "time_flag", "currency", "status", "observed_at", "updated_at", "totals",
        "customer", "lines", "properties",
    }  # fmt: skip
    assert set(first.identifiers) == {"customer_ref", "email"}


def test_file_and_facts_know_a_person_by_the_same_reference(shop: Shop, tmp_path: Path) -> None:
    write_orders_csv(shop, tmp_path / "orders.csv")
    of_file = {row["customer_id"]: row["email"] for row in read(tmp_path / "orders.csv")}
    of_facts = {
        fact.identifiers["customer_ref"]: fact.identifiers["email"] for fact in order_facts(shop, shop.purchases)
    }
    assert of_file.items() <= of_facts.items()


def test_caused_orders_never_share_a_reference_with_others(shop: Shop) -> None:
    everybody = shop.population.number
    at_s = everybody * 0 + int(PLAN.launched_at.timestamp())
    mails = [caused_purchases(shop, customer=everybody, mailed_at_s=at_s, mail_number=mail) for mail in range(3)]
    refs = [fact.payload["order_ref"] for orders in (shop.purchases, *mails) for fact in order_facts(shop, orders)]
    assert all(len(orders) for orders in mails)
    assert len(set(refs)) == len(refs)
