"""Purchases that are counted twice, because two sources tell of them."""

from kembali.infra.database import raw_cursor
from kembali.shop.contracts import PossibleDoubles

# Numbers are compared without the sign that a platform writes before them: “#1001” and “1001” are one. Two sources with
# a numbering of their own agree on the total by accident; on number, total and day hardly.
_DOUBLES = """
WITH numbered AS MATERIALIZED (
    SELECT source, order_ref, upper(regexp_replace(order_ref, '[^[:alnum:]]', '', 'g')) AS number, gross_minor,
        currency, net_minor, placed_at
    FROM shop_order WHERE kind = 'order' AND status <> 'deleted'
        AND placed_at > (SELECT max(placed_at) FROM shop_order) - interval '90 days'
)
SELECT a.source, b.source, count(*), coalesce(sum(b.net_minor), 0)::bigint,
    (array_agg(a.order_ref ORDER BY a.placed_at DESC, a.order_ref))[1:3]
FROM numbered a JOIN numbered b ON b.number = a.number AND b.gross_minor = a.gross_minor AND b.currency = a.currency
    AND a.source < b.source AND a.number <> '' AND b.placed_at - a.placed_at BETWEEN '-1 day' AND '1 day'
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""
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
