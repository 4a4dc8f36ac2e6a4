"""The values that leave the shop: its settings, customers as a person sees them, orders, totals."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from kembali.kernel.ids import CustomerId, OrderId


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
    """What an un-merge takes apart: who leaves and who stays, their identifiers as `kind:value`, the leaving orders."""

    leaving: tuple[CustomerId, ...]
    staying: tuple[CustomerId, ...]
    identifiers: tuple[str, ...]
    staying_identifiers: tuple[str, ...]
    order_refs: tuple[str, ...]


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
