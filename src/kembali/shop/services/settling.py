"""What is left of orders: cancellations unwound, refunds taken off, margin worked out."""

from collections import defaultdict
from collections.abc import Collection, Mapping

import msgspec

from kembali.shop.queries.settings import shop_settings
from kembali.shop.rules import GoodsLine, allocate_cancellations
from kembali.shop.services.copying import bigints
from kembali.shop.services.locking import Cursor

ALWAYS = -(2**62)  # microseconds of the epoch: before any order

Refund = tuple[int, int, int, int, int, int]  # cancellation, its position, order, its position, pieces, amount

# A change at some instant can only alter what later cancellations take: earlier ones were allocated before it. So
# only the products of those cancellations are looked at, each with all its sales and cancellations. Every table is
# reached by an array of keys and joined by hash: no statistics tell how far a cancellation reaches, and a planner that
# guesses "not far" loops over orders and products instead.
_GOODS = """
WITH members AS MATERIALIZED (
    SELECT c.id, c.root_id, t.since_us
    FROM (SELECT (t->>0)::bigint AS root_id, (t->>1)::bigint AS since_us FROM jsonb_array_elements(%(touched)s) AS t) t
    JOIN shop_customer c ON c.root_id = t.root_id
    WHERE c.root_id = ANY(%(roots)s::bigint[])
), theirs AS MATERIALIZED (
    SELECT m.root_id, m.since_us, o.id, o.kind, o.source, o.order_ref,
        (extract(epoch FROM o.placed_at) * 1000000)::bigint AS placed_us
    FROM shop_order o JOIN members m ON m.id = o.customer_id
    WHERE o.customer_id = ANY(ARRAY(SELECT id FROM members))
        AND (o.kind = 'cancellation' AND o.status <> 'deleted' OR o.kind = 'order' AND o.status IN ('paid', 'pending'))
), cancels AS MATERIALIZED (
    SELECT root_id, id FROM theirs WHERE kind = 'cancellation' AND placed_us >= since_us
), back AS MATERIALIZED (
    SELECT DISTINCT c.root_id, l.product_id
    FROM shop_order_line l JOIN cancels c ON c.id = l.order_id
    WHERE l.order_id = ANY(ARRAY(SELECT id FROM cancels)) AND l.quantity <> 0 AND l.product_id IS NOT NULL
)
SELECT o.root_id, l.product_id, o.kind, o.placed_us, o.source, o.order_ref, l.position, o.id, abs(l.quantity),
    abs(l.total_minor)
FROM shop_order_line l JOIN theirs o ON o.id = l.order_id
    JOIN back b ON b.root_id = o.root_id AND b.product_id = l.product_id
WHERE l.order_id = ANY(ARRAY(SELECT id FROM theirs WHERE root_id IN (SELECT root_id FROM back)))
    AND (o.kind = 'cancellation' AND l.quantity <> 0 OR o.kind = 'order' AND l.quantity > 0 AND l.total_minor >= 0)
"""
_TAKE = """
DELETE FROM shop_refund r
WHERE r.order_id = ANY(%(changed)s::bigint[]) OR r.cancellation_id = ANY(%(changed)s::bigint[])
    OR (r.cancellation_id, r.cancellation_position) IN (
        SELECT (l->>0)::bigint, (l->>1)::int FROM jsonb_array_elements(%(lines)s) AS l)
RETURNING cancellation_id, cancellation_position, order_id, order_position, quantity, amount_minor
"""

# What is left of order `o` after `{given}` was given back; NULL without a rate into the shop's currency.
NET_MINOR = """
CASE WHEN o.currency <> %(currency)s THEN NULL
    WHEN o.kind <> 'order' OR o.status IN ('cancelled', 'refunded', 'deleted') THEN 0
    ELSE greatest(0, o.gross_minor - coalesce(o.refunded_minor, 0) - ({given})) END::bigint
"""
# The margin on it at the rate `{rate}`, earned by the goods: what is left without tax and shipping.
MARGIN_MINOR = """
CASE WHEN {net} > 0 THEN round({net} * {rate} / o.gross_minor
    * greatest(o.gross_minor - coalesce(o.tax_minor, 0) - coalesce(o.shipping_minor, 0), 0))::bigint ELSE {net} END
"""
_RATE = "CASE WHEN l.total > 0 THEN 1 - l.cost / l.total ELSE %(margin)s::numeric END"
# A line whose product has a known cost earns its price less that cost, any other line the shop's default margin; what
# was given back line by line counts in neither.
_SETTLE = f"""
WITH back AS (
    SELECT order_id, order_position, sum(quantity) AS quantity, sum(amount_minor) AS amount_minor
    FROM shop_refund WHERE order_id = ANY(%(orders)s::bigint[]) GROUP BY 1, 2
), given AS (
    SELECT order_id, sum(amount_minor) AS amount_minor FROM back GROUP BY 1
), costed AS (
    SELECT DISTINCT l.order_id FROM shop_order_line l JOIN shop_product p ON p.id = l.product_id
    WHERE p.unit_cost_minor IS NOT NULL AND l.order_id = ANY(%(orders)s::bigint[]) AND %(has_costs)s
), lines AS (
    SELECT l.order_id,
        sum(l.total_minor - coalesce(b.amount_minor, 0)) AS total,
        sum(CASE WHEN p.unit_cost_minor IS NOT NULL THEN p.unit_cost_minor * (l.quantity - coalesce(b.quantity, 0))
            ELSE (l.total_minor - coalesce(b.amount_minor, 0)) * (1 - %(margin)s::numeric) END) AS cost,
        bool_or(p.unit_cost_minor IS NULL AND l.total_minor <> coalesce(b.amount_minor, 0)) AS assumed
    FROM costed JOIN shop_order_line l USING (order_id) LEFT JOIN shop_product p ON p.id = l.product_id
        LEFT JOIN back b ON b.order_id = l.order_id AND b.order_position = l.position
    GROUP BY 1
), netted AS (
    SELECT o.*, {NET_MINOR.format(given="coalesce(g.amount_minor, 0) + o.noted_refund_minor")} AS left_minor
    FROM shop_order o LEFT JOIN given g ON g.order_id = o.id WHERE o.id = ANY(%(orders)s::bigint[])
), margined AS (
    SELECT o.id, o.left_minor AS net_minor, coalesce(l.assumed, true) AS assumed,
        {MARGIN_MINOR.format(net="o.left_minor", rate=_RATE)} AS margin_minor
    FROM netted o LEFT JOIN lines l ON l.order_id = o.id
)
UPDATE shop_order o SET net_minor = m.net_minor, margin_minor = m.margin_minor, margin_assumed = m.assumed,
    changed_xid = pg_current_xact_id()
FROM margined m
WHERE o.id = m.id AND (o.net_minor IS DISTINCT FROM m.net_minor OR o.margin_minor IS DISTINCT FROM m.margin_minor
    OR o.margin_assumed <> m.assumed OR o.id = ANY(%(moved)s::bigint[]))
"""  # noqa: S608 - constants of this module


def settle_customers(cursor: Cursor, touched: Mapping[int, int], orders: Collection[int] = ()) -> None:
    """Work out again what is left of `orders`, and of others of the touched customers where a cancellation matters.

    A function of the customers' present orders: whatever the order in which these arrived, it ends the same. Orders
    whose result stays as it was are not written. The caller holds the shop's lock.

    Args:
        touched: root → the earliest instant (microseconds of the epoch) at which an order of theirs came, went or
            changed; `ALWAYS` for all of their orders.
        orders: the orders that came or changed, as `put_orders` has just written them.
    """
    after, lines = _allocate(cursor, touched)
    before = _take_refunds(cursor, orders, lines)
    _put_refunds(cursor, after)
    moved = {refund[2] for refund in before ^ after}
    # An order that came or changed was written as if nothing were given back and no cost known: most are settled so.
    unsettled = set(orders) if _has_costs(cursor) else {refund[2] for refund in after}.intersection(orders)
    settle_orders(cursor, moved | unsettled, moved=moved)


def _has_costs(cursor: Cursor) -> bool:
    cursor.execute("SELECT EXISTS (SELECT 1 FROM shop_product WHERE unit_cost_minor IS NOT NULL)")
    return cursor.fetchall()[0] == (True,)


def settle_orders(cursor: Cursor, orders: Collection[int], *, moved: Collection[int] = ()) -> None:
    """Work out net and margin of these orders; those in `moved` count as changed even if both stay."""
    if not orders:
        return
    shop = shop_settings()
    cursor.execute(
        _SETTLE,
        {
            "orders": bigints(orders),
            "moved": bigints(moved),
            "margin": shop.default_margin_percent / 100,
            "currency": shop.currency,
            "has_costs": _has_costs(cursor),
        },
    )


def _take_refunds(cursor: Cursor, changed: Collection[int], lines: Collection[tuple[int, int]]) -> set[Refund]:
    cursor.execute(_TAKE, {"changed": bigints(changed), "lines": msgspec.json.encode(list(lines)).decode()})
    return set(cursor.fetchall())


def _allocate(cursor: Cursor, touched: Mapping[int, int]) -> tuple[set[Refund], set[tuple[int, int]]]:
    """Return the refunds, and the cancellation lines (order, position) that were looked at."""
    cursor.execute("SET LOCAL enable_nestloop = off")
    cursor.execute(_GOODS, {"touched": msgspec.json.encode(list(touched.items())).decode(), "roots": bigints(touched)})
    goods = cursor.fetchall()
    cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")
    back: dict[tuple[int, int], list[GoodsLine]] = defaultdict(list)
    sold: dict[tuple[int, int], list[GoodsLine]] = defaultdict(list)
    ids: dict[tuple[str, str], int] = {}
    looked_at: set[tuple[int, int]] = set()
    for root_id, product_id, kind, placed_us, source, ref, position, order_id, quantity, total_minor in goods:
        ids[source, ref] = order_id
        line = GoodsLine((source, ref, position), placed_us, quantity, total_minor)
        if kind == "cancellation":
            back[root_id, product_id].append(line)
            looked_at.add((order_id, position))
        else:
            sold[root_id, product_id].append(line)
    refunds = {
        (ids[one.cancellation[:2]], one.cancellation[2], ids[one.line[:2]], one.line[2], one.quantity, one.amount_minor)
        for key, cancelled in back.items()
        for one in allocate_cancellations(cancelled, sold.get(key, ()))
    }
    return refunds, looked_at


def _put_refunds(cursor: Cursor, refunds: Collection[Refund]) -> None:
    columns = "cancellation_id, cancellation_position, order_id, order_position, quantity, amount_minor"
    with cursor.copy(f"COPY shop_refund ({columns}) FROM STDIN") as copy:
        for refund in sorted(refunds):
            copy.write_row(refund)
