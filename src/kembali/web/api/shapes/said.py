"""What programs send, whole: each thing as it stands now."""

from decimal import Decimal
from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

from kembali.web.api.shapes.values import Currency, Instant, Minor, Properties, Ref, Text, text


class Shape(Schema):
    """Members nobody knows are refused: a typo must not be lost in silence."""

    model_config = ConfigDict(extra="forbid")


class CustomerIn(Shape):
    """What is known of a customer. One of `customer_ref`, `email`, `phone` and `loyalty_ref` at least.

    Say `updated_at` where you know it: an older word never replaces a newer one, and the same twice is one fact.
    """

    customer_ref: Ref | None = None
    email: Ref | None = None
    phone: Ref | None = None
    loyalty_ref: Ref | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    country: Text | None = None
    city: Text | None = None
    language: Text | None = None
    properties: Properties = {}
    updated_at: Instant | None = None


class BuyerIn(Shape):
    """Who ordered. Nobody, where none of the identifiers is known."""

    customer_ref: Ref | None = None
    email: Ref | None = None
    phone: Ref | None = None
    loyalty_ref: Ref | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    country: Text | None = None
    city: Text | None = None
    language: Text | None = None
    accepts_email: bool | None = None


class LineIn(Shape):
    """A line of an order. `total_minor` is what it costs after its own discount, negative where money goes back."""

    sku: Ref | None = None
    title: Text | None = None
    quantity: Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
    unit_price: Annotated[Decimal, Field(ge=-(10**12), le=10**12, decimal_places=6)]
    total_minor: Minor


class OrderIn(Shape):
    """An order as it stands now, whole. Sent again with another content it is a new version.

    `total_minor` is what was charged. Say `updated_at`: the later version counts, whatever comes last.
    """

    order_ref: Ref
    type: Literal["order", "cancellation", "adjustment"] = "order"
    status: Literal["paid", "pending", "cancelled", "refunded", "deleted"]
    placed_at: Instant
    currency: Currency
    total_minor: Minor
    subtotal_minor: Minor | None = None
    discount_minor: Minor | None = None
    shipping_minor: Minor | None = None
    tax_minor: Minor | None = None
    refunded_minor: Minor | None = None
    customer: BuyerIn = BuyerIn()
    lines: Annotated[list[LineIn], Field(max_length=1000)]
    properties: Properties = {}
    updated_at: Instant | None = None


class VariantIn(Shape):
    """What can be put into a cart. Without `stock` it is not counted."""

    variant_ref: Ref
    sku: Ref | None = None
    title: Text | None = None
    price_minor: Minor | None = None
    compare_at_minor: Minor | None = None
    unit_cost_minor: Minor | None = None
    stock: Annotated[int, Field(ge=-(10**9), le=10**9)] | None = None
    barcode: Ref | None = None
    image_url: Text | None = None


class ProductIn(Shape):
    """A product as it stands now, whole, with its variants: one at least."""

    product_ref: Ref
    title: Text
    status: Literal["active", "draft", "archived", "deleted"] = "active"
    currency: Currency
    variants: Annotated[list[VariantIn], Field(min_length=1, max_length=500)]
    handle: Text | None = None
    url: Text | None = None
    image_url: Text | None = None
    brand: Text | None = None
    categories: Annotated[list[Text], Field(max_length=100)] = []
    tags: Annotated[list[Text], Field(max_length=200)] = []
    properties: Properties = {}
    updated_at: Instant | None = None


class IdentifiersIn(Shape):
    """Whom a fact is about."""

    customer_ref: Ref | None = None
    email: Ref | None = None
    phone: Ref | None = None
    loyalty_ref: Ref | None = None
    anonymous_id: Ref | None = None


class FactIn(Shape):
    """Something that happened: of a kind of your own (`custom.…`), or one that sources write.

    Without a `message_id` the content is the id: the same twice is one fact.
    """

    kind: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)+$", max_length=80)]
    message_id: Annotated[str, text(150, shortest=1)] | None = None
    occurred_at: Instant
    identifiers: IdentifiersIn = IdentifiersIn()
    payload: Properties


class FactsIn(Shape):
    """Facts to record together: all or none."""

    facts: Annotated[list[FactIn], Field(min_length=1, max_length=500)]
