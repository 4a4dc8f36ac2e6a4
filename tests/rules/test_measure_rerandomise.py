from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from kembali.measure.contracts import Interval, Withheld
from kembali.measure.rules.rerandomise import effect_intervals

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def _shop(seed: int, people: int = 120, holdout: int = 30) -> tuple[Floats, Flags]:
    """Mostly nothing, sometimes a heavy-tailed sum, as revenue after a mail is."""
    rng = np.random.default_rng(seed)
    values = np.where(rng.random(people) < 0.5, rng.lognormal(8, 1, people), 0.0)
    return values, rng.permutation(people) >= holdout


def _only(values: Floats, treated: Flags, *, seed: int = 0, rounds: int = 499) -> Interval:
    (found,) = effect_intervals([values], treated, rng=np.random.default_rng(seed), rounds=rounds)
    assert isinstance(found, Interval)
    return found


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(-50_000, 50_000))
def test_giving_every_treated_person_more_moves_the_interval_by_as_much(seed: int, extra: float) -> None:
    values, treated = _shop(seed)
    plain, moved = _only(values, treated), _only(values + extra * treated, treated)
    assert moved.estimate - plain.estimate == pytest.approx(extra, abs=1e-3)
    assert moved.low - plain.low == pytest.approx(extra, abs=1e-2)
    assert moved.high - plain.high == pytest.approx(extra, abs=1e-2)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_swapping_the_groups_flips_the_signs(seed: int) -> None:
    values, treated = _shop(seed)
    one_way, other = _only(values, treated), _only(values, ~treated)
    assert (other.low, other.high) == pytest.approx((-one_way.high, -one_way.low), abs=1e-2)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.01, 100.0]))
def test_another_unit_of_money_changes_nothing_but_the_unit(seed: int, factor: float) -> None:
    values, treated = _shop(seed)
    plain, scaled = _only(values, treated), _only(values * factor, treated)
    assert (scaled.low, scaled.high) == pytest.approx((plain.low * factor, plain.high * factor), rel=1e-4)


def test_the_same_seed_gives_the_same_interval_and_another_nearly_the_same() -> None:
    values, treated = _shop(3)
    first, again, other = (_only(values, treated, seed=seed, rounds=1999) for seed in (1, 1, 2))
    assert first == again
    assert other.low == pytest.approx(first.low, abs=0.1 * (first.high - first.low))
    assert other.high == pytest.approx(first.high, abs=0.1 * (first.high - first.low))


def test_each_column_reads_as_it_would_alone() -> None:
    values, treated = _shop(5)
    together = effect_intervals([values, values**0.5], treated, rng=np.random.default_rng(0), rounds=499)
    assert together == [_only(values, treated), _only(values**0.5, treated)]


def _exact_tail(values: Floats, treated: Flags, supposed: float, *, upper: bool) -> float:
    """The share of all possible splits at least as extreme as the real one, by listing every split."""
    moved = values - supposed * treated
    people = set(range(len(values)))
    held = [sorted(chosen) for chosen in combinations(people, int((~treated).sum()))]
    worked = [sorted(people - set(chosen)) for chosen in held]
    splits = stats.ttest_ind(moved[worked], moved[held], equal_var=False, axis=1).statistic
    real = stats.ttest_ind(moved[treated], moved[~treated], equal_var=False).statistic
    return float(np.mean(splits >= real - 1e-9 if upper else splits <= real + 1e-9))


@pytest.mark.parametrize("held", [4, 5])
def test_limits_on_ten_people_agree_with_listing_every_split(held: int) -> None:
    values = np.array([0.0, 3.0, 1.0, 7.0, 2.0, 9.0, 30.0, 4.0, 11.0, 5.5])
    treated = np.arange(10) >= held
    found = _only(values, treated, rounds=19_999)
    step = 0.02 * (found.high - found.low)
    # 20,000 draws know a 2.5 % tail to within 0.4 points (3.5 standard errors); one split of 210 is 0.5 points.
    assert _exact_tail(values, treated, found.low + step, upper=True) > 0.021
    assert _exact_tail(values, treated, found.low - step, upper=True) < 0.034
    assert _exact_tail(values, treated, found.high - step, upper=False) > 0.021
    assert _exact_tail(values, treated, found.high + step, upper=False) < 0.034


@pytest.mark.parametrize("seed", range(6))
def test_zero_is_ruled_out_when_a_library_permutation_test_says_so(seed: int) -> None:
    values, treated = _shop(seed, people=60, holdout=20)
    values = values + 2_500.0 * (seed % 3) * treated

    def statistic(worked: Floats, held: Floats, axis: int) -> Floats:
        return np.asarray(stats.ttest_ind(worked, held, equal_var=False, axis=axis).statistic)

    library = stats.permutation_test(
        (values[treated], values[~treated]), statistic, vectorized=True, n_resamples=1999, rng=np.random.default_rng(9)
    )
    assert abs(library.pvalue - 0.05) > 0.02, "choose another seed: this one is too close to call"
    assert _only(values, treated, rounds=1999).rules_out_zero == (library.pvalue < 0.05)


@pytest.mark.parametrize("held", [0, 1, 9, 10])
def test_a_group_of_fewer_than_two_people_is_withheld(held: int) -> None:
    treated = np.arange(10) >= held
    (found,) = effect_intervals([np.arange(10.0)], treated, rng=np.random.default_rng(0))
    assert found == Withheld(reason="not enough data yet: a group has fewer than two people")


@pytest.mark.parametrize("value", [0.0, 2.0])
def test_everybody_doing_the_same_is_withheld(value: float) -> None:
    (found,) = effect_intervals([np.full(40, value)], np.arange(40) >= 10, rng=np.random.default_rng(0))
    assert found == Withheld(reason="not enough data yet: inside each group everybody did the same")


def test_five_people_cannot_show_anything_at_95_percent() -> None:
    (found,) = effect_intervals([np.arange(5.0)], np.arange(5) >= 2, rng=np.random.default_rng(0))
    assert isinstance(found, Withheld)
    assert found.reason.startswith("not enough data yet")


def test_no_people_at_all_is_withheld() -> None:
    (found,) = effect_intervals([np.array([])], np.array([], dtype=np.bool_), rng=np.random.default_rng(0))
    assert isinstance(found, Withheld)


def test_large_groups_are_worked_in_blocks_and_come_near_the_normal_interval() -> None:
    rng = np.random.default_rng(8)
    values, treated = rng.normal(100, 10, 50_000), rng.random(50_000) < 0.9
    found = _only(values, treated, rounds=399)
    error = np.sqrt(values[treated].var() / treated.sum() + values[~treated].var() / (~treated).sum())
    assert (found.high - found.low) / (2 * 1.96 * error) == pytest.approx(1, abs=0.15)
