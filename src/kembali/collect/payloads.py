"""The payloads that sources of every kind write, whatever they read: a webhook, a file, a tracking event.

Who folds them reads what it needs of them with a shape of its own and ignores the rest: a newer writer may say more.
Instants are aware; money is integer minor units of `currency`; `updated_at` is the platform's own word, `observed_at`
when we saw it. A message id is `<ref>:<digest of the content>`: the same content seen twice is one fact, and the
versions of one thing stand together in the index.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from kembali.collect.contracts import OrderLine

OrderType = Literal["order", "cancellation", "adjustment"]
OrderStatus = Literal["paid", "pending", "cancelled", "refunded", "deleted"]
CartStatus = Literal["open", "completed", "deleted"]
ShipmentStatus = Literal["pending", "shipped", "in_transit", "out_for_delivery", "delivered", "failed", "cancelled"]
ConsentState = Literal["given", "not_given", "withdrawn", "pending"]
ConsentBasis = Literal["opt_in", "double_opt_in", "existing_customer", "imported"]


class _Shape(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Members that say nothing are left out."""


class CustomerSaid(_Shape, frozen=True, kw_only=True):
    """What a source says about a customer; alone it is the payload of `customer.profile`.

    `accepts_email` is what a plain column says, with no proof; a statement with proof is a `consent.stated` of its own.
    `loyalty_ref` is the number on the shop's card, as a till reads it. `from_file`: a file says so without a date
    of its own; it is as old as the import, and nothing may start from it.
    """

    customer_ref: str | None = None
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    country: str | None = None
    city: str | None = None
    language: str | None = None
    accepts_email: bool | None = None
    properties: Mapping[str, object] = {}
    loyalty_ref: str | None = None
    from_file: bool = False


class OrderTotals(_Shape, frozen=True, kw_only=True):
    """`total_minor` is what was charged, signed."""

    total_minor: int
    subtotal_minor: int | None = None
    discount_minor: int | None = None
    shipping_minor: int | None = None
    tax_minor: int | None = None
    refunded_minor: int | None = None


class OrderVersion(_Shape, frozen=True, kw_only=True):
    """The payload of `order.version`: the whole order as it stood. Occurred when the order was placed.

    `is_tracked`: made of a tracking event, which knows when it happened but not when the order was placed: the earliest
    event of the order tells.
    """

    order_ref: str
    type: OrderType
    status: OrderStatus
    placed_at: datetime
    currency: str
    totals: OrderTotals
    customer: CustomerSaid
    lines: list[OrderLine]
    observed_at: datetime
    updated_at: datetime | None = None
    properties: Mapping[str, object] = {}
    is_tracked: bool = False


class OrderNoted(_Shape, frozen=True, kw_only=True):
    """The payload of `order.deleted`, `.restored`, `.cancelled` and `.refunded`: what became of an order, and no more.

    Said where a source does not tell the whole order again. It may come before its order, and waits for it. Deleted
    stays deleted, whatever versions say: only an `order.restored` of a later instant brings it back.

    `order.refunded`: what was given back, as `amount_minor` of `currency`; without it the pieces of `lines`, at the
    prices of the order; with neither, everything. Not for what a version's `refunded_minor` tells.
    """

    order_ref: str
    observed_at: datetime
    updated_at: datetime | None = None
    amount_minor: int | None = None
    currency: str | None = None
    lines: list[OrderLine] = []
    properties: Mapping[str, object] = {}


class CartVersion(_Shape, frozen=True, kw_only=True):
    """The payload of `cart.version` and `checkout.version`. `url` restores it; occurred at its last change."""

    cart_ref: str
    status: CartStatus
    currency: str
    total_minor: int | None
    shipping_minor: int | None = None
    customer: CustomerSaid = CustomerSaid()
    lines: list[OrderLine] = []
    url: str | None = None
    order_ref: str | None = None
    observed_at: datetime
    updated_at: datetime | None = None
    properties: Mapping[str, object] = {}


class ShipmentVersion(_Shape, frozen=True, kw_only=True):
    """The payload of `shipment.version`: one parcel of an order."""

    order_ref: str
    shipment_ref: str
    status: ShipmentStatus
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    shipped_at: datetime | None = None
    promised_at: datetime | None = None
    delivered_at: datetime | None = None
    observed_at: datetime
    updated_at: datetime | None = None
    properties: Mapping[str, object] = {}


class ProductVariant(_Shape, frozen=True, kw_only=True):
    """What can be put into a cart. `stock` None: not counted."""

    variant_ref: str
    sku: str | None = None
    title: str | None = None
    price_minor: int | None = None
    compare_at_minor: int | None = None
    unit_cost_minor: int | None = None
    stock: int | None = None
    barcode: str | None = None
    image_url: str | None = None


class ProductVersion(_Shape, frozen=True, kw_only=True):
    """The payload of `product.version`: the whole product as it stood. A product without variants has one."""

    product_ref: str
    title: str
    status: Literal["active", "draft", "archived", "deleted"]
    currency: str
    variants: list[ProductVariant]
    handle: str | None = None
    url: str | None = None
    image_url: str | None = None
    brand: str | None = None
    categories: list[str] = []
    tags: list[str] = []
    observed_at: datetime
    updated_at: datetime | None = None
    properties: Mapping[str, object] = {}


class ConsentSaid(_Shape, frozen=True, kw_only=True):
    """The payload of `consent.stated`: one statement about one permission, with whatever proves it.

    Occurred when the person said it. `pending`: a yes that awaits its double opt-in. `from_file`: a file tells of it,
    which never undoes a withdrawal, whatever the file proves.
    """

    channel: Literal["email", "sms", "whatsapp", "web_push", "app_push"]
    state: ConsentState
    basis: ConsentBasis
    purpose: Literal["marketing", "service"] = "marketing"
    wording: str | None = None
    language: str | None = None
    evidence: Mapping[str, str | int] = {}
    from_file: bool = False


class ReviewLeft(_Shape, frozen=True, kw_only=True):
    """The payload of `review.left`: what a buyer thinks of a product, or of an order as a whole.

    Occurred when it was written. `review_ref` need not be unique: one review may stand on several orders.
    """

    rating: int
    review_ref: str | None = None
    order_ref: str | None = None
    product_ref: str | None = None
    best_rating: int = 5
    title: str | None = None
    text: str | None = None
    asked_at: datetime | None = None
    properties: Mapping[str, object] = {}


class PrivacyRequested(_Shape, frozen=True, kw_only=True):
    """The payload of `privacy.requested`: a platform passes on what a person or the shop may demand by law."""

    request: Literal["export", "erasure", "shop_erasure"]
    reference: str | None = None
    order_refs: list[str] = []


def version_id(ref: str, payload: msgspec.Struct | Mapping[str, object]) -> str:
    """Return the message id of a version: `<ref>:<md5>`, whose digest leaves out when it was seen."""
    content = msgspec.to_builtins(payload)
    content.pop("observed_at", None)
    digest = hashlib.md5(msgspec.json.encode(content, order="sorted"), usedforsecurity=False).hexdigest()
    return f"{ref}:{digest}"
