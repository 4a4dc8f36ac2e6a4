"""What programs send and get. Amounts are integers in minor units of their currency; instants bear their offset."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, JsonValue, StringConstraints

_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_MOST_MINOR = 10**15


def _plausible(at: datetime) -> datetime:
    if not _EARLIEST <= at <= _LATEST:
        raise ValueError("is not between 1970 and 2200")
    return at.astimezone(UTC)


def _text(longest: int, *, shortest: int = 0) -> Any:
    return StringConstraints(min_length=shortest, max_length=longest, pattern=r"^[^\x00]*$")


Instant = Annotated[AwareDatetime, AfterValidator(_plausible)]
Ref = Annotated[str, _text(100, shortest=1)]
Text = Annotated[str, _text(1000)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Minor = Annotated[int, Field(ge=-_MOST_MINOR, le=_MOST_MINOR)]
Properties = dict[str, JsonValue]
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]


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
    message_id: Annotated[str, _text(150, shortest=1)] | None = None
    occurred_at: Instant
    identifiers: IdentifiersIn = IdentifiersIn()
    payload: Properties


class FactsIn(Shape):
    """Facts to record together: all or none."""

    facts: Annotated[list[FactIn], Field(min_length=1, max_length=500)]


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


class CustomerPage(Schema):
    """A page; without `next_cursor` it is the last."""

    data: list[Customer]
    next_cursor: str | None


class OrderPage(Schema):
    """A page; without `next_cursor` it is the last."""

    data: list[Order]
    next_cursor: str | None


class ProductPage(Schema):
    """A page; without `next_cursor` it is the last."""

    data: list[Product]
    next_cursor: str | None


class FactPage(Schema):
    """A page of the feed. `next_cursor` is always there: ask with it again later for what came meanwhile."""

    data: list[Fact]
    next_cursor: str
    has_more: bool
