"""What catalogues say about products: the best version of each is the product, and a deletion keeps its history."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from kembali.collect.api import Fact
from kembali.kernel.errors import Refused
from kembali.shop.contracts.settings import ShopSettings
from kembali.shop.payloads import ProductVersion, Variant
from kembali.shop.rules import LONGEST_TITLE, sku_key, variant_key, version_rank
from kembali.shop.services.catalogue import resettle_products
from kembali.shop.services.locking import Cursor

_decode = msgspec.json.Decoder(ProductVersion).decode

_PLACES = """
INSERT INTO shop_listing AS l (source, product_ref, version_rank, version_at, deleted_at)
SELECT n->>0, n->>1, n->>2, (n->>3)::timestamptz, (n->>4)::timestamptz FROM jsonb_array_elements(%s) AS n
ON CONFLICT (source, product_ref) DO UPDATE SET
    version_rank = greatest(l.version_rank, excluded.version_rank),
    version_at = CASE WHEN excluded.version_rank > l.version_rank THEN excluded.version_at ELSE l.version_at END,
    deleted_at = greatest(l.deleted_at, excluded.deleted_at), changed_xid = pg_current_xact_id()
WHERE excluded.version_rank > l.version_rank OR excluded.deleted_at > coalesce(l.deleted_at, '-infinity')
"""
_LISTED = (
    "listed_rank, variant_ref, listed_at, listed_source, product_ref, listed_sku, listed_title, variant_title, "
    "listed_status, brand, categories, handle, url, image_url, currency, price_minor, compare_at_minor, stock"
)
_EXCLUDED = ", ".join(f"excluded.{name}" for name in _LISTED.split(", "))
_PUT = f"""
INSERT INTO shop_product AS p (sku_key, sku, title, is_service, {_LISTED})
SELECT n->>0, '', '', false, n->>1, n->>2, (n->>3)::timestamptz, n->>4, n->>5, n->>6, n->>7, n->>8, n->>9, n->>10,
    n->11, n->>12, n->>13, n->>14, n->>15, (n->>16)::bigint, (n->>17)::bigint, (n->>18)::bigint
FROM jsonb_array_elements(%s) AS n
ON CONFLICT (sku_key) DO UPDATE SET ({_LISTED}) = ROW ({_EXCLUDED}), changed_xid = pg_current_xact_id()
WHERE (p.listed_rank, p.variant_ref) < (excluded.listed_rank, excluded.variant_ref)
"""  # noqa: S608 - column names of this module
_TELL_COSTS = """
UPDATE shop_product p SET told_cost_rank = n.rank, told_cost_minor = n.cost_minor,
    unit_cost_minor = coalesce(p.owner_cost_minor, n.cost_minor), changed_xid = pg_current_xact_id()
FROM (SELECT p.id, p.unit_cost_minor AS before, n->>1 AS rank, (n->>2)::bigint AS cost_minor
    FROM jsonb_array_elements(%s) AS n JOIN shop_product p ON p.sku_key = n->>0) n
WHERE p.id = n.id AND (p.told_cost_rank, coalesce(p.told_cost_minor, -1))
    < (n.rank COLLATE "C", n.cost_minor)
RETURNING p.id, p.unit_cost_minor IS DISTINCT FROM n.before
"""


class Said(NamedTuple):
    """One version of a product, with the rank of its word."""

    source: str
    rank: str
    at: datetime
    product: ProductVersion


def product_said(fact: Fact) -> Said:
    """Return what a `product.version` says.

    Raises:
        Refused, msgspec.ValidationError: it is not what its kind says.
    """
    product = _decode(fact.payload)
    at = product.updated_at or product.observed_at
    if at.tzinfo is None or product.observed_at.tzinfo is None:
        raise Refused(f"Product {product.product_ref} has a time without a zone.")
    rank = version_rank(updated_at=product.updated_at, observed_at=product.observed_at, message_id=fact.message_id)
    return Said(fact.source, rank, at, product)


def put_products(cursor: Cursor, said: Sequence[Said], shop: ShopSettings) -> None:
    """Take in versions of products; orders' margins follow the costs that changed. The caller holds the shop's lock."""
    if not said:
        return
    cursor.execute(_PLACES, (msgspec.json.encode(_places(said)).decode(),))
    best, costs = _best(said, shop.currency)
    cursor.execute(_PUT, (msgspec.json.encode([(key, *row) for key, row in sorted(best.items())]).decode(),))
    if costs:
        cursor.execute(_TELL_COSTS, (msgspec.json.encode([(key, *cost) for key, cost in costs.items()]).decode(),))
        resettle_products(cursor, [row[0] for row in cursor.fetchall() if row[1]])


def _places(said: Iterable[Said]) -> list[tuple[str, str, str, datetime | None, datetime | None]]:
    versions: dict[tuple[str, str], tuple[str, datetime]] = {}
    deleted: dict[tuple[str, str], datetime] = {}
    for source, rank, at, product in said:
        place = (source, product.product_ref)
        if product.status == "deleted":
            deleted[place] = max(at, deleted.get(place, at))
        else:
            versions[place] = max((rank, at), versions.get(place, (rank, at)))
    return [(*place, *versions.get(place, ("", None)), deleted.get(place)) for place in sorted({*versions, *deleted})]


Row = tuple[object, ...]


def _best(said: Iterable[Said], currency: str) -> tuple[dict[str, Row], dict[str, tuple[str, int]]]:
    """Return the best word about each product, and about the cost of each: several variants may bear one SKU."""
    best: dict[str, tuple[tuple[str, str], Row]] = {}
    costs: dict[str, tuple[str, int]] = {}
    for one in said:
        if one.product.status == "deleted":
            continue
        for variant in one.product.variants:
            key = sku_key(variant.sku, None) or variant_key(one.source, variant.variant_ref)
            rank = (one.rank, variant.variant_ref)
            if key not in best or rank > best[key][0]:
                best[key] = (rank, _row(one, variant))
            if variant.unit_cost_minor is not None and one.product.currency == currency:
                costs[key] = max((one.rank, variant.unit_cost_minor), costs.get(key, ("", 0)))
    return {key: row for key, (_, row) in best.items()}, costs


def _row(said: Said, variant: Variant) -> Row:
    product = said.product
    return (
        said.rank,
        variant.variant_ref,
        said.at,
        said.source,
        product.product_ref,
        (variant.sku or "").strip(),
        product.title.strip()[:LONGEST_TITLE],
        (variant.title or "").strip(),
        product.status,
        (product.brand or "").strip(),
        product.categories,
        product.handle or "",
        product.url or "",
        variant.image_url or product.image_url or "",
        product.currency,
        variant.price_minor,
        variant.compare_at_minor,
        variant.stock,
    )
