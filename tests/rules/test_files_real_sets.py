"""The exports of real shops: what a dry run says of them is what a plain count of their rows says."""

import csv
import gzip
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kembali.collect.files.contracts import DryRun, Known
from kembali.collect.files.reading import inspect, read_file
from kembali.collect.files.sets import find_set
from kembali.collect.files.sets.joining import join_set
from tests.makers.realdata import real_data

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def read(path: Path, work_dir: Path, *, currency: str, time_zone: str) -> tuple[DryRun, list[Known]]:
    with read_file(path, currency=currency, time_zone=time_zone, observed_at=AT, work_dir=work_dir) as file:
        facts = [one for batch in file.facts() for one in batch]
        summary = file.summary
    assert summary.lines == summary.accepted + summary.rejected
    assert summary.accepted == sum(one.line_count for one in facts)
    return summary, facts


def plain_rows(path: Path) -> list[dict[str, str]]:
    """Return the file's records as the standard library reads them."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def payload(fact: Known) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(fact.payload)
    return found


@pytest.mark.parametrize(
    ("name", "rows", "products", "variants"),
    [("apparel", 22, 20, 22), ("home-and-garden", 21, 20, 21), ("jewelery", 41, 20, 23)],
)
def test_shopifys_products_hold_their_variants(
    tmp_path: Path, name: str, rows: int, products: int, variants: int
) -> None:
    path = real_data(f"shopify_product_csvs/{name}.csv")
    summary, facts = read(path, tmp_path, currency="USD", time_zone="UTC")
    plain = plain_rows(path)
    assert (len(plain), len({row["Handle"] for row in plain})) == (rows, products)
    assert sum(bool(row["Variant Price"]) for row in plain) == variants
    assert (summary.kind, summary.lines, summary.rejected) == ("products", rows, 0)
    assert summary.facts == {"product.version": products}
    said = [payload(fact) for fact in facts]
    assert sum(len(one["variants"]) for one in said) == variants
    prices = Counter(variant["price_minor"] for one in said for variant in one["variants"])
    assert prices == Counter(int(Decimal(row["Variant Price"]) * 100) for row in plain if row["Variant Price"])
    assert [one["title"] for one in said] == [row["Title"] for row in plain if row["Title"]]


def test_woocommerces_variations_belong_to_their_product(tmp_path: Path) -> None:
    path = real_data("woocommerce_product_csv/sample_products_excerpt.csv")
    summary, facts = read(path, tmp_path, currency="USD", time_zone="UTC")
    assert (summary.lines, summary.rejected, summary.facts) == (3, 0, {"product.version": 2})
    shirt, beanie = (payload(fact) for fact in facts)
    assert (shirt["product_ref"], shirt["categories"]) == ("44", ["Clothing > Tshirts"])
    assert shirt["variants"] == [
        {
            "variant_ref": "77",
            "sku": "woo-vneck-tee-green",
            "title": "V-Neck T-Shirt - Green",
            "price_minor": 2000,
        }
    ]
    assert beanie["variants"] == [
        {"variant_ref": "48", "sku": "woo-beanie", "price_minor": 1800, "compare_at_minor": 2000}
    ]


def test_rees46s_events_come_out_to_the_last_one(tmp_path: Path) -> None:
    path = real_data("rees46_multicategory_fragment/2019-10-01_0000-0250.csv.gz")
    summary, facts = read(path, tmp_path, currency="USD", time_zone="UTC")
    plain = plain_rows(path)
    distinct = {tuple(row.values()) for row in plain}
    assert (len(plain), len(distinct)) == (17_434, 17_429)
    assert (summary.lines, summary.rejected, summary.exact_duplicates) == (17_434, 0, 5)
    assert summary.facts == {"tracking.track": 17_429}
    assert summary.customers == len({row["user_id"] for row in plain}) == 4_504
    names = Counter(payload(fact)["event"] for fact in facts)
    kinds = Counter(row[1] for row in distinct)
    assert names == {
        "Product Viewed": kinds["view"],
        "Product Added": kinds["cart"],
        "Product Purchased": kinds["purchase"],
    }
    assert (summary.first_placed_at, summary.last_placed_at) == (
        datetime(2019, 10, 1, tzinfo=UTC),
        datetime(2019, 10, 1, 2, 50, tzinfo=UTC),
    )


def test_taobaos_behaviour_comes_out_to_the_last_row(tmp_path: Path) -> None:
    path = real_data("taobao_events/taobao_userbehavior_dev.csv.gz")
    summary, facts = read(path, tmp_path, currency="CNY", time_zone="Asia/Shanghai")
    plain = plain_rows(path)
    assert (summary.lines, summary.rejected, summary.customers) == (41_080, 0, 407)
    assert (len(plain), len({row["user_id"] for row in plain})) == (41_080, 407)
    kinds = Counter(row["behavior"] for row in plain)
    assert kinds == {"pv": 36_939, "cart": 2_267, "fav": 1_001, "buy": 873}
    assert Counter(payload(fact)["event"] for fact in facts) == {
        "Product Viewed": 36_939,
        "Product Added": 2_267,
        "Product Added to Wishlist": 1_001,
        "Product Purchased": 873,
    }
    assert facts[0].occurred_at == datetime.fromtimestamp(int(plain[0]["ts"]), UTC)


def test_complete_journeys_baskets_are_sales_of_a_till(tmp_path: Path) -> None:
    path = real_data("completejourney/transactions_sample.csv.gz")
    summary, _ = read(path, tmp_path, currency="USD", time_zone="America/New_York")
    plain = plain_rows(path)
    cents = sum((Decimal(row["sales_value"]) * 100).to_integral_value() for row in plain)
    assert (summary.format, summary.lines, summary.rejected) == ("till_sales", len(plain), 0)
    assert summary.orders == len({(row["store_id"], row["basket_id"]) for row in plain}) == 23_265
    assert summary.customers == len({row["household_id"] for row in plain}) == 1_189
    assert summary.revenue_minor == cents == 11_560_749


def tables_of(folder: Path) -> tuple[Mapping[str, Path], Mapping[str, list[dict[str, str]]]]:
    found = find_set({path: inspect(path).columns for path in sorted(folder.iterdir())})
    assert found is not None
    assert found[0].name == "olist"
    return found[1], {name: plain_rows(path) for name, path in found[1].items()}


@pytest.mark.parametrize(
    ("name", "orders", "lines", "without_lines", "late", "delivered"),
    [("olist_9tables", 2_000, 2_284, 21, 151, 1_930), ("olist_10k_orders", 9_885, 11_379, 0, 761, 9_884)],
)
def test_olists_tables_are_one_import(
    tmp_path: Path, name: str, orders: int, lines: int, without_lines: int, late: int, delivered: int
) -> None:
    paths, plain = tables_of(real_data(name))
    found = find_set({path: inspect(path).columns for path in paths.values()})
    assert found is not None
    files, accounts = join_set(*found, tmp_path)
    assert {one.table: one.rows for one in accounts} == {table: len(rows) for table, rows in plain.items()}
    by_name = {path.name: read(path, tmp_path, currency="BRL", time_zone="America/Sao_Paulo") for path in files}

    summary, facts = by_name["olist_orders.csv"]
    with_lines = {row["order_id"] for row in plain["items"]}
    assert len({row["order_id"] for row in plain["orders"]} - with_lines) == without_lines
    assert (summary.lines, summary.rejected) == (len(plain["items"]) + without_lines, 0)
    assert (summary.lines, summary.orders) == (lines, orders)
    people = {row["customer_id"]: row["customer_unique_id"] for row in plain["customers"]}
    assert summary.customers == len({people[row["customer_id"]] for row in plain["orders"]})
    paid = sum((Decimal(row["payment_value"]) for row in plain["payments"]), Decimal(0))
    no_payment = {row["order_id"] for row in plain["orders"]} - {row["order_id"] for row in plain["payments"]}
    unpaid = [row for row in plain["items"] if row["order_id"] in no_payment]
    charged = paid + sum(Decimal(row["price"]) + Decimal(row["freight_value"]) for row in unpaid)
    assert sum(payload(fact)["totals"]["total_minor"] for fact in facts) == int(charged * 100)
    assert sum(len(payload(fact)["lines"]) for fact in facts) == len(plain["items"])
    goods = sum(Decimal(row["price"]) for row in plain["items"])
    assert sum(line[4] for fact in facts for line in payload(fact)["lines"]) == int(goods * 100)
    _check_shipments(*by_name["olist_shipments.csv"], late=late, delivered=delivered)
    if "reviews" in plain:
        _check_reviews(*by_name["olist_reviews.csv"], plain["reviews"])
        _check_products(*by_name["olist_products.csv"], plain["products"])


def _check_shipments(summary: DryRun, facts: Sequence[Known], *, late: int, delivered: int) -> None:
    said = [payload(fact) for fact in facts]
    arrived = [one for one in said if one.get("delivered_at")]
    assert (summary.rejected, summary.facts["shipment.version"]) == (0, len(said))
    assert (len(arrived), sum(one["delivered_at"] > one["promised_at"] for one in arrived)) == (delivered, late)


def _check_reviews(summary: DryRun, facts: Sequence[Known], plain: Sequence[Mapping[str, str]]) -> None:
    assert (summary.lines, summary.rejected) == (len(plain), 0)
    stars = Counter(payload(fact)["rating"] for fact in facts)
    assert stars == Counter(int(row["review_score"]) for row in plain)


def _check_products(summary: DryRun, facts: Sequence[Known], plain: Sequence[Mapping[str, str]]) -> None:
    assert (summary.lines, summary.rejected, len(facts)) == (len(plain), 0, len(plain))
    assert {payload(fact)["variants"][0]["sku"] for fact in facts} == {row["product_id"] for row in plain}
