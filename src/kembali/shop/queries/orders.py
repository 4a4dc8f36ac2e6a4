"""Orders of a person, sums of orders, and what could not be matched."""

from kembali.infra.database import raw_cursor
from kembali.kernel.ids import CustomerId, OrderId
from kembali.shop.contracts.orders import OrderSummary, OrderTotal, Unmatched


def list_orders_of(customer_id: CustomerId, *, limit: int = 200) -> list[OrderSummary]:
    """Return the person's orders, cancellations and adjustments, whichever of their ids is given; the newest first."""
    with raw_cursor() as cursor:
        cursor.execute(
            """
            SELECT o.id, o.source, o.order_ref, o.kind, o.status, o.placed_at, o.placed_on, o.currency, o.gross_minor,
                o.net_minor, o.margin_minor, o.margin_assumed, lines.line_count, lines.items
            FROM shop_customer asked
                JOIN shop_customer m ON m.root_id = asked.root_id
                JOIN shop_order o ON o.customer_id = m.id
                CROSS JOIN LATERAL (
                    SELECT count(*) AS line_count, coalesce(array_to_string(
                        (array_agg(CASE WHEN p.title = '' THEN p.sku ELSE p.title END
                            ORDER BY abs(l.total_minor) DESC, l.position) FILTER (WHERE p.id IS NOT NULL))[1:3],
                        ', '), '') AS items
                    FROM shop_order_line l LEFT JOIN shop_product p ON p.id = l.product_id WHERE l.order_id = o.id
                ) lines
            WHERE asked.id = %s
            ORDER BY o.placed_at DESC, o.id DESC LIMIT %s
            """,
            (customer_id, limit),
        )
        return [
            OrderSummary(
                order_id=OrderId(row[0]),
                source=row[1],
                order_ref=row[2],
                kind=row[3],
                status=row[4],
                placed_at=row[5],
                placed_on=row[6],
                currency=row[7],
                gross_minor=row[8],
                net_minor=row[9],
                margin_minor=row[10],
                margin_assumed=row[11],
                line_count=row[12],
                items=row[13],
            )
            for row in cursor.fetchall()
        ]


def order_totals() -> list[OrderTotal]:
    """Return sums of all orders by source, month in the shop's zone, kind and currency; the newest month first."""
    with raw_cursor() as cursor:
        cursor.execute(
            "SELECT source, date_trunc('month', placed_on)::date AS month, kind, currency, count(*), "
            "sum(gross_minor)::bigint, coalesce(sum(net_minor), 0)::bigint, max(placed_at) "
            "FROM shop_order WHERE status <> 'deleted' GROUP BY 1, 2, 3, 4 ORDER BY month DESC, source, kind, currency"
        )
        return [
            OrderTotal(
                source=row[0],
                month=row[1],
                kind=row[2],
                currency=row[3],
                order_count=row[4],
                gross_minor=row[5],
                net_minor=row[6],
                last_placed_at=row[7],
            )
            for row in cursor.fetchall()
        ]


def unmatched_cancellations() -> Unmatched:
    """Return what cancellations gave back without an earlier sale to take it from: kept, but no order is reduced."""
    with raw_cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), coalesce(sum(abs(l.total_minor) - coalesce(r.amount_minor, 0)), 0)::bigint
            FROM shop_order o JOIN shop_order_line l ON l.order_id = o.id
                LEFT JOIN (SELECT cancellation_id, cancellation_position, sum(quantity) AS quantity,
                        sum(amount_minor) AS amount_minor FROM shop_refund GROUP BY 1, 2) r
                    ON r.cancellation_id = l.order_id AND r.cancellation_position = l.position
            WHERE o.kind = 'cancellation' AND o.status <> 'deleted' AND abs(l.total_minor) > coalesce(r.amount_minor, 0)
            """
        )
        line_count, amount_minor = cursor.fetchall()[0]
        return Unmatched(line_count=line_count, amount_minor=amount_minor)
