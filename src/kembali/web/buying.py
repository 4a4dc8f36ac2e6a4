"""A person's orders with their parcels, and what they began to buy, as rows of their page."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext

from kembali.shop import api as shop
from kembali.web import formatting
from kembali.web.pages.parts import Tag, Tone
from kembali.web.pages.person import CartRow, OrderRow

_PARCELS: dict[str, tuple[str, Tone]] = {
    "pending": ("being packed", "plain"),
    "shipped": ("sent", "plain"),
    "in_transit": ("on its way", "plain"),
    "out_for_delivery": ("out for delivery", "plain"),
    "delivered": ("delivered", "back"),
    "failed": ("not delivered", "away"),
    "cancelled": ("called off", "away"),
}


def is_purchase(order: shop.OrderSummary) -> bool:
    """Return whether something is left of a paid order."""
    return order.kind == "order" and order.status == "paid" and (order.net_minor or 0) > 0


def order_rows(orders: Sequence[shop.OrderSummary], at: datetime) -> tuple[OrderRow, ...]:
    """Return orders as rows, each with the state of its parcels at `at`."""
    parcels = shop.shipments_of([(one.source, one.order_ref) for one in orders])
    return tuple(_order_row(one, parcels.get((one.source, one.order_ref), []), at) for one in orders)


def cart_rows(carts: Sequence[shop.OpenCart]) -> tuple[CartRow, ...]:
    """Return open carts and checkouts as rows."""
    return tuple(
        CartRow(
            title=gettext("Checkout") if cart.kind == "checkout" else gettext("Cart"),
            changed_at=cart.changed_at,
            items=", ".join(f"{line.quantity} × {line.title or line.sku or '?'}" for line in cart.lines[:3]),
            amount="" if cart.total_minor is None else formatting.money(cart.total_minor, cart.currency),
        )
        for cart in carts
    )


def _order_row(order: shop.OrderSummary, parcels: Sequence[shop.ShipmentFound], at: datetime) -> OrderRow:
    if order.kind == "order":
        tone: Tone = "back" if is_purchase(order) else "away"
        state = Tag(order.status if is_purchase(order) or order.status != "paid" else gettext("unwound"), tone)
    else:
        state = Tag(gettext(order.kind), "away")
    return OrderRow(
        order_ref=order.order_ref,
        placed_at=order.placed_at,
        items=_items(order),
        state=state,
        net_minor=order.net_minor if order.kind == "order" else None,
        margin_minor=order.margin_minor if order.kind == "order" else None,
        margin_assumed=order.margin_assumed,
        parcels=tuple(_parcel(one, at) for one in parcels),
    )


def _parcel(parcel: shop.ShipmentFound, at: datetime) -> Tag:
    words, tone = _PARCELS.get(parcel.status, (parcel.status, "plain"))
    is_underway = parcel.delivered_at is None and parcel.status not in {"delivered", "cancelled"}
    if is_underway and parcel.promised_at is not None and parcel.promised_at < at:
        return Tag(gettext("%(state)s, late") % {"state": gettext(words)}, "away")
    return Tag(gettext(words), tone)


def _items(order: shop.OrderSummary) -> str:
    more = order.line_count - 3
    return f"{order.items} + {more}" if more > 0 else order.items
