"""Products as catalogues tell them: the best version counts, history stays, and costs move margins."""

from itertools import islice, permutations
from typing import Any

import pytest

from kembali.collect import api as collect
from kembali.collect.payloads import ProductVariant
from kembali.infra.database import raw_cursor
from kembali.kernel.ids import ProductId
from kembali.shop import api as shop
from kembali.shop.models import Order, OrderLine, Product
from tests.makers.commerce import product_fact
from tests.makers.emptying import empty_shop
from tests.makers.orders import DAY, START, order_fact

AT = START + 2000 * DAY
ANN = {"customer_ref": "ann"}
RED = ProductVariant(variant_ref="11", sku="MUG", title="Red", price_minor=1200, compare_at_minor=1500, stock=4)
BLUE = ProductVariant(variant_ref="12", sku="MUG-B", title="Blue", price_minor=1300)
BARE = ProductVariant(variant_ref="13", title="Plain", price_minor=900)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _shop() -> None:
    shop.set_up_shop(name="Lantern & Co", currency="GBP", time_zone="Europe/London")


def take_in(*facts: collect.NewFact) -> None:
    collect.append_facts(facts, at=AT)
    while collect.run_consumer(shop.PROJECTION, at=AT):
        pass


def product(sku_key: str) -> shop.ProductFound:
    return shop.product_of(ProductId(Product.objects.get(sku_key=sku_key).pk))


def same_in_any_order(*facts: collect.NewFact) -> None:
    hashes = set()
    for arrival in islice(permutations(facts), 0, None, 5):  # every fifth: `tests/faults` has thousands
        empty_shop()
        for fact in arrival:
            take_in(fact)
        hashes.add(shop.state_hash())
    assert len(hashes) == 1


def test_a_catalogue_tells_of_each_variant_and_lines_keep_pointing_at_the_same_product() -> None:
    take_in(order_fact("1", [("mug", 1, 1000)], identifiers=ANN))
    sold = OrderLine.objects.get().product_id
    take_in(
        product_fact("7", [RED, BLUE, BARE], updated=5, title="Enamel mug", brand="Lantern", categories=["Kitchen"])
    )
    assert Product.objects.get(sku_key="mug").pk == sold
    found = product("mug")
    assert (found.title, found.variant_title, found.brand, found.categories) == (
        "Enamel mug", "Red", "Lantern", ("Kitchen",),
    )  # fmt: skip
    assert (found.price_minor, found.compare_at_minor, found.stock, found.status) == (1200, 1500, 4, "active")
    assert (product("mug-b").price_minor, product("test/13").price_minor) == (1300, 900)


def test_a_line_without_a_sku_is_its_platforms_variant() -> None:
    fact = order_fact("1", identifiers=ANN)
    assert isinstance(fact.payload, dict)
    fact.payload["lines"] = [["", "Mug, plain", 1, "9.00", 900, {"variant_ref": "13"}]]
    take_in(fact, product_fact("7", [BARE], updated=5))
    assert OrderLine.objects.get().product_id == product("test/13").product_id


def test_older_versions_and_old_exports_change_nothing() -> None:
    newest = product_fact("7", [RED], updated=5, title="New")
    older = product_fact("7", [RED], updated=4, title="Older")
    export = product_fact("7", [RED], seen=900, title="Export")
    take_in(newest)
    before = shop.state_hash()
    take_in(older, export)
    assert (product("mug").title, shop.state_hash()) == ("New", before)
    same_in_any_order(newest, older, export)


def test_a_deletion_keeps_what_was_known_and_a_removed_variant_says_so() -> None:
    whole = product_fact("7", [RED, BLUE], updated=3, title="Enamel mug")
    fewer = product_fact("7", [RED], updated=4, title="Enamel mug")
    gone = product_fact("7", [], seen=6, title="", status="deleted")
    late = product_fact("7", [RED], updated=5, title="Late")
    take_in(whole, fewer)
    assert (product("mug").status, product("mug-b").status, product("mug-b").title) == (
        "active",
        "removed",
        "Enamel mug",
    )
    take_in(gone, late)
    assert (product("mug").status, product("mug").title) == ("deleted", "Late")
    same_in_any_order(whole, fewer, gone, late)


def test_a_cost_the_catalogue_tells_moves_margins_and_the_owners_word_beats_it() -> None:
    take_in(order_fact("1", [("MUG", 2, 1000)], identifiers=ANN))
    assert Order.objects.get().margin_minor == 800
    cost = ProductVariant(variant_ref="11", sku="MUG", unit_cost_minor=300)
    take_in(product_fact("7", [cost], updated=5))
    assert (Order.objects.get().margin_minor, Order.objects.get().margin_assumed) == (1400, False)
    take_in(product_fact("7", [RED], updated=6))  # a version that tells no cost takes none back
    assert Order.objects.get().margin_minor == 1400
    shop.set_product_costs({"mug": 500})
    take_in(product_fact("7", [ProductVariant(variant_ref="11", sku="MUG", unit_cost_minor=100)], updated=9))
    assert Order.objects.get().margin_minor == 1000
    shop.set_product_costs({"MUG": None})
    assert Order.objects.get().margin_minor == 1800


def test_rebuild_ends_in_the_same_catalogue() -> None:
    take_in(
        order_fact("1", [("MUG", 2, 1000)], identifiers=ANN),
        product_fact("7", [ProductVariant(variant_ref="11", sku="MUG", unit_cost_minor=300), BARE], updated=5),
        product_fact("8", [BLUE], updated=5),
        product_fact("8", [], seen=6, title="", status="deleted"),
    )
    shop.set_product_costs({"TEA": 5})
    before, ids = shop.state_hash(), set(Product.objects.values_list("id", "sku_key"))
    shop.rebuild(AT)
    assert (shop.state_hash(), set(Product.objects.values_list("id", "sku_key"))) == (before, ids)


def test_products_are_found_by_the_beginning_of_title_or_sku_page_by_page() -> None:
    take_in(
        order_fact("1", [("TEA", 1, 500)], identifiers=ANN),
        product_fact("7", [RED, BLUE, BARE], updated=5, title="Enamel 100% mug"),
    )
    assert [one.sku for one in shop.search_products("enamel 100%").products] == ["MUG", "MUG-B", ""]
    assert [one.sku for one in shop.search_products("mug-").products] == ["MUG-B"]
    assert [one.title for one in shop.search_products("te").products] == ["Tea"]
    first = shop.list_products(limit=3)
    rest = shop.list_products(limit=3, after=first.after)
    assert (len(first.products), len(rest.products), rest.after) == (3, 1, None)
    assert [one.sku for one in shop.list_products(updated_since=START + 6 * DAY).products] == []
    with pytest.raises(shop.ProductNotFound):
        shop.product_of(ProductId(999_999))


def test_the_lake_learns_what_products_are_and_what_changed_since() -> None:
    table = next(one for one in shop.LAKE_TABLES if one.name == "products")

    def rows(since: int) -> list[tuple[Any, ...]]:
        with raw_cursor() as cursor:
            cursor.execute(table.select.replace(":since", str(since)))
            assert [column.name for column in cursor.description or ()] == [*table.columns, "is_live", "row_xid"]
            return cursor.fetchall()

    take_in(product_fact("7", [RED], updated=5, brand="Lantern", categories=["Kitchen", "Gifts"]))
    ((product_id, brand, category, price_minor, cost_minor, status, is_live, xid),) = rows(0)
    assert (brand, category, price_minor, cost_minor, status, is_live) == (
        "Lantern", "Kitchen", 1200, None, "active", True,
    )  # fmt: skip
    take_in(product_fact("7", [], seen=6, title="", status="deleted"))
    ((again, *_, status, _, _),) = rows(xid + 1)
    assert (again, status) == (product_id, "deleted")
