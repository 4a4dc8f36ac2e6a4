"""The values that leave the shop: its settings, customers as a person sees them, orders, totals."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from kembali.kernel.ids import CustomerId, OrderId, ProductId


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSettings:
    """What the owner decided. `clock_offset` is zero in every real shop; only a demo shop lives in the future.

    country: two letters, where phone numbers without a country code are dialled; empty where it cannot be told.
    placeholders: patterns of identifiers that stand for nobody, beside those that kembali knows by itself.
    """

    name: str
    currency: str
    time_zone: str
    default_margin_percent: Decimal
    clock_offset: timedelta
    country: str = ""
    placeholders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where and how a customer is addressed; empty where unknown."""

    email: str = ""
    phone: str = ""
    first_name: str = ""
    last_name: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One customer with everything merged into them.

    identifiers: `kind:value`, all clusters. merged_from: the customers whose pointer leads here.
    order_count, net_minor: purchases only (paid, something left after refunds).
    """

    customer_id: CustomerId
    address: Address
    city: str
    first_seen_at: datetime | None
    identifiers: tuple[str, ...]
    merged_from: tuple[CustomerId, ...]
    order_count: int
    net_minor: int
    last_order_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFound:
    """A line of the people list. Counts and sums as in `Profile`."""

    customer_id: CustomerId
    name: str
    email: str
    customer_ref: str
    country: str
    order_count: int
    net_minor: int
    last_order_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFound:
    """One page of people; `after` of the next page, None on the last."""

    people: tuple[PersonFound, ...]
    after: CustomerId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSummary:
    """One order, cancellation or adjustment. `items` names at most three products, the dearest line first."""

    order_id: OrderId
    source: str
    order_ref: str
    kind: str
    status: str
    placed_at: datetime
    placed_on: date
    currency: str
    gross_minor: int
    net_minor: int | None
    margin_minor: int | None
    margin_assumed: bool
    line_count: int
    items: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTotal:
    """Orders of one source, month (its first day, shop's zone), kind and currency; amounts in that currency."""

    source: str
    month: date
    kind: str
    currency: str
    order_count: int
    gross_minor: int
    net_minor: int
    last_placed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """Cancellations that found no earlier sale to unwind: how many lines, and their money (positive)."""

    line_count: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Revenue:
    """What purchases of known customers brought, and the part of it from people who had bought before."""

    total_minor: int
    returning_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """What an un-merge takes apart: who leaves and who stays, their identifiers as `kind:value`, the leaving orders.

    subjects: the names under which the leaving facts lie in the log.
    """

    leaving: tuple[CustomerId, ...]
    staying: tuple[CustomerId, ...]
    identifiers: tuple[str, ...]
    staying_identifiers: tuple[str, ...]
    order_refs: tuple[str, ...]
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A person as they are compared with another: what they are known by (`kind:value`), their latest orders."""

    person: PersonFound
    identifiers: tuple[str, ...]
    order_refs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Are these two one person? They share `via` (`kind:value`), yet bear different numbers of one numbering."""

    first: Side
    second: Side
    via: tuple[str, ...]
    found_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPart:
    """One of a person's customers: its identifiers, and those of others in the person that facts named with it."""

    customer_id: CustomerId
    identifiers: tuple[str, ...]
    tied_by: tuple[str, ...]
    is_shared: bool
    order_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleDoubles:
    """Orders that two sources tell of with equal numbers, totals and days: most likely one purchase counted twice.

    net_minor: what the other source's copies add to the sums. examples: at most three order numbers, the newest first.
    """

    source: str
    other_source: str
    order_count: int
    net_minor: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoublesLeftOut:
    """Orders of a source that do not count, because those of `beside` are the same purchases."""

    source: str
    beside: str
    order_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFound:
    """Something sold or for sale; empty or None where nobody has told.

    status: active, draft, archived or deleted as its catalogue says; `removed` when its product goes on without it;
    `sold` when only orders know it. unit_cost_minor is in the shop's currency, prices are in `currency`.
    """

    product_id: ProductId
    sku: str
    title: str
    variant_title: str
    status: str
    source: str
    product_ref: str
    variant_ref: str
    brand: str
    categories: tuple[str, ...]
    handle: str
    url: str
    image_url: str
    currency: str
    price_minor: int | None
    compare_at_minor: int | None
    stock: int | None
    unit_cost_minor: int | None
    is_service: bool
    updated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductsFound:
    """One page of products; `after` of the next page, None on the last."""

    products: tuple[ProductFound, ...]
    after: ProductId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFound:
    """A line of an order: what was sold, how many, and for how much. `unit_price` is exact."""

    product_id: ProductId | None
    sku: str
    title: str
    quantity: int
    unit_price: Decimal
    total_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFound:
    """One order, cancellation or adjustment with its lines. `customer_id` is the root's; `updated_at` the source's."""

    order_id: OrderId
    customer_id: CustomerId | None
    source: str
    order_ref: str
    kind: str
    status: str
    placed_at: datetime
    updated_at: datetime
    currency: str
    gross_minor: int
    discount_minor: int | None
    shipping_minor: int | None
    tax_minor: int | None
    refunded_minor: int | None
    net_minor: int | None
    margin_minor: int | None
    lines: tuple[LineFound, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersFound:
    """One page of orders; `after` of the next page, None on the last."""

    orders: tuple[OrderFound, ...]
    after: OrderId | None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFound:
    """A person with everything merged into them; counts and sums as in `Profile`.

    identifiers: kind and value, without those that only a browser claims.
    """

    customer_id: CustomerId
    email: str
    phone: str
    first_name: str
    last_name: str
    country: str
    city: str
    first_seen_at: datetime | None
    updated_at: datetime | None
    identifiers: tuple[tuple[str, str], ...]
    merged_ids: tuple[CustomerId, ...]
    order_count: int
    net_minor: int
    last_order_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersFound:
    """One page of people; `after` of the next page, None on the last."""

    customers: tuple[CustomerFound, ...]
    after: CustomerId | None
