"""One seed gives one shop, and what was planted in it can be found again."""

import zoneinfo
from dataclasses import fields, replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from kembali.twin.api import (
    TIME_ZONE,
    PlanNotPossible,
    PlantedEffect,
    Shop,
    ShopPlan,
    UnknownTwinCustomer,
    customer_number,
    customer_ref,
    demo_plan,
    iter_purchases,
    open_shop,
    people_of,
)
from kembali.twin.seasons import MONTH_PERMILLE
from kembali.twin.tables import REGULARITY_SHAPES

SMALL = ShopPlan(customer_count=400, opens_on=date(2023, 1, 1), day_count=1_095, history_day_count=900)
# Everybody arrives in the first year and has died out long before the end: nothing is cut off, so plain averages hold.
FINISHED = replace(
    SMALL,
    customer_count=6_000,
    day_count=9_000,
    history_day_count=9_000,
    acquisition_day_count=365,
    growth_percent=100,
    mean_gap_days=28,
    first_dropout_percent=28,
    dropout_percent=12,
)
GOLDEN_FINGERPRINT = "00696a15a57458ca6dd198eba721d669394d60fb79097e7fd0d7c9d3ff5fd5d9"


@pytest.fixture(scope="module")
def finished() -> Shop:
    return open_shop(FINISHED, 11)


@pytest.fixture(scope="module")
def demo() -> Shop:
    return open_shop(demo_plan(), 1)


def test_one_seed_is_the_same_shop_on_every_machine() -> None:
    assert open_shop(SMALL, 1).fingerprint() == GOLDEN_FINGERPRINT


def test_another_seed_is_another_shop() -> None:
    assert open_shop(SMALL, 2).fingerprint() != open_shop(SMALL, 1).fingerprint()


def test_a_shop_made_in_parts_is_the_whole_shop() -> None:
    whole = open_shop(SMALL, 1).purchases
    parts = list(iter_purchases(SMALL, 1, chunk_customers=130))
    assert len(parts) == 4
    for field in fields(whole):
        assert np.array_equal(np.concatenate([getattr(part, field.name) for part in parts]), getattr(whole, field.name))


def test_the_planted_effect_changes_nothing_nobody_mailed_does() -> None:
    with_effect, without = open_shop(SMALL, 1), open_shop(SMALL.with_response(0), 1)
    for field in fields(with_effect.purchases):
        assert np.array_equal(getattr(with_effect.purchases, field.name), getattr(without.purchases, field.name))


def test_purchases_are_sorted_and_inside_the_life_of_the_shop(demo: Shop) -> None:
    bought = demo.purchases
    same = bought.customer[1:] == bought.customer[:-1]
    assert (np.diff(bought.customer) >= 0).all()
    assert (np.diff(bought.placed_at_s)[same] >= 0).all()
    assert (np.diff(bought.order_key)[same] == 1).all()
    assert bought.placed_at_s.min() >= demo.plan.opens_at.timestamp()
    assert bought.placed_at_s.max() < demo.plan.closes_at.timestamp()
    assert (bought.net_minor > bought.margin_minor).all()
    assert (bought.margin_minor > 0).all()


def test_customers_are_numbered_in_the_order_in_which_they_first_buy(demo: Shop) -> None:
    first = demo.purchases.placed_at_s[demo.purchases.order_key == 0]
    assert len(first) == demo.plan.customer_count
    assert (np.diff(first) >= 0).all()


def test_mean_gaps_are_recovered(finished: Shop) -> None:
    bought, population = finished.purchases, finished.population
    assert population.mean_gap_s.mean() / 86_400 == pytest.approx(28, rel=0.02)  # standard error 0.6 %
    same = bought.customer[1:] == bought.customer[:-1]
    gap_s = np.diff(finished.clock.to_trade(bought.placed_at_s))[same]
    own_mean_s = population.mean_gap_s[bought.customer[1:][same]]
    assert (gap_s / own_mean_s).mean() == pytest.approx(1, abs=0.01)  # standard error 0.3 %
    calendar_s = np.diff(bought.placed_at_s)[same]
    assert (calendar_s / own_mean_s).mean() == pytest.approx(1, abs=0.03)  # seasons stretch some waits, shrink others


def test_regularity_is_recovered(finished: Shop) -> None:
    bought, population = finished.purchases, finished.population
    same = bought.customer[1:] == bought.customer[:-1]
    customer = bought.customer[1:][same]
    relative = np.diff(finished.clock.to_trade(bought.placed_at_s))[same] / population.mean_gap_s[customer]
    for row, shape in enumerate(REGULARITY_SHAPES):
        spread = relative[population.regularity[customer] == row].std()
        assert spread == pytest.approx(shape**-0.5, rel=0.06)  # standard error below 2 %


def test_dropout_is_recovered(finished: Shop) -> None:
    bought, population = finished.purchases, finished.population
    order_count = np.bincount(bought.customer)
    assert (order_count == 1).mean() == pytest.approx(0.28, abs=0.02)  # standard error 0.006
    assert (finished.left_at_s < finished.plan.closes_at.timestamp()).all()
    later = bought.order_key > 0
    expected_leavers = population.dropout_ppm[bought.customer[later]].sum() / 1e6
    assert (order_count > 1).sum() == pytest.approx(expected_leavers, rel=0.06)  # standard error 1.5 %
    assert population.dropout_ppm.mean() == pytest.approx(120_000, rel=0.02)


def test_seasons_are_visible(finished: Shop) -> None:
    placed = finished.purchases.placed_at_s.astype("datetime64[s]")
    # From the second year to the fourth arrivals are over; rhythm alone carries the seasons.
    months = placed.astype("datetime64[M]").astype(np.int64) % 12
    days = placed.astype("datetime64[D]").astype(np.int64)
    december, july = (months == 11).sum() / 31, (months == 6).sum() / 31
    assert december / july > 0.8 * MONTH_PERMILLE[11] / MONTH_PERMILLE[6]
    monday, saturday = ((days + 3) % 7 == 0).sum(), ((days + 3) % 7 == 5).sum()
    assert monday / saturday == pytest.approx(1_100 / 850, rel=0.05)


def test_a_year_holds_as_many_trade_seconds_as_seconds(finished: Shop) -> None:
    days = finished.plan.day_count
    assert finished.clock.end_trade_s == pytest.approx(days * 86_400, rel=0.005)


def test_the_trade_clock_runs_forward_and_back(finished: Shop) -> None:
    at_s = finished.purchases.placed_at_s
    again = finished.clock.to_instant(finished.clock.to_trade(at_s))
    assert np.abs(again - at_s).max() <= 20  # a second of a quiet hour is less than one trade second
    trade_s = np.arange(0, finished.clock.end_trade_s, 997, dtype=np.int64)
    assert (np.diff(finished.clock.to_instant(trade_s)) >= 0).all()


def test_no_order_falls_on_a_local_time_that_means_two_instants(demo: Shop) -> None:
    zone = zoneinfo.ZoneInfo(TIME_ZONE)
    assert (demo.purchases.placed_at_s % 86_400 >= 2 * 3_600).all()  # clocks change at 01 UTC, and repeat 00 to 02
    for at_s in demo.purchases.placed_at_s.tolist():
        local = datetime.fromtimestamp(at_s, UTC).astimezone(zone)
        assert local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset()


def test_no_two_customers_share_an_address(demo: Shop) -> None:
    people = people_of(demo, demo.population.number)
    assert len({person.email for person in people}) == len(people) == demo.plan.customer_count
    assert {person.email.split("@")[1] for person in people} == {"example.com", "example.org", "example.net"}
    assert all(person.email.isascii() for person in people)
    assert sum(person.accepts_email for person in people) / len(people) == pytest.approx(0.9, abs=0.02)


def test_the_demo_shop_has_the_size_of_a_real_one(demo: Shop) -> None:
    launched_at_s = int(demo.plan.launched_at.timestamp())
    history = demo.purchases.between(int(demo.plan.opens_at.timestamp()), launched_at_s)
    assert 2_400 <= len(np.unique(history.customer)) <= 2_700
    assert 12_000 <= len(history) <= 15_500
    assert 2_500 <= history.net_minor.mean() <= 6_000
    assert 0.35 <= history.margin_minor.sum() / history.net_minor.sum() <= 0.65


def test_a_reference_leads_back_to_its_customer() -> None:
    assert customer_number(customer_ref(399), SMALL) == 399
    for ref in ("100000", "100401", "abc", "-5", "", "١٠٠٠٠١"):
        with pytest.raises(UnknownTwinCustomer):
            customer_number(ref, SMALL)


@pytest.mark.parametrize(
    "change",
    [
        {"customer_count": 0},
        {"day_count": 10_001},
        {"history_day_count": 1_096},
        {"acquisition_day_count": 0},
        {"growth_percent": 99},
        {"mean_gap_days": 0},
        {"dropout_percent": 61},
        {"first_dropout_percent": 101},
        {"accepts_email_percent": -1},
        {"regularity_shares_percent": (10, 15, 25, 30, 21)},
        {"effect": PlantedEffect(response_percent=30.5)},
        {"effect": PlantedEffect(revival_percent=101)},
        {"effect": PlantedEffect(delay_mean_days=0.05)},
    ],
)
def test_an_impossible_plan_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(PlanNotPossible):
        replace(SMALL, **change)  # type: ignore[arg-type]
