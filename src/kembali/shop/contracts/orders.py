"""Orders, what they add up to, and which of them are told twice."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from kembali.kernel.ids import CustomerId, OrderId, ProductId


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
