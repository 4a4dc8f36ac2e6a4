"""Orders and customers page by page: one query a page, and what comes meanwhile neither repeats nor hides a row."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from kembali.infra.database import raw_cursor
from kembali.kernel.ids import CustomerId, OrderId, ProductId
from kembali.shop.contracts.orders import LineFound, OrderFound, OrdersFound
from kembali.shop.errors import OrderNotFound

_SELECT = """
SELECT o.id, c.root_id, o.source, o.order_ref, o.kind, o.status, o.placed_at, o.version_at, o.currency, o.gross_minor,
    o.discount_minor, o.shipping_minor, o.tax_minor,
    CASE WHEN o.refunded_minor IS NOT NULL OR o.noted_refund_minor > 0
        THEN coalesce(o.refunded_minor, 0) + o.noted_refund_minor END,
    o.net_minor, o.margin_minor,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(l.product_id, p.sku, p.title, l.quantity, l.unit_price::text,
        l.total_minor) ORDER BY l.position), '[]')::text
        FROM shop_order_line l LEFT JOIN shop_product p ON p.id = l.product_id WHERE l.order_id = o.id)
FROM shop_order o LEFT JOIN shop_customer c ON c.id = o.customer_id
"""
_FIELDS = (
    "order_id", "customer_id", "source", "order_ref", "kind", "status", "placed_at", "updated_at", "currency",
    "gross_minor", "discount_minor", "shipping_minor", "tax_minor", "refunded_minor", "net_minor", "margin_minor",
    "lines",
)  # fmt: skip


def list_orders(
    *,
    limit: int = 50,
    after: OrderId | None = None,
    updated_since: datetime | None = None,
    customer_id: CustomerId | None = None,
) -> OrdersFound:
    """Return orders, cancellations and adjustments by id, page by page, deleted ones too.

    Args:
        after: where the last page ended.
        updated_since: only those whose source spoke of them then or later.
        customer_id: only this person's, whichever of their ids is given.
    """
    conditions = ["o.id > %(after)s"]
    values: dict[str, object] = {"after": after or 0, "limit": limit + 1}
    if updated_since is not None:
        conditions.append("o.version_at >= %(since)s")
        values["since"] = updated_since
    if customer_id is not None:
        conditions.append(
            "o.customer_id IN (SELECT m.id FROM shop_customer a JOIN shop_customer m USING (root_id) "
            "WHERE a.id = %(who)s)"
        )
        values["who"] = customer_id
    found = _found(conditions, values)
    return OrdersFound(orders=tuple(found[:limit]), after=found[limit - 1].order_id if len(found) > limit else None)


def order_of(order_id: OrderId) -> OrderFound:
    """Return one order.

    Raises:
        OrderNotFound: there is no such order.
    """
    found = _found(["o.id = %(id)s"], {"id": order_id, "limit": 1})
    if not found:
        raise OrderNotFound(f"There is no order {order_id}.")
    return found[0]


def _found(conditions: list[str], values: dict[str, Any]) -> list[OrderFound]:
    with raw_cursor() as cursor:
        cursor.execute(f"{_SELECT} WHERE {' AND '.join(conditions)} ORDER BY o.id LIMIT %(limit)s", values)
        return [_order(row) for row in cursor.fetchall()]


def _order(row: tuple[Any, ...]) -> OrderFound:
    values = dict(zip(_FIELDS, row, strict=True))
    return OrderFound(**values | {"lines": tuple(_line(line) for line in msgspec.json.decode(values["lines"]))})


def _line(line: list[Any]) -> LineFound:
    product_id, sku, title, quantity, unit_price, total_minor = line
    return LineFound(
        product_id=None if product_id is None else ProductId(product_id),
        sku=sku or "",
        title=title or "",
        quantity=quantity,
        unit_price=Decimal(unit_price),
        total_minor=total_minor,
    )
