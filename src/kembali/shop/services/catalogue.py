"""Products: upserted from order lines, and their costs."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from kembali.collect.api import OrderLine
from kembali.infra.database import one_transaction
from kembali.shop.rules import LONGEST_TITLE, NEVER, line_key, sku_key
from kembali.shop.services.copying import bigints, texts
from kembali.shop.services.incoming import Incoming
from kembali.shop.services.locking import Cursor, lock_shop
from kembali.shop.services.settling import settle_orders

_COST_CHUNK = 20_000

_KNOWN = """
SELECT sku_key, id, title_at, title, sku, is_service FROM shop_product
WHERE sku_key IN (SELECT jsonb_array_elements_text(%s))
"""
# Nearly every batch of orders renames nearly every product in it: sold later, called the same.
_RENAME = """
UPDATE shop_product SET title_at = (n->>1)::timestamptz, title = n->>2, sku = n->>3, is_service = (n->>4)::bool
FROM jsonb_array_elements(%s) AS n WHERE id = (n->>0)::bigint
"""
_ADD = """
INSERT INTO shop_product (sku_key, title_at, title, sku, is_service)
SELECT n->>0, (n->>1)::timestamptz, n->>2, n->>3, (n->>4)::bool FROM jsonb_array_elements(%s) AS n
RETURNING sku_key, id
"""


class Naming(NamedTuple):
    """What a line calls its product. The greatest counts: latest sale first, then by its words."""

    title_at: datetime
    title: str
    sku: str
    is_service: bool


class Products(dict[str | None, int | None]):
    """Product id by SKU as written; `of` also finds the products of lines that have no SKU."""

    def __init__(self, id_of: Mapping[str, int]) -> None:
        super().__init__()
        self._id_of = id_of

    def __missing__(self, sku: str | None) -> int | None:
        found = self[sku] = self._id_of.get(sku_key(sku, None))
        return found

    def of(self, line: OrderLine, source: str) -> int | None:
        """Return the id of the line's product, None where the line names none."""
        return self[line.sku] or self._id_of.get(line_key(source, line.sku, line.title, line.properties))


def add_products(cursor: Cursor, versions: Iterable[Incoming]) -> Products:
    """Make sure every product named on a line exists and bears its latest name.

    All versions count, superseded ones too: what a product is called must not depend on which arrived first. The
    caller holds the shop's lock.
    """
    named = _by_key(_names(versions))
    cursor.execute(_KNOWN, (texts(named),))
    known = {row[0]: (row[1], Naming(*row[2:])) for row in cursor.fetchall()}
    later = [(known[key][0], *name) for key, name in named.items() if key in known and name > known[key][1]]
    cursor.execute(_RENAME, (msgspec.json.encode(later).decode(),))
    news = [(key, *name) for key, name in sorted(named.items()) if key not in known]
    cursor.execute(_ADD, (msgspec.json.encode(news).decode(),))
    return Products({key: product_id for key, (product_id, _) in known.items()} | dict(cursor.fetchall()))


def _names(versions: Iterable[Incoming]) -> dict[tuple[str | None, str | None], Naming]:
    """Return the greatest naming of each SKU as written (of each `line_key`, where there is no SKU).

    Lines that sold nothing (corrections, notes) name only what nothing else names. Latest orders first: then nearly
    every line is passed by with one comparison.
    """
    best: dict[tuple[str | None, str | None], Naming] = {}
    passed: dict[str | None, datetime] = {}
    for source, version in sorted(
        ((one.source, one.order) for one in versions), key=lambda said: said[1].placed_at, reverse=True
    ):
        placed_at = version.placed_at if version.type == "order" else NEVER
        for line in version.lines:
            if (at := passed.get(line.sku)) is not None and at > placed_at:
                continue
            title = (line.title or "").strip()[:LONGEST_TITLE]
            sku = (line.sku or "").strip()
            service = line.properties is not None and line.properties.get("service") is True
            naming = Naming(placed_at if line.total_minor > 0 else NEVER, title, sku, service)
            key = (sku, None) if sku else (None, line_key(source, None, title, line.properties))
            if key not in best or naming > best[key]:
                best[key] = naming
                if sku:
                    passed[line.sku] = naming.title_at
    return best


def _by_key(names: Mapping[tuple[str | None, str | None], Naming]) -> dict[str, Naming]:
    named: dict[str, Naming] = {}
    for (sku, title), naming in names.items():
        if (key := sku_key(sku, title)) and (key not in named or naming > named[key]):
            named[key] = naming
    return named


def set_product_costs(costs: Mapping[str, int | None]) -> None:
    """Set what one piece of each SKU costs, in minor units of the shop's currency; orders' margins follow.

    This is the owner's word: it holds against whatever a platform's catalogue tells, then or later, until the owner
    says otherwise; None takes it back. SKUs not sold yet are remembered.
    """
    by_key = {sku_key(sku, None): (sku, cost) for sku, cost in costs.items()}
    with one_transaction() as cursor:
        lock_shop(cursor)
        cursor.execute(
            "INSERT INTO shop_product AS p (sku_key, sku, title, is_service, owner_cost_minor, unit_cost_minor) "
            "SELECT n->>0, n->>1, '', false, (n->>2)::bigint, (n->>2)::bigint FROM jsonb_array_elements(%s) AS n "
            "ON CONFLICT (sku_key) DO UPDATE SET owner_cost_minor = excluded.owner_cost_minor, "
            "unit_cost_minor = coalesce(excluded.owner_cost_minor, p.told_cost_minor), "
            "changed_xid = pg_current_xact_id() "
            "WHERE p.owner_cost_minor IS DISTINCT FROM excluded.owner_cost_minor RETURNING id",
            (msgspec.json.encode([(key, *known) for key, known in by_key.items()]).decode(),),
        )
        changed = [row[0] for row in cursor.fetchall()]
        resettle_products(cursor, changed)


def resettle_products(cursor: Cursor, product_ids: Collection[int]) -> None:
    """Work out again the margin of every order of these products, in chunks. The caller holds the shop's lock."""
    cursor.execute(
        "SELECT DISTINCT order_id FROM shop_order_line WHERE product_id = ANY(%s::bigint[])", (bigints(product_ids),)
    )
    order_ids: Sequence[int] = [row[0] for row in cursor.fetchall()]
    for start in range(0, len(order_ids), _COST_CHUNK):
        settle_orders(cursor, order_ids[start : start + _COST_CHUNK])
