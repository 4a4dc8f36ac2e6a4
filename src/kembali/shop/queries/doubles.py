"""Purchases that are counted twice, because two sources tell of them, and those that were left out for it."""

from psycopg import sql

from kembali.infra.database import raw_cursor
from kembali.shop.contracts.orders import DoublesLeftOut, PossibleDoubles

# Of orders `a` and `b` as they stand. Numbers are compared without the sign that a platform writes before them: “#1001”
# and “1001” are one. Two sources with a numbering of their own agree on the total by accident; on number, total and day
# hardly.
SAME_PURCHASE = sql.SQL("""
a.number = b.number AND a.number <> '' AND b.gross_minor = a.gross_minor AND b.currency = a.currency
AND b.placed_at - a.placed_at BETWEEN '-1 day' AND '1 day'
""")
NUMBERED = sql.SQL("""
SELECT source, order_ref, upper(regexp_replace(order_ref, '[^[:alnum:]]', '', 'g')) AS number, gross_minor,
    currency, net_minor, placed_at
FROM shop_order WHERE kind = 'order' AND status <> 'deleted'
""")
LEFT_OUT = sql.SQL("""
SELECT DISTINCT o.source, split_part(n.note_ref, ':double-of:', 2) AS beside, o.order_ref
FROM shop_order_note n JOIN shop_order o ON o.source = n.source AND o.order_ref = n.order_ref
WHERE n.kind = 'deleted' AND n.note_ref LIKE '%:double-of:_%' AND o.status = 'deleted'
""")
_DOUBLES = sql.SQL("""
WITH numbered AS MATERIALIZED (
    {numbered} AND placed_at > (SELECT max(placed_at) FROM shop_order) - interval '90 days'
)
SELECT a.source, b.source, count(*), coalesce(sum(b.net_minor), 0)::bigint,
    (array_agg(a.order_ref ORDER BY a.placed_at DESC, a.order_ref))[1:3]
FROM numbered a JOIN numbered b ON {same} AND a.source < b.source
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
""").format(numbered=NUMBERED, same=SAME_PURCHASE)
_COUNT_LEFT_OUT = sql.SQL("""
SELECT source, beside, count(*) FROM ({left_out}) d GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
""").format(left_out=LEFT_OUT)
_SEVERAL = "SELECT min(source) <> max(source) FROM shop_order"


def possible_doubles() -> list[PossibleDoubles]:
    """Return pairs of sources that tell of the same orders in the latest 90 days, the pair with most of them first."""
    with raw_cursor() as cursor:
        cursor.execute(_SEVERAL)
        if not cursor.fetchall()[0][0]:
            return []
        cursor.execute(_DOUBLES)
        return [
            PossibleDoubles(
                source=row[0], other_source=row[1], order_count=row[2], net_minor=row[3], examples=tuple(row[4])
            )
            for row in cursor.fetchall()
        ]


def doubles_left_out() -> list[DoublesLeftOut]:
    """Return whose orders are left out beside whose, and how many."""
    with raw_cursor() as cursor:
        cursor.execute(_COUNT_LEFT_OUT)
        return [DoublesLeftOut(source=row[0], beside=row[1], order_count=row[2]) for row in cursor.fetchall()]
