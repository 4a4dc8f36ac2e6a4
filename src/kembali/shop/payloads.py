"""The shapes of the facts the shop folds. Unknown members are ignored: a newer writer may say more."""

from datetime import datetime
from typing import Literal

import msgspec

from kembali.collect.api import OrderLine


class Totals(msgspec.Struct, gc=False):
    """Amounts of a whole order in minor units; None where the source does not tell."""

    total_minor: int
    discount_minor: int | None = None
    shipping_minor: int | None = None
    tax_minor: int | None = None
    refunded_minor: int | None = None


class CustomerDetails(msgspec.Struct, gc=False):
    """What a fact says about the customer; also the whole payload of `customer.profile`."""

    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    country: str | None = None
    city: str | None = None


class OrderVersion(msgspec.Struct, gc=False):
    """The payload of `order.version`."""

    order_ref: str
    type: str
    placed_at: datetime
    currency: str
    status: str
    observed_at: datetime
    totals: Totals
    customer: CustomerDetails
    lines: list[OrderLine]
    updated_at: datetime | None = None
    is_tracked: bool = False


class OrderNoted(msgspec.Struct, gc=False):
    """The payload of `order.deleted`, `.restored`, `.cancelled` and `.refunded`."""

    order_ref: str
    observed_at: datetime
    updated_at: datetime | None = None
    amount_minor: int | None = None
    currency: str | None = None
    lines: list[OrderLine] = []


class Variant(msgspec.Struct, gc=False):
    """One of the things a product can be bought as."""

    variant_ref: str
    sku: str | None = None
    title: str | None = None
    price_minor: int | None = None
    compare_at_minor: int | None = None
    unit_cost_minor: int | None = None
    stock: int | None = None
    image_url: str | None = None


class ProductVersion(msgspec.Struct, gc=False):
    """The payload of `product.version`."""

    product_ref: str
    title: str
    status: Literal["active", "draft", "archived", "deleted"]
    currency: str
    variants: list[Variant]
    observed_at: datetime
    handle: str | None = None
    url: str | None = None
    image_url: str | None = None
    brand: str | None = None
    categories: list[str] = []
    updated_at: datetime | None = None


class CartVersion(msgspec.Struct, gc=False):
    """The payload of `cart.version` and `checkout.version`."""

    cart_ref: str
    status: Literal["open", "completed", "deleted"]
    currency: str
    observed_at: datetime
    total_minor: int | None = None
    customer: CustomerDetails = msgspec.field(default_factory=CustomerDetails)
    lines: list[OrderLine] = []
    url: str | None = None
    order_ref: str | None = None
    updated_at: datetime | None = None


class ShipmentVersion(msgspec.Struct, gc=False):
    """The payload of `shipment.version`."""

    order_ref: str
    shipment_ref: str
    status: Literal["pending", "shipped", "in_transit", "out_for_delivery", "delivered", "failed", "cancelled"]
    observed_at: datetime
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    shipped_at: datetime | None = None
    promised_at: datetime | None = None
    delivered_at: datetime | None = None
    updated_at: datetime | None = None
