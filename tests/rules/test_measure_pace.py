import pytest

from kembali.measure.contracts import Interval, Withheld
from kembali.measure.rules.pace import days_until_proven


def _reading(estimate: float, low: float, high: float) -> Interval:
    return Interval(estimate=estimate, low=low, high=high, level=0.95, method="any")


def test_twice_as_wide_as_the_estimate_needs_four_times_the_people() -> None:
    found = days_until_proven(_reading(0.05, -0.05, 0.15), people=1000, people_per_day=100)
    assert found == 30


def test_an_effect_that_hurts_counts_from_its_upper_side() -> None:
    found = days_until_proven(_reading(-0.05, -0.20, 0.05), people=1000, people_per_day=100)
    assert found == 30


def test_a_proven_effect_needs_no_more_days() -> None:
    assert days_until_proven(_reading(0.05, 0.01, 0.09), people=1000, people_per_day=0) == 0


def test_part_of_a_day_is_a_day() -> None:
    assert days_until_proven(_reading(0.05, -0.0001, 0.1), people=10, people_per_day=100) == 1


@pytest.mark.parametrize(
    ("reading", "people_per_day"),
    [
        (_reading(0.0, -0.1, 0.1), 100.0),
        (_reading(0.001, -0.1, 0.1), 100.0),
        (_reading(0.05, -0.05, 0.15), 0.0),
        (Withheld(reason="not enough data yet: a group is still empty"), 100.0),
    ],
)
def test_no_date_is_promised_that_cannot_be_kept(reading: Interval | Withheld, people_per_day: float) -> None:
    assert days_until_proven(reading, people=1000, people_per_day=people_per_day) is None
