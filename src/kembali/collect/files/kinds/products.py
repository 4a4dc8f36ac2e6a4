"""Products with their variants, as shops export them: one row per variant or picture, or one row per product."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Literal

from kembali.collect.files.fields import amount, instant, text
from kembali.collect.files.kinds.base import Kind, Row, Said, checked
from kembali.collect.files.words import NO, YES, Unusable, Words, agreed, split_list
from kembali.collect.payloads import ProductVariant, ProductVersion

Status = Literal["active", "draft", "archived", "deleted"]

_STATUSES: dict[str, Status] = {
    **dict.fromkeys((*YES, "active", "published", "publish", "visible", "enabled"), "active"),
    **dict.fromkeys((*NO, "-1", "draft", "hidden", "private", "disabled", "unlisted"), "draft"),
    **dict.fromkeys(("archived", "discontinued"), "archived"),
    **dict.fromkeys(("deleted", "trash"), "deleted"),
}
_OPTIONS = ("option1", "option2", "option3")
# What a program writes as the option of a product that has none.
_NO_OPTION = "default title"
_HOLDS_VARIANTS = {"variable", "grouped", "configurable"}


def _read(rows: Sequence[Row], words: Words) -> Iterator[Said]:
    head = next((row for row in rows if row.text("title") and not row.text("parent_ref")), rows[0])
    title = head.text("title") or head.text("handle") or head.ref("product_ref") or head.ref("sku")
    if not title:
        raise Unusable("no_product")
    handle = head.text("handle")
    # A variant whose product is not in the file still names it.
    of = (head.text("parent_ref") or "").removeprefix("id:")
    product_ref = checked(of or head.ref("product_ref") or handle or head.ref("sku") or title)
    currency = words.currency_of(head.text("currency"))
    updated_at = words.instant(head.text("updated_at"))
    yield Said(
        "product.version",
        f"product/{product_ref}",
        updated_at or words.observed_at,
        {},
        ProductVersion(
            product_ref=product_ref,
            title=title,
            status=_status(head, words),
            currency=currency,
            variants=list(_variants(rows, product_ref, currency, words)),
            handle=handle,
            url=head.text("url"),
            image_url=_first(row.text("image_url") for row in (head, *rows)),
            brand=head.text("brand"),
            categories=split_list(head.text("categories")) or split_list(head.text("category"), between="\0"),
            tags=split_list(head.text("tags")),
            observed_at=words.observed_at,
            updated_at=updated_at,
            properties=_properties(rows),
        ),
    )


def _variants(rows: Sequence[Row], product_ref: str, currency: str, words: Words) -> Iterator[ProductVariant]:
    several = [row for row in rows if row.text("parent_ref")]
    for row in several or rows:
        # A row that goes on with a product and has none of these only adds a picture.
        is_variant = row is rows[0] or any(row.text(name) for name in ("sku", "price", "variant_ref", *_OPTIONS))
        if not is_variant or (len(rows) > 1 and row.word("row_type") in _HOLDS_VARIANTS and several):
            continue
        yield _variant(row, product_ref, currency, words)


def _variant(row: Row, product_ref: str, currency: str, words: Words) -> ProductVariant:
    options = [value for name in _OPTIONS if (value := row.text(name))]
    options = [] if [value.casefold() for value in options] == [_NO_OPTION] else options
    # Without a column of codes the product's number is what order lines name it by; an address is not.
    sku = row.ref("sku") or (row.ref("product_ref") if "sku" not in row.columns else None)
    numbered = row.text("parent_ref") or row.text("row_type")
    own = row.ref("variant_ref") or (row.ref("product_ref") if numbered else None)
    price, regular = (words.minor(row.text(name), currency=currency) for name in ("price", "regular_price"))
    sale = words.minor(row.text("sale_price"), currency=currency)
    compare_at = words.minor(row.text("compare_at"), currency=currency)
    if price is None:
        price, compare_at = (sale, regular) if sale is not None else (regular, compare_at)
    return ProductVariant(
        variant_ref=checked(own or sku or "/".join((product_ref, *options))),
        sku=sku,
        title=" / ".join(options) or (row.text("title") if row.text("parent_ref") else None),
        price_minor=price,
        compare_at_minor=compare_at,
        unit_cost_minor=words.minor(row.text("unit_cost"), currency=currency),
        stock=_stock(row, words),
        barcode=row.ref("barcode"),
        image_url=row.text("variant_image_url"),
    )


def _stock(row: Row, words: Words) -> int | None:
    """Return the pieces in stock; None where the shop does not count them."""
    counted = words.number(row.text("stock"), "bad_quantity")
    return None if counted is None else int(counted.to_integral_value() if counted > 0 else min(counted, Decimal(0)))


def _status(row: Row, words: Words) -> Status:
    said = row.word("status") or row.word("published")
    if said is None:
        return "active"
    status = _STATUSES.get(words.words.get(said, said))
    if status is None:
        raise Unusable("bad_product_status", said)
    return status


def _properties(rows: Sequence[Row]) -> dict[str, object]:
    """Return the columns that have no place of their own: one value where the rows agree, else all."""
    names = dict.fromkeys(name for row in rows for name in row.extras)
    return {name: agreed(row.extras[name] for row in rows if name in row.extras) for name in names}


def _first(texts: Iterator[str | None]) -> str | None:
    """Return the first picture; a cell may name several."""
    return next((text.split(", ")[0] for text in texts if text), None)


PRODUCTS = Kind(
    name="products",
    in_words="products",
    fields=(
        text("product_ref", "product number"),
        text("handle", "name in the shop's addresses"),
        text("parent_ref", "the product that a variant belongs to"),
        text("row_type", "simple, variable, variation"),
        text("title", "product name"),
        text("brand", "brand"),
        text("categories", "categories, with commas"),
        text("category", "one category"),
        text("tags", "tags, with commas"),
        text("status", "active, draft, archived, deleted"),
        text("published", "yes or no"),
        text("url", "page in the shop"),
        text("image_url", "picture"),
        text("variant_ref", "number of the variant"),
        text("sku", "product code"),
        text("option1", "size, colour or whatever tells variants apart"),
        text("option2", "the second of them"),
        text("option3", "the third of them"),
        amount("price", "price"),
        amount("regular_price", "price without a sale"),
        amount("sale_price", "price in a sale"),
        amount("compare_at", "former price"),
        amount("unit_cost", "what the shop pays for a piece"),
        amount("stock", "pieces in stock"),
        text("barcode", "bar code"),
        text("variant_image_url", "picture of the variant"),
        text("currency", "three letters"),
        instant("updated_at", "when this last changed"),
    ),
    needs=(("sku", "product_ref", "handle", "title"),),
    tells=(
        ("sku", "product_ref", "handle", "title"),
        ("title", "price", "regular_price", "brand", "category", "categories", "stock", "unit_cost"),
    ),
    group="coalesce(nullif(trim(parent_ref), ''), nullif(trim(handle), ''), CASE WHEN trim(row_type) <> '' THEN "
    "coalesce(nullif(trim(sku), ''), 'id:' || trim(product_ref)) ELSE coalesce(nullif(trim(product_ref), ''), "
    "nullif(trim(sku), '')) END, nullif(trim(title), ''))",
    read=_read,
)
