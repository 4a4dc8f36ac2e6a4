"""How much of what was bought came from people who had bought before."""

from datetime import datetime

from kembali.infra.database import raw_cursor
from kembali.shop.contracts.orders import Revenue


def revenue_between(start: datetime, end: datetime) -> Revenue:
    """Return what purchases brought in [start, end), and how much of it came from people with an earlier purchase."""
    with raw_cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(sum(o.net_minor), 0)::bigint, coalesce(sum(o.net_minor) FILTER (WHERE EXISTS (
                SELECT 1 FROM shop_customer m JOIN shop_order e ON e.customer_id = m.id
                WHERE m.root_id = c.root_id AND e.kind = 'order' AND e.status = 'paid' AND e.net_minor > 0
                    AND (e.placed_at, e.id) < (o.placed_at, o.id))), 0)::bigint
            FROM shop_order o JOIN shop_customer c ON c.id = o.customer_id
            WHERE o.kind = 'order' AND o.status = 'paid' AND o.net_minor > 0
                AND o.placed_at >= %s AND o.placed_at < %s
            """,
            (start, end),
        )
        total_minor, returning_minor = cursor.fetchall()[0]
        return Revenue(total_minor=total_minor, returning_minor=returning_minor)
