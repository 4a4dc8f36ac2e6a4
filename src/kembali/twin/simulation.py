"""Time passing in the simulated shop: customers order, the product ticks, its mails cause further orders.

The product is handed in as three callables, so the twin enters through the same doors as real data and knows none of
them. Being called again for later days goes on where the last call stopped: what earlier mails still cause is worked
out afresh from the deliveries.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np

from kembali.twin.errors import PlanNotPossible
from kembali.twin.facts import OrderFact, order_facts
from kembali.twin.outcomes import caused_purchases
from kembali.twin.shop import Purchases, Shop, concatenated, customer_number

Tick = Callable[[datetime], object]
Delivered = Callable[[datetime], Iterable[tuple[str, datetime]]]


class Append(Protocol):
    """Takes facts into the log; a fact it already has changes nothing."""

    def __call__(self, facts: Sequence[OrderFact], *, at: datetime) -> object:
        """Append what became known at `at`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LivedDays:
    """What happened while days passed: orders placed, how many of them a mail caused, mails known at the end."""

    day_count: int
    order_count: int
    caused_order_count: int
    mail_count: int


def run_days(
    shop: Shop,
    start: datetime,
    day_count: int,
    *,
    append: Append,
    tick: Tick,
    delivered: Delivered,
    ticks_per_day: int = 4,
) -> LivedDays:
    """Live through days from `start` on, and return what happened.

    Each day has `ticks_per_day` equal parts. At the end of a part its orders are appended, then `tick(end)` is called,
    then `delivered` is asked for new mails: no order is known before it was placed.

    Args:
        start: UTC, at or after the plan's launch. Orders between the launch and `start` count as known.
        delivered: `delivered(since)` returns (customer reference, instant) of the win-back mails delivered at or after
            `since`; some may be returned twice. First asked since the launch.

    Raises:
        PlanNotPossible: the days lie outside what the plan lets the shop live through.
        UnknownTwinCustomer: a mail went to somebody who is not a customer of this shop.
    """
    end = start + timedelta(days=day_count)
    if not (shop.plan.launched_at <= start and end <= shop.plan.closes_at and ticks_per_day >= 1):
        raise PlanNotPossible(
            f"The shop can be lived through from {shop.plan.launched_at:%Y-%m-%d} to {shop.plan.closes_at:%Y-%m-%d}, "
            f"not from {start:%Y-%m-%d} to {end:%Y-%m-%d}."
        )
    answers = _Answers(shop)
    answers.learn(delivered(shop.plan.launched_at))
    part = timedelta(days=1) / ticks_per_day
    order_count = caused_order_count = 0
    for number in range(day_count * ticks_per_day):
        since, until = start + number * part, start + (number + 1) * part
        own = shop.purchases.between(int(since.timestamp()), int(until.timestamp()))
        caused = answers.take_before(int(until.timestamp()))
        if len(own) or len(caused):
            append(order_facts(shop, concatenated([own, caused])), at=until)
        tick(until)
        answers.learn(delivered(since))
        fresh_count = int((caused.placed_at_s >= int(start.timestamp())).sum())
        order_count += len(own) + fresh_count
        caused_order_count += fresh_count
    return LivedDays(
        day_count=day_count,
        order_count=order_count,
        caused_order_count=caused_order_count,
        mail_count=answers.mail_count,
    )


class _Answers:
    """Orders still to come from mails delivered so far."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._known: set[tuple[int, int]] = set()
        self._mails_of: dict[int, int] = {}
        self._waiting = shop.purchases.pick(slice(0, 0))

    @property
    def mail_count(self) -> int:
        return len(self._known)

    def learn(self, deliveries: Iterable[tuple[str, datetime]]) -> None:
        """Work out what new mails cause; mails known before change nothing."""
        mails = {(int(at.timestamp()), customer_number(ref, self._shop.plan)) for ref, at in deliveries}
        new = sorted(mails - self._known)
        if not new:
            return
        self._known.update(new)
        mail_numbers = []
        for _, customer in new:
            mail_numbers.append(self._mails_of.get(customer, 0))
            self._mails_of[customer] = mail_numbers[-1] + 1
        caused = caused_purchases(
            self._shop,
            customer=np.asarray([customer for _, customer in new], dtype=np.int64),
            mailed_at_s=np.asarray([at_s for at_s, _ in new], dtype=np.int64),
            mail_number=np.asarray(mail_numbers, dtype=np.int64),
        )
        self._waiting = concatenated([self._waiting, caused])

    def take_before(self, end_s: int) -> Purchases:
        """Return and forget the orders placed before an instant."""
        is_due = self._waiting.placed_at_s < end_s
        due, self._waiting = self._waiting.pick(is_due), self._waiting.pick(~is_due)
        return due
