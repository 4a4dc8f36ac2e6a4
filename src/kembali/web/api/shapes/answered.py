"""What programs get."""

from datetime import datetime

from ninja import Schema
from pydantic import JsonValue


class Recorded(Schema):
    """A fact that is on disk. `is_new` false: it was there already."""

    fact_id: int
    message_id: str
    is_new: bool


class RecordedMany(Schema):
    """The facts of a request, in its order."""

    facts: list[Recorded]


class Identifier(Schema):
    """Something a customer is known by."""

    kind: str
    value: str


class Customer(Schema):
    """A person, with everything merged into them."""

    id: int
    email: str
    phone: str
    first_name: str
    last_name: str
    country: str
    city: str
    identifiers: list[Identifier]
    merged_ids: list[int]
    order_count: int
    net_minor: int
    first_seen_at: datetime | None
    last_order_at: datetime | None
    updated_at: datetime | None


class Line(Schema):
    """A line of an order."""

    product_id: int | None
    sku: str
    title: str
    quantity: int
    unit_price: str
    total_minor: int


class Order(Schema):
    """An order, cancellation or adjustment. `net_minor` is what is left after refunds and cancellations."""

    id: int
    source: str
    order_ref: str
    customer_id: int | None
    type: str
    status: str
    placed_at: datetime
    updated_at: datetime
    currency: str
    total_minor: int
    discount_minor: int | None
    shipping_minor: int | None
    tax_minor: int | None
    refunded_minor: int | None
    net_minor: int | None
    lines: list[Line]


class Product(Schema):
    """Something the shop sells, variant by variant; empty or null where nobody has told.

    `status`: active, draft, archived or deleted as its catalogue says, `removed` when its product goes on without it,
    `sold` when only orders know it. Prices are in `currency`, the cost in the shop's.
    """

    id: int
    source: str
    product_ref: str
    variant_ref: str
    sku: str
    title: str
    variant_title: str
    status: str
    brand: str
    categories: list[str]
    url: str
    image_url: str
    currency: str
    price_minor: int | None
    compare_at_minor: int | None
    unit_cost_minor: int | None
    stock: int | None
    is_service: bool
    updated_at: datetime | None


class Fact(Schema):
    """A row of the log. `customer_id` is the person it belongs to now, after merges."""

    id: int
    source: str
    message_id: str
    kind: str
    identifiers: dict[str, str]
    customer_id: int | None
    occurred_at: datetime
    received_at: datetime
    payload: JsonValue
