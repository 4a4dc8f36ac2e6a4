from dataclasses import replace

import numpy as np
import pytest

from kembali.measure.contracts import Comparison, GroupSummary, Interval, Metric, Outcomes, VerdictKind, Withheld
from kembali.measure.rules.compare import compare_groups
from kembali.measure.rules.verdict import judge


def _outcomes(people: int, *, holdout: int, share: float = 0.3, seed: int = 0, extra: float = 0.0) -> Outcomes:
    rng = np.random.default_rng(seed)
    treated = np.arange(people) >= holdout
    again = rng.random(people) < share + extra * treated
    revenue = np.where(again, rng.lognormal(8, 1, people), 0).astype(np.int64)
    return Outcomes(
        treated=treated,
        ordered_again=again,
        orders=again * rng.integers(1, 4, people),
        revenue_minor=revenue,
        margin_minor=revenue * 3 // 10,
    )


def _compare(outcomes: Outcomes, planned: float = 0.2) -> Comparison:
    return compare_groups(outcomes, planned_holdout_share=planned, rng=np.random.default_rng(1), rounds=499)


def test_totals_cover_everyone_enrolled() -> None:
    found = _compare(
        Outcomes(
            treated=np.array([True, True, True, False, False]),
            ordered_again=np.array([True, False, True, True, False]),
            orders=np.array([2, 0, 1, 1, 0]),
            revenue_minor=np.array([5_000, 0, 1_001, 700, 0]),
            margin_minor=np.array([1_500, -200, 300, 210, 0]),
        )
    )
    assert found.treated == GroupSummary(people=3, ordered_again=2, orders=3, revenue_minor=6_001, margin_minor=1_600)
    assert found.holdout == GroupSummary(people=2, ordered_again=1, orders=1, revenue_minor=700, margin_minor=210)
    assert found.holdout.revenue_minor_each == 350.0
    assert (found.ratio.treated, found.ratio.holdout, found.ratio.fits) == (3, 2, True)


def test_every_metric_has_its_reading_around_the_difference_per_person() -> None:
    outcomes = _outcomes(600, holdout=120, extra=0.2)
    found = _compare(outcomes)
    for metric, values in (
        (Metric.ORDERED_AGAIN, outcomes.ordered_again),
        (Metric.ORDERS, outcomes.orders),
        (Metric.REVENUE, outcomes.revenue_minor),
        (Metric.MARGIN, outcomes.margin_minor),
    ):
        reading = found.reading(metric)
        assert isinstance(reading, Interval)
        assert reading.estimate == pytest.approx(values[120:].mean() - values[:120].mean())
        assert reading.low < reading.estimate < reading.high
    assert judge(found.ordered_again, worth=0.03) is VerdictKind.IT_WORKED


def test_the_order_of_people_moves_no_figure() -> None:
    outcomes = _outcomes(300, holdout=60)
    shuffled = np.random.default_rng(5).permutation(300)
    other = Outcomes(
        treated=outcomes.treated[shuffled],
        ordered_again=outcomes.ordered_again[shuffled],
        orders=outcomes.orders[shuffled],
        revenue_minor=outcomes.revenue_minor[shuffled],
        margin_minor=outcomes.margin_minor[shuffled],
    )
    assert _compare(other) == _compare(outcomes)


def test_money_is_withheld_while_few_people_brought_any_and_the_rest_is_not() -> None:
    found = _compare(_outcomes(300, holdout=60, share=0.1))
    assert isinstance(found.ordered_again, Interval)
    assert isinstance(found.orders, Interval)
    assert isinstance(found.revenue_minor, Withheld)
    assert found.revenue_minor.reason == (
        "not enough data yet: money needs about 10 people who ordered in the smaller group, "
        "this experiment can expect 6"
    )


def test_a_cost_of_every_mail_does_not_count_as_people_who_ordered() -> None:
    outcomes = _outcomes(300, holdout=60, share=0.1)
    found = _compare(replace(outcomes, margin_minor=outcomes.margin_minor - 5 * outcomes.treated))
    assert isinstance(found.margin_minor, Withheld)


@pytest.mark.parametrize("holdout", [0, 40])
def test_an_empty_group_withholds_everything(holdout: int) -> None:
    found = _compare(_outcomes(40, holdout=holdout))
    assert {type(found.reading(metric)) for metric in Metric} == {Withheld}
    empty = found.holdout if holdout == 0 else found.treated
    assert (empty.people, empty.orders_each, empty.ordered_again_share) == (0, None, None)


def test_nobody_enrolled_withholds_everything() -> None:
    found = _compare(_outcomes(0, holdout=0))
    assert {type(found.reading(metric)) for metric in Metric} == {Withheld}
    assert found.ratio.fits


def test_nobody_ordering_shows_the_share_and_withholds_the_rest() -> None:
    found = _compare(_outcomes(400, holdout=80, share=0.0))
    assert isinstance(found.ordered_again, Interval)
    assert found.ordered_again.low < 0 < found.ordered_again.high
    assert {type(found.reading(m)) for m in (Metric.ORDERS, Metric.REVENUE, Metric.MARGIN)} == {Withheld}


def test_everyone_ordering_is_no_effect() -> None:
    found = _compare(_outcomes(400, holdout=80, share=1.0))
    assert isinstance(found.ordered_again, Interval)
    assert found.ordered_again.estimate == 0
    assert isinstance(found.revenue_minor, Interval)


def test_arrays_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="one entry per person"):
        Outcomes(
            treated=np.array([True]),
            ordered_again=np.array([True, False]),
            orders=np.array([1]),
            revenue_minor=np.array([1]),
            margin_minor=np.array([1]),
        )
