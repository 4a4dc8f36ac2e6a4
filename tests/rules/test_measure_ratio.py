import math

import pytest

from kembali.measure.rules.ratio import check_sample_ratio


def _two_sided(people: int, holdout: int, share: float) -> float:
    """The exact two-sided probability by adding up every outcome no likelier than the one seen."""
    chances = [math.comb(people, k) * share**k * (1 - share) ** (people - k) for k in range(people + 1)]
    return sum(chance for chance in chances if chance <= chances[holdout] * (1 + 1e-7))


@pytest.mark.parametrize(("people", "holdout", "share"), [(30, 3, 0.1), (40, 15, 0.2), (25, 5, 0.5), (10, 0, 0.2)])
def test_the_probability_is_the_exact_binomial_one(people: int, holdout: int, share: float) -> None:
    found = check_sample_ratio(treated=people - holdout, holdout=holdout, planned_holdout_share=share)
    assert found.p_value == pytest.approx(_two_sided(people, holdout, share), abs=1e-12)


def test_a_split_that_chance_allows_fits() -> None:
    assert check_sample_ratio(treated=1_148, holdout=612, planned_holdout_share=0.35).fits


def test_a_group_that_lost_people_does_not_fit() -> None:
    found = check_sample_ratio(treated=8_000, holdout=2_200, planned_holdout_share=0.2)
    assert not found.fits
    assert found.p_value < 0.001


def test_nobody_enrolled_is_no_evidence_against_the_plan() -> None:
    found = check_sample_ratio(treated=0, holdout=0, planned_holdout_share=0.1)
    assert (found.p_value, found.fits) == (1.0, True)


def test_anybody_held_out_where_nobody_should_be_does_not_fit() -> None:
    assert not check_sample_ratio(treated=99, holdout=1, planned_holdout_share=0.0).fits


@pytest.mark.parametrize(("treated", "share"), [(-1, 0.1), (10, 10.0)])
def test_impossible_plans_are_refused(treated: int, share: float) -> None:
    with pytest.raises(ValueError, match="planned share"):
        check_sample_ratio(treated=treated, holdout=5, planned_holdout_share=share)
