"""The planted effect is what it says, and the two worlds differ in nothing else."""

from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pytest

from kembali.twin.api import (
    NEVER_S,
    IdleMoments,
    PlantedEffect,
    Shop,
    ShopPlan,
    caused_purchases,
    idle_moments,
    open_shop,
    outcomes_in_window,
    potential_outcomes,
)
from kembali.twin.streams import CAUSED_KEY, KEYS_PER_MAIL

DAY_S = 86_400
PLAN = ShopPlan(
    customer_count=20_000,
    opens_on=date(2023, 1, 1),
    day_count=1_300,
    history_day_count=900,
    dropout_percent=12,
    effect=PlantedEffect(response_percent=14, delay_mean_days=6, revival_percent=30),
)
LAUNCHED_S = int(PLAN.launched_at.timestamp())


@pytest.fixture(scope="module")
def shop() -> Shop:
    return open_shop(PLAN, 5)


@pytest.fixture(scope="module")
def idle(shop: Shop) -> IdleMoments:
    return idle_moments(shop, from_s=LAUNCHED_S, to_s=LAUNCHED_S + 150 * DAY_S)


def test_answers_come_as_often_and_as_late_as_planted(shop: Shop) -> None:
    everybody = shop.population.number
    mailed_at_s = np.full(len(everybody), LAUNCHED_S)
    caused = caused_purchases(shop, customer=everybody, mailed_at_s=mailed_at_s)
    first = caused.pick(caused.order_key == CAUSED_KEY)
    assert shop.population.response_ppm.mean() == pytest.approx(140_000, rel=0.02)
    assert len(first) / len(everybody) == pytest.approx(0.14, abs=0.008)  # standard error 0.0025
    delay_s = shop.clock.to_trade(first.placed_at_s) - shop.clock.to_trade(np.asarray([LAUNCHED_S]))
    assert delay_s.mean() / DAY_S == pytest.approx(6, rel=0.05)  # standard error 1.3 %


def test_even_the_fastest_answer_comes_after_its_mail() -> None:
    plan = replace(PLAN, effect=PlantedEffect(response_percent=30, delay_mean_days=0.1))
    shop = open_shop(plan, 5)
    everybody = shop.population.number
    for hour in (0, 1, 2, 12):  # at night nobody buys: the answer waits for the morning
        at_s = LAUNCHED_S + hour * 3_600
        caused = caused_purchases(shop, customer=everybody, mailed_at_s=np.full(len(everybody), at_s))
        assert at_s < caused.placed_at_s.min() < at_s + 6 * 3_600


def test_thrifty_customers_respond_most(shop: Shop) -> None:
    level = shop.population.price_level
    means = [shop.population.response_ppm[level == each].mean() for each in range(3)]
    assert means == pytest.approx([210_000, 126_000, 70_000], rel=0.03)


def test_nothing_happens_before_the_mail_and_only_to_the_mailed(shop: Shop, idle: IdleMoments) -> None:
    mailed_at_s = idle.idle_at_s + 3_600
    caused = caused_purchases(shop, customer=idle.customer, mailed_at_s=mailed_at_s)
    assert len(caused) > 200
    assert np.isin(caused.customer, idle.customer).all()
    position = np.searchsorted(idle.customer, caused.customer)
    assert (caused.placed_at_s > mailed_at_s[position]).all()


def test_no_mail_means_no_difference(shop: Shop, idle: IdleMoments) -> None:
    never = np.full(len(idle.customer), NEVER_S)
    assert len(caused_purchases(shop, customer=idle.customer, mailed_at_s=never)) == 0


def test_zero_effect_is_exactly_zero() -> None:
    shop = open_shop(PLAN.with_response(0), 5)
    idle = idle_moments(shop, from_s=LAUNCHED_S, to_s=LAUNCHED_S + 150 * DAY_S)
    both = potential_outcomes(
        shop, customer=idle.customer, enrolled_at_s=idle.idle_at_s, mailed_at_s=idle.idle_at_s, window_days=60
    )
    truth = both.truth()
    assert (truth.ordered_again, truth.order_count, truth.net_minor, truth.margin_minor) == (0, 0, 0, 0)


def test_without_revival_the_true_effect_on_orders_is_the_planted_response() -> None:
    plan = replace(PLAN, effect=PlantedEffect(response_percent=20, delay_mean_days=2, revival_percent=0))
    shop = open_shop(plan, 5)
    idle = idle_moments(shop, from_s=LAUNCHED_S, to_s=LAUNCHED_S + 150 * DAY_S)
    both = potential_outcomes(
        shop, customer=idle.customer, enrolled_at_s=idle.idle_at_s, mailed_at_s=idle.idle_at_s + 3_600, window_days=60
    )
    truth = both.truth()
    planted = shop.population.response_ppm[idle.customer].mean() / 1e6
    assert truth.order_count == pytest.approx(planted, abs=0.03)  # standard error 0.008
    bought_anyway = both.unmailed.ordered_again.mean()
    assert truth.ordered_again == pytest.approx(planted * (1 - bought_anyway), abs=0.03)
    assert truth.net_minor / truth.order_count == pytest.approx(shop.purchases.net_minor.mean(), rel=0.1)
    assert truth.margin_minor < truth.net_minor


def test_revived_customers_go_on_buying_at_their_own_rhythm(shop: Shop) -> None:
    everybody = shop.population.number
    caused = caused_purchases(shop, customer=everybody, mailed_at_s=np.full(len(everybody), LAUNCHED_S))
    answered = caused.customer[caused.order_key == CAUSED_KEY]
    went_on = np.unique(caused.customer[caused.order_key > CAUSED_KEY])
    had_left = shop.left_at_s <= LAUNCHED_S
    assert had_left[went_on].all()
    # Three in ten are revived; of those, about 12 % leave again with the very order that brought them back.
    assert len(went_on) / had_left[answered].sum() == pytest.approx(0.3 * 0.88, abs=0.05)  # standard error 0.013
    order = np.lexsort((caused.order_key, caused.customer))
    customer, trade_s = caused.customer[order], shop.clock.to_trade(caused.placed_at_s[order])
    follows = np.diff(customer) == 0
    gaps = np.diff(trade_s)[follows] / shop.population.mean_gap_s[customer[1:][follows]]
    assert gaps.mean() == pytest.approx(1, abs=0.06)  # standard error 0.012; long waits past the end are missing


def test_a_second_mail_causes_single_orders_of_its_own(shop: Shop, idle: IdleMoments) -> None:
    second = caused_purchases(shop, customer=idle.customer, mailed_at_s=idle.idle_at_s, mail_number=1)
    assert len(second) > 100
    assert (second.order_key == CAUSED_KEY + KEYS_PER_MAIL).all()
    first = caused_purchases(shop, customer=idle.customer, mailed_at_s=idle.idle_at_s)
    assert set(first.customer.tolist()) != set(second.customer.tolist())


def test_outcomes_count_what_a_plain_loop_counts(shop: Shop) -> None:
    bought = shop.purchases
    customer = np.arange(0, 20_000, 401)
    start_s = np.full(len(customer), LAUNCHED_S)
    found = outcomes_in_window(bought, customer, start_s, 90 * DAY_S)
    for row, number in enumerate(customer):
        of_customer = bought.pick(bought.customer == number)
        inside = of_customer.between(LAUNCHED_S, LAUNCHED_S + 90 * DAY_S)
        assert found.order_count[row] == len(inside)
        assert found.ordered_again[row] == (len(inside) > 0)
        assert found.net_minor[row] == inside.net_minor.sum()
        assert found.margin_minor[row] == inside.margin_minor.sum()


def test_the_window_holds_its_first_instant_and_not_its_last(shop: Shop) -> None:
    bought = shop.purchases
    customer, at_s = bought.customer[:1], bought.placed_at_s[:1]
    assert outcomes_in_window(bought, customer, at_s, 1).order_count[0] == 1
    assert outcomes_in_window(bought, customer, at_s - 1, 1).order_count[0] == 0


def test_an_experiment_sees_one_world_of_each_customer(shop: Shop, idle: IdleMoments) -> None:
    both = potential_outcomes(
        shop, customer=idle.customer, enrolled_at_s=idle.idle_at_s, mailed_at_s=idle.idle_at_s, window_days=60
    )
    is_mailed = idle.customer % 5 != 0
    seen = both.observed(is_mailed)
    assert np.array_equal(seen.net_minor[is_mailed], both.mailed.net_minor[is_mailed])
    assert np.array_equal(seen.order_count[~is_mailed], both.unmailed.order_count[~is_mailed])


def test_idle_customers_are_loyal_overdue_and_found_without_the_future(shop: Shop, idle: IdleMoments) -> None:
    bought, gap_s = shop.purchases, shop.population.mean_gap_s
    assert (np.diff(idle.customer) > 0).all()
    for customer, at_s in list(zip(idle.customer.tolist(), idle.idle_at_s.tolist(), strict=True))[::10]:
        before = bought.placed_at_s[(bought.customer == customer) & (bought.placed_at_s <= at_s)]
        assert len(before) >= 3
        assert at_s - before[-1] == gap_s[customer] * 2
    cut = idle_moments(shop, from_s=LAUNCHED_S, to_s=LAUNCHED_S + 40 * DAY_S)
    early = idle.idle_at_s < LAUNCHED_S + 40 * DAY_S
    assert np.array_equal(cut.customer, idle.customer[early])
    assert np.array_equal(cut.idle_at_s, idle.idle_at_s[early])


def test_a_second_mail_only_adds_and_only_for_those_the_first_left_silent(shop: Shop, idle: IdleMoments) -> None:
    customer, idle_at_s = idle.customer, idle.idle_at_s
    later = idle_at_s + 10 * DAY_S

    def order_counts(reminded_at_s: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        return potential_outcomes(
            shop,
            customer=customer,
            enrolled_at_s=idle_at_s,
            mailed_at_s=idle_at_s,
            reminded_at_s=reminded_at_s,
            window_days=60,
        ).mailed.order_count

    once, twice = order_counts(np.full(len(customer), NEVER_S)), order_counts(later)
    caused = caused_purchases(shop, customer=customer, mailed_at_s=idle_at_s)
    reminder = dict(zip(customer.tolist(), later.tolist(), strict=True))
    answered = [int(c) for c, at_s in zip(caused.customer, caused.placed_at_s, strict=True) if at_s < reminder[int(c)]]
    has_answered = np.isin(customer, answered)
    assert has_answered.any()
    assert (twice[has_answered] == once[has_answered]).all()
    assert (twice[~has_answered] >= once[~has_answered]).all()
    assert twice[~has_answered].sum() > once[~has_answered].sum()
