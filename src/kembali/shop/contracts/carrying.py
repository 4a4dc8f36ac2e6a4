"""What lies in carts and what is on its way."""

from dataclasses import dataclass
from datetime import datetime

from kembali.kernel.ids import CustomerId, OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class CartLine:
    """What lies in a cart."""

    sku: str
    title: str
    quantity: int
    total_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCart:
    """A cart or checkout (`kind`) that nobody has completed. `url` takes the shopper back to it; empty: unknown."""

    cart_id: int
    source: str
    kind: str
    cart_ref: str
    customer_id: CustomerId
    changed_at: datetime
    currency: str
    total_minor: int | None
    url: str
    lines: tuple[CartLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentFound:
    """One parcel of an order. `customer_id` and `order_id` are None while the order is unknown."""

    shipment_id: int
    source: str
    order_ref: str
    shipment_ref: str
    status: str
    order_id: OrderId | None
    customer_id: CustomerId | None
    carrier: str
    tracking_number: str
    tracking_url: str
    shipped_at: datetime | None
    promised_at: datetime | None
    delivered_at: datetime | None
