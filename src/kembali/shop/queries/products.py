"""Find products, and show one."""

from datetime import datetime
from typing import Any

import msgspec

from kembali.infra.database import raw_cursor
from kembali.kernel.ids import ProductId
from kembali.shop.contracts.catalogue import ProductFound, ProductsFound
from kembali.shop.errors import ProductNotFound

# A product's own place in the catalogue tells whether it is still there: its product may have been deleted later, or go
# on without this variant.
STATUS = """
CASE WHEN p.listed_rank = '' THEN 'sold' WHEN l.deleted_at >= l.version_at THEN 'deleted'
    WHEN l.version_rank > p.listed_rank THEN 'removed' ELSE p.listed_status END
"""
FROM_CATALOGUE = """
shop_product p LEFT JOIN shop_listing l ON l.source = p.listed_source AND l.product_ref = p.product_ref
    AND p.listed_rank <> ''
"""
_SELECT = f"""
SELECT p.id, coalesce(nullif(p.listed_sku, ''), p.sku), coalesce(nullif(p.listed_title, ''), p.title), p.variant_title,
    {STATUS}, p.listed_source, p.product_ref, p.variant_ref, p.brand, p.categories::text, p.handle, p.url, p.image_url,
    p.currency, p.price_minor, p.compare_at_minor, p.stock, p.unit_cost_minor, p.is_service, p.listed_at
FROM {FROM_CATALOGUE}
"""  # noqa: S608 - constants of this module
_FIELDS = (
    "product_id", "sku", "title", "variant_title", "status", "source", "product_ref", "variant_ref", "brand",
    "categories", "handle", "url", "image_url", "currency", "price_minor", "compare_at_minor", "stock",
    "unit_cost_minor", "is_service", "updated_at",
)  # fmt: skip
# One parameter that is NULL would make the planner plan for all: the statement says only what is asked.
_AFTER, _SINCE = "p.id > %(after)s", "p.listed_at >= %(since)s"
_NAMED = "(p.name_key LIKE %(text)s OR lower(p.sku) LIKE %(text)s OR lower(p.listed_sku) LIKE %(text)s)"


def product_of(product_id: ProductId) -> ProductFound:
    """Return one product.

    Raises:
        ProductNotFound: there is no such product.
    """
    found = _found(["p.id = %(id)s"], {"id": product_id, "limit": 1})
    if not found:
        raise ProductNotFound(f"There is no product {product_id}.")
    return found[0]


def search_products(query: str, *, limit: int = 50, after: ProductId | None = None) -> ProductsFound:
    """Return products whose title or SKU begins with `query` (empty: all), by id, page by page."""
    words = query.strip().lower()
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return _page([_NAMED] if words else [], {"text": escaped + "%"}, limit=limit, after=after)


def list_products(
    *, limit: int = 50, after: ProductId | None = None, updated_since: datetime | None = None
) -> ProductsFound:
    """Return products by id, page by page; with `updated_since` those whose catalogue spoke of them then or later."""
    return _page([_SINCE] if updated_since else [], {"since": updated_since}, limit=limit, after=after)


def _page(conditions: list[str], values: dict[str, object], *, limit: int, after: ProductId | None) -> ProductsFound:
    found = _found([*conditions, _AFTER], values | {"after": after or 0, "limit": limit + 1})
    return ProductsFound(
        products=tuple(found[:limit]), after=found[limit - 1].product_id if len(found) > limit else None
    )


def _found(conditions: list[str], values: dict[str, object]) -> list[ProductFound]:
    with raw_cursor() as cursor:
        cursor.execute(f"{_SELECT} WHERE {' AND '.join(conditions)} ORDER BY p.id LIMIT %(limit)s", values)
        return [_product(row) for row in cursor.fetchall()]


def _product(row: tuple[Any, ...]) -> ProductFound:
    values = dict(zip(_FIELDS, row, strict=True))
    return ProductFound(
        **values | {"product_id": ProductId(row[0]), "categories": tuple(msgspec.json.decode(values["categories"]))}
    )
