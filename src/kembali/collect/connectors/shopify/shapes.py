"""What Shopify's webhooks say, as far as it is read. Every member may be missing or null: versions differ.

The GraphQL API says the same in other words; `nodes` turns those into these, so that both become the same facts.
"""

from datetime import datetime
from typing import Annotated, Any

import msgspec

Amount = str | int | float | None
Id = Annotated[int, msgspec.Meta(ge=1)]


class _Shape(msgspec.Struct, kw_only=True, gc=False):
    """Members that are not named here are ignored."""


class Address(_Shape):
    """Of a bill or a parcel."""

    first_name: str | None = None
    last_name: str | None = None
    country_code: str | None = None
    city: str | None = None


class Customer(_Shape):
    """A customer: alone, or within an order, checkout or request."""

    id: Id | None = None
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    locale: str | None = None
    tags: str | list[str] | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    default_address: Address | None = None


class Allocation(_Shape):
    """A part of a discount."""

    amount: Amount = None


class LineItem(_Shape):
    """A line of an order, a checkout or a cart. `tip`: it is money for the staff."""

    quantity: Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)] = 0
    price: Amount = None
    sku: str | None = None
    name: str | None = None
    title: str | None = None
    gift_card: bool | None = None
    product_id: Id | None = None
    variant_id: Id | None = None
    tip: Any = None
    line_price: Amount = None
    discount_allocations: list[Allocation] | None = None


class Transaction(_Shape):
    """Money that moved."""

    kind: str | None = None
    status: str | None = None
    amount: Amount = None
    currency: str | None = None


class Refund(_Shape):
    """What was given back."""

    transactions: list[Transaction] | None = None


class Money(_Shape):
    """An amount in a currency."""

    amount: Amount = None
    currency_code: str | None = None


class MoneySet(_Shape):
    """One amount in the shop's currency and in the one the customer saw."""

    shop_money: Money | None = None
    presentment_money: Money | None = None


class DiscountCode(_Shape):
    """A code the customer entered."""

    code: str | None = None


class Fulfillment(_Shape):
    """A parcel. `name` is the order's with a number of its own."""

    id: Id
    name: str | None = None
    status: str | None = None
    shipment_status: str | None = None
    tracking_company: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class Order(_Shape):
    """An order as it stands. Amounts without a set are in the shop's currency."""

    id: Id
    name: str
    created_at: datetime
    currency: str
    updated_at: datetime | None = None
    processed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    presentment_currency: str | None = None
    total_price: Amount = None
    subtotal_price: Amount = None
    total_discounts: Amount = None
    total_tax: Amount = None
    total_tip_received: Amount = None
    total_price_set: MoneySet | None = None
    total_shipping_price_set: MoneySet | None = None
    taxes_included: bool | None = None
    financial_status: str | None = None
    fulfillment_status: str | None = None
    test: bool | None = None
    email: str | None = None
    contact_email: str | None = None
    phone: str | None = None
    customer: Customer | None = None
    billing_address: Address | None = None
    shipping_address: Address | None = None
    buyer_accepts_marketing: bool | None = None
    customer_locale: str | None = None
    source_name: str | None = None
    tags: str | list[str] | None = None
    payment_gateway_names: list[str] | None = None
    discount_codes: list[DiscountCode] | None = None
    line_items: list[LineItem] | None = None
    refunds: list[Refund] | None = None
    fulfillments: list[Fulfillment] | None = None


class Checkout(_Shape):
    """A checkout somebody began."""

    id: Id | None = None
    token: str | None = None
    currency: str | None = None
    email: str | None = None
    phone: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    completed_at: datetime | None = None
    total_price: Amount = None
    abandoned_checkout_url: str | None = None
    customer_locale: str | None = None
    customer: Customer | None = None
    billing_address: Address | None = None
    shipping_address: Address | None = None
    line_items: list[LineItem] | None = None


class Cart(_Shape):
    """A cart: nobody's, in no currency of its own."""

    id: str | None = None
    token: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    line_items: list[LineItem] | None = None


class Variant(_Shape):
    """A variant of a product. `tracked`: whether its stock is counted."""

    id: Id
    sku: str | None = None
    title: str | None = None
    price: Amount = None
    compare_at_price: Amount = None
    inventory_quantity: int | None = None
    tracked: bool | None = None
    unit_cost: Amount = None
    barcode: str | None = None
    image_url: str | None = None


class Product(_Shape):
    """A product with its variants. Read by asking only: a webhook does not tell what it costs the shop."""

    id: Id
    title: str | None = None
    status: str | None = None
    handle: str | None = None
    vendor: str | None = None
    product_type: str | None = None
    tags: list[str] | None = None
    url: str | None = None
    image_url: str | None = None
    updated_at: datetime | None = None
    variants: list[Variant] | None = None


class Consent(_Shape):
    """One permission as it stands."""

    state: str | None = None
    opt_in_level: str | None = None
    consent_updated_at: datetime | None = None
    consent_collected_from: str | None = None


class ConsentUpdate(_Shape):
    """A permission that changed: one of mail (`customer_id`) or of SMS (`id`)."""

    id: Id | None = None
    customer_id: Id | None = None
    email: str | None = None
    email_address: str | None = None
    phone: str | None = None
    email_marketing_consent: Consent | None = None
    sms_marketing_consent: Consent | None = None


class Gone(_Shape):
    """Something that was deleted: of most things only the number is told."""

    id: Id


class Demand(_Shape):
    """The number of a request."""

    id: Id | None = None


class PrivacyDemand(_Shape):
    """A person's demand (or, of a shop that left, the platform's)."""

    customer: Customer | None = None
    orders_requested: list[int] | None = None
    orders_to_redact: list[int] | None = None
    data_request: Demand | None = None
