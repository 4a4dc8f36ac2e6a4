"""The simulated shop as arrays: its population and everything they buy if nobody is ever mailed."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np

from kembali.twin.baskets import fill_baskets
from kembali.twin.draws import Flags, Ints
from kembali.twin.errors import UnknownTwinCustomer
from kembali.twin.plan import ShopPlan
from kembali.twin.population import Population, make_population
from kembali.twin.seasons import TradeClock, trade_clock
from kembali.twin.streams import Stream, renewals

NEVER_S = 1 << 60
_FIRST_REF = 100_001
_CHUNK_CUSTOMERS = 100_000


@dataclass(frozen=True, slots=True)
class Purchases:
    """Orders, one row each, sorted by customer and time.

    `customer`: number in the population. `order_key`: see `streams`. `placed_at_s`: seconds since 1970 UTC.
    `net_minor`, `margin_minor`: value of the order, and less its products' costs.
    """

    customer: Ints
    order_key: Ints
    placed_at_s: Ints
    net_minor: Ints
    margin_minor: Ints

    def __len__(self) -> int:
        """Number of orders."""
        return len(self.customer)

    def pick(self, which: Ints | Flags | slice) -> "Purchases":
        """Return some of the orders."""
        return Purchases(*(getattr(self, field.name)[which] for field in fields(self)))

    def between(self, start_s: int, end_s: int) -> "Purchases":
        """Return the orders from `start_s` (included) to `end_s` (not included)."""
        return self.pick((self.placed_at_s >= start_s) & (self.placed_at_s < end_s))


@dataclass(frozen=True, slots=True)
class Shop:
    """One seed's shop.

    `purchases` is the world in which nobody is mailed. `left_at_s` is each customer's last order where they have left
    for good, NEVER_S where they have not.
    """

    plan: ShopPlan
    seed: int
    population: Population
    purchases: Purchases
    left_at_s: Ints

    @property
    def clock(self) -> TradeClock:
        """The shop's busy and quiet times."""
        return trade_clock(self.plan.opens_on, self.plan.day_count)

    def fingerprint(self) -> str:
        """Return a hash over every number of the shop: equal on every machine for the same plan and seed."""
        digest = hashlib.sha256()
        for part in (self.population, self.purchases):
            for field in fields(part):
                digest.update(np.ascontiguousarray(getattr(part, field.name)).astype("<i8").tobytes())
        return digest.hexdigest()


def open_shop(plan: ShopPlan, seed: int) -> Shop:
    """Return the shop of a seed: its customers and all their purchases until the plan ends."""
    return _make_part(plan, seed, 0, plan.customer_count)


def iter_purchases(plan: ShopPlan, seed: int, *, chunk_customers: int = _CHUNK_CUSTOMERS) -> Iterator[Purchases]:
    """Yield the purchases of `open_shop`, some customers at a time, in memory bounded by the chunk."""
    for first in range(0, plan.customer_count, chunk_customers):
        yield _make_part(plan, seed, first, min(chunk_customers, plan.customer_count - first)).purchases


def concatenated(parts: Sequence[Purchases]) -> Purchases:
    """Return the orders of all parts, in their order."""
    return Purchases(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Purchases)))


def customer_ref(number: int) -> str:
    """Return the reference the shop's own systems know a customer by."""
    return str(_FIRST_REF + number)


def customer_number(ref: str, plan: ShopPlan) -> int:
    """Return the customer's number in the population.

    Raises:
        UnknownTwinCustomer: no such customer in this plan.
    """
    number = int(ref) - _FIRST_REF if ref.isascii() and ref.isdigit() else -1
    if not 0 <= number < plan.customer_count:
        raise UnknownTwinCustomer(f"The simulated shop has no customer {ref!r}.")
    return number


def purchases_of(plan: ShopPlan, seed: int, population: Population, stream: Stream) -> Purchases:
    """Return a stream's orders with their instants and what is in them."""
    baskets = fill_baskets(population, seed, rows=stream.row, order_keys=stream.order_key)
    return Purchases(
        customer=population.number[stream.row],
        order_key=stream.order_key,
        placed_at_s=trade_clock(plan.opens_on, plan.day_count).to_instant(stream.trade_s),
        net_minor=baskets.net_minor,
        margin_minor=baskets.margin_minor,
    )


def _make_part(plan: ShopPlan, seed: int, first: int, count: int) -> Shop:
    population = make_population(plan, seed, first=first, count=count)
    rows = np.arange(count, dtype=np.int64)
    stream = renewals(
        population,
        seed,
        first_dropout_ppm=plan.first_dropout_percent * 10_000,
        end_trade_s=trade_clock(plan.opens_on, plan.day_count).end_trade_s,
        rows=rows,
        keys=np.zeros(count, dtype=np.int64),
        starts=population.acquired_trade_s,
    )
    purchases = purchases_of(plan, seed, population, stream)
    last = np.searchsorted(purchases.customer, population.number, side="right") - 1
    left_at_s = np.where(stream.has_left, purchases.placed_at_s[last], NEVER_S)
    return Shop(plan, seed, population, purchases, left_at_s)
