"""What becomes of orders beside their versions: deleted, restored, cancelled, refunded. Notes may come before orders.

Notes are a set, and what they make of an order follows from the set and the order's winning version: in whatever order
they arrive, it ends the same.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from kembali.collect.api import Fact
from kembali.kernel.errors import Refused
from kembali.shop.contracts.settings import ShopSettings
from kembali.shop.payloads import OrderNoted
from kembali.shop.rules import sku_key
from kembali.shop.services.copying import bigints
from kembali.shop.services.incoming import Incoming
from kembali.shop.services.locking import Cursor
from kembali.shop.services.ordering import Changed

KINDS = frozenset({"order.deleted", "order.restored", "order.cancelled", "order.refunded"})

_decode = msgspec.json.Decoder(OrderNoted).decode

_PUT = """
INSERT INTO shop_order_note (source, order_ref, note_ref, kind, noted_at, amount_minor, currency, lines)
SELECT n->>0, n->>1, n->>2, n->>3, (n->>4)::timestamptz, (n->>5)::bigint, n->>6, nullif(n->7, 'null')
FROM jsonb_array_elements(%s) AS n
ON CONFLICT DO NOTHING
"""
# A refund counts unless the version that won says itself what was given back until then. A tracking event does not
# know of a cancellation before it: there a cancellation is the last word.
_APPLY = """
WITH wanted AS MATERIALIZED (
    SELECT o.* FROM shop_order o WHERE o.id = ANY(%(changed)s::bigint[])
    UNION
    SELECT o.* FROM jsonb_array_elements(%(noted)s) AS n JOIN shop_order o ON o.source = n->>0 AND o.order_ref = n->>1
), said AS (
    SELECT o.id, max(n.noted_at) FILTER (WHERE n.kind = 'deleted') AS deleted_at,
        max(n.noted_at) FILTER (WHERE n.kind = 'restored') AS restored_at,
        max(n.noted_at) FILTER (WHERE n.kind = 'cancelled') AS cancelled_at,
        min(n.noted_at) FILTER (WHERE n.kind = 'placed') AS placed_at,
        coalesce(sum(back.amount_minor) FILTER (
            WHERE n.kind = 'refunded' AND (o.refunded_minor IS NULL OR n.noted_at > o.version_at)), 0) AS back_minor
    FROM wanted o JOIN shop_order_note n ON n.source = o.source AND n.order_ref = o.order_ref
        CROSS JOIN LATERAL (SELECT CASE
            WHEN n.amount_minor IS NOT NULL THEN CASE WHEN n.currency IN ('', o.currency) THEN n.amount_minor END
            WHEN n.lines IS NULL THEN o.gross_minor
            ELSE (
                SELECT sum(round(l.total_minor::numeric * least((w->>1)::bigint, l.quantity) / l.quantity))
                FROM jsonb_array_elements(n.lines) AS w CROSS JOIN LATERAL (
                    SELECT l.total_minor, l.quantity
                    FROM shop_order_line l JOIN shop_product p ON p.id = l.product_id
                    WHERE l.order_id = o.id AND p.sku_key = w->>0 AND l.quantity > 0 ORDER BY l.position LIMIT 1
                ) l
            ) END AS amount_minor) back
    GROUP BY o.id
), become AS (
    SELECT o.id, least(o.placed_at, s.placed_at) AS placed_at,
        greatest(0, least(s.back_minor, o.gross_minor)) AS back_minor,
        CASE WHEN s.deleted_at >= coalesce(s.restored_at, s.deleted_at) THEN 'deleted'
            WHEN s.cancelled_at >= o.version_at OR s.cancelled_at IS NOT NULL AND (
                s.placed_at IS NOT NULL OR NOT o.version_dated) THEN 'cancelled'
            WHEN s.back_minor > 0 AND coalesce(o.refunded_minor, 0) + s.back_minor >= o.gross_minor THEN 'refunded'
            ELSE o.said_status END AS status
    FROM wanted o JOIN said s USING (id)
)
UPDATE shop_order o SET status = b.status, noted_refund_minor = b.back_minor, placed_at = b.placed_at,
    placed_on = (b.placed_at AT TIME ZONE %(zone)s)::date, changed_xid = pg_current_xact_id()
FROM become b JOIN wanted w USING (id)
WHERE o.id = b.id
RETURNING o.id, o.customer_id, (extract(epoch FROM least(w.placed_at, b.placed_at)) * 1000000)::bigint
"""

Note = tuple[str, str, str, str, object, int | None, str, list[tuple[str, int]] | None]


def note_of(fact: Fact) -> Note:
    """Return the note that a fact of `KINDS` makes.

    Raises:
        Refused, msgspec.ValidationError: it is not what its kind says.
    """
    said = _decode(fact.payload)
    noted_at = said.updated_at or said.observed_at
    if noted_at.tzinfo is None:
        raise Refused(f"What is said about order {said.order_ref} has a time without a zone.")
    if (said.amount_minor or 0) < 0 or any(line.quantity < 0 for line in said.lines):
        raise Refused(f"Order {said.order_ref}: what was given back is a positive amount.")
    lines = [(sku_key(line.sku, line.title), line.quantity) for line in said.lines] or None
    kind = fact.kind.removeprefix("order.")
    return fact.source, said.order_ref, fact.message_id, kind, noted_at, said.amount_minor, said.currency or "", lines


def placed_notes(incoming: Iterable[Incoming]) -> list[Note]:
    """Return what versions made of tracking events tell about when their orders were placed, superseded ones too."""
    return [
        (one.source, one.order.order_ref, one.message_id, "placed", one.order.placed_at, None, "", None)
        for one in incoming
        if one.order.is_tracked
    ]


def apply_notes(cursor: Cursor, notes: Sequence[Note], changed: Sequence[int], shop: ShopSettings) -> Changed:
    """Keep notes, and make of their orders, and of those just written (`changed`), what all their notes say.

    Returns the orders that have notes, for settling. The caller holds the shop's lock.
    """
    if notes:
        cursor.execute(_PUT, (msgspec.json.encode(notes).decode(),))
    elif not _has_notes(cursor):
        return Changed((), {})
    noted = {(note[0], note[1]) for note in notes}
    cursor.execute(
        _APPLY,
        {"changed": bigints(changed), "noted": msgspec.json.encode(list(noted)).decode(), "zone": shop.time_zone},
    )
    since_us: dict[int, int] = {}
    rows = cursor.fetchall()
    for _, customer_id, placed_us in rows:
        if customer_id is not None:
            since_us[customer_id] = min(placed_us, since_us.get(customer_id, placed_us))
    return Changed([row[0] for row in rows], since_us)


def earlier_of(one: Mapping[int, int], other: Mapping[int, int]) -> dict[int, int]:
    """Return the earlier instant of each customer in either."""
    return {key: min(one.get(key, other.get(key, 0)), other.get(key, one.get(key, 0))) for key in {*one, *other}}


def _has_notes(cursor: Cursor) -> bool:
    cursor.execute("SELECT EXISTS (SELECT 1 FROM shop_order_note)")
    return cursor.fetchall()[0] == (True,)
