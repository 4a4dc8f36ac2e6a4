"""Days pass in the right order, and a mail changes only what comes after it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from kembali.twin.api import (
    LivedDays,
    OrderFact,
    PlanNotPossible,
    Shop,
    ShopPlan,
    UnknownTwinCustomer,
    caused_purchases,
    customer_number,
    customer_ref,
    idle_moments,
    open_shop,
    order_facts,
    potential_outcomes,
    run_days,
)

PLAN = ShopPlan(customer_count=1_500, opens_on=date(2023, 1, 1), day_count=900, history_day_count=700)
START = PLAN.launched_at
DAY_COUNT = 120
WINDOW_DAYS = 40


@pytest.fixture(scope="module")
def shop() -> Shop:
    return open_shop(PLAN, 3)


class Product:
    """A product that mails each idle customer once, at the first tick after the idle moment; a log by message id."""

    def __init__(self, shop: Shop, *, mails: bool) -> None:
        idle = idle_moments(shop, from_s=int(START.timestamp()), to_s=int((START + timedelta(days=70)).timestamp()))
        self.waiting = sorted(zip(idle.idle_at_s.tolist(), idle.customer.tolist(), strict=True)) if mails else []
        self.facts: dict[str, OrderFact] = {}
        self.mails: list[tuple[str, datetime]] = []
        self.events: list[tuple[str, datetime]] = []

    def append(self, facts: Sequence[OrderFact], *, at: datetime) -> None:
        assert all(fact.occurred_at < at for fact in facts)
        self.events.append(("append", at))
        self.facts.update({fact.message_id: fact for fact in facts})

    def tick(self, at: datetime) -> None:
        self.events.append(("tick", at))
        while self.waiting and self.waiting[0][0] < at.timestamp():
            self.mails.append((customer_ref(self.waiting.pop(0)[1]), at))

    def delivered(self, since: datetime) -> Iterable[tuple[str, datetime]]:
        return [mail for mail in self.mails if mail[1] >= since]

    def live(self, shop: Shop, start: datetime, day_count: int) -> LivedDays:
        return run_days(shop, start, day_count, append=self.append, tick=self.tick, delivered=self.delivered)


def lived(shop: Shop, *, mails: bool) -> tuple[Product, LivedDays]:
    product = Product(shop, mails=mails)
    return product, product.live(shop, START, DAY_COUNT)


@pytest.fixture(scope="module")
def silent(shop: Shop) -> tuple[Product, LivedDays]:
    return lived(shop, mails=False)


@pytest.fixture(scope="module")
def mailing(shop: Shop) -> tuple[Product, LivedDays]:
    return lived(shop, mails=True)


def test_each_day_ticks_four_times_and_knows_an_order_only_after_it_was_placed(
    shop: Shop, silent: tuple[Product, LivedDays]
) -> None:
    product, days = silent
    ticks = [at for what, at in product.events if what == "tick"]
    assert ticks == [START + timedelta(hours=6 * (number + 1)) for number in range(4 * DAY_COUNT)]
    assert [at for _, at in product.events] == sorted(at for _, at in product.events)
    placed = shop.purchases.between(int(START.timestamp()), int((START + timedelta(days=DAY_COUNT)).timestamp()))
    assert len(product.facts) == days.order_count == len(placed)
    assert (days.caused_order_count, days.mail_count) == (0, 0)


def test_mails_add_orders_of_the_mailed_after_the_mail_and_change_nothing_else(
    silent: tuple[Product, LivedDays], mailing: tuple[Product, LivedDays]
) -> None:
    without, (product, days) = silent[0].facts, mailing
    assert without.items() <= product.facts.items()
    added = [product.facts[each] for each in product.facts.keys() - without.keys()]
    mailed_at = dict(product.mails)
    assert len(added) == days.caused_order_count > 10
    assert days.mail_count == len(product.mails)
    for fact in added:
        assert fact.occurred_at > mailed_at[fact.identifiers["customer_ref"]]


def test_figures_of_the_lived_days_are_those_of_the_arrays(shop: Shop, mailing: tuple[Product, LivedDays]) -> None:
    product, _ = mailing
    customer = np.asarray([customer_number(ref, PLAN) for ref, _ in product.mails])
    mailed_at_s = np.asarray([int(at.timestamp()) for _, at in product.mails])
    both = potential_outcomes(
        shop, customer=customer, enrolled_at_s=mailed_at_s, mailed_at_s=mailed_at_s, window_days=WINDOW_DAYS
    )
    order_count, net_minor = np.zeros_like(customer), np.zeros_like(customer)
    row_of = {ref: row for row, (ref, _) in enumerate(product.mails)}
    for fact in product.facts.values():
        row = row_of.get(fact.identifiers["customer_ref"])
        if row is None or not 0 <= fact.occurred_at.timestamp() - mailed_at_s[row] < WINDOW_DAYS * 86_400:
            continue
        totals = fact.payload["totals"]
        assert isinstance(totals, dict)
        order_count[row] += 1
        net_minor[row] += totals["total_minor"]
    assert np.array_equal(order_count, both.mailed.order_count)
    assert np.array_equal(net_minor, both.mailed.net_minor)
    assert both.truth().order_count > 0


def test_days_lived_in_two_runs_are_the_days_lived_in_one(shop: Shop, mailing: tuple[Product, LivedDays]) -> None:
    whole, whole_days = mailing
    halves = Product(shop, mails=True)
    first = halves.live(shop, START, 50)
    second = halves.live(shop, START + timedelta(days=50), DAY_COUNT - 50)
    assert halves.facts == whole.facts
    assert halves.mails == whole.mails
    assert first.order_count + second.order_count == whole_days.order_count
    assert first.caused_order_count + second.caused_order_count == whole_days.caused_order_count


def test_a_second_mail_to_a_customer_is_answered_as_the_second(shop: Shop) -> None:
    product = Product(shop, mails=False)
    sent = (START, START + timedelta(days=30))
    for at in reversed(sent):  # in whatever order deliveries are reported
        product.mails += [(customer_ref(number), at) for number in range(PLAN.customer_count)]
    days = product.live(shop, START, DAY_COUNT)
    end_s = int((START + timedelta(days=DAY_COUNT)).timestamp())
    expected = [
        caused_purchases(
            shop,
            customer=shop.population.number,
            mailed_at_s=np.full(PLAN.customer_count, int(at.timestamp())),
            mail_number=mail_number,
        ).between(0, end_s)
        for mail_number, at in enumerate(sent)
    ]
    assert days.mail_count == 2 * PLAN.customer_count
    assert days.caused_order_count == sum(len(each) for each in expected)
    refs = {fact.message_id for each in expected for fact in order_facts(shop, each)}
    assert refs <= product.facts.keys()


def test_days_outside_the_plan_are_refused_before_anything_happens(shop: Shop) -> None:
    product = Product(shop, mails=False)
    for start, day_count in ((START - timedelta(days=1), 5), (START, 201)):
        with pytest.raises(PlanNotPossible):
            product.live(shop, start, day_count)
    assert product.events == []


def test_a_mail_to_a_stranger_is_an_error(shop: Shop) -> None:
    product = Product(shop, mails=False)
    product.mails.append(("7", START))
    with pytest.raises(UnknownTwinCustomer):
        product.live(shop, START, 1)
