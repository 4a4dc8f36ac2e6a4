"""Published values: the interval's own table, and a textbook sample size."""

import pytest

from kembali.measure.rules.power import people_needed
from kembali.measure.rules.shares import share_interval


@pytest.mark.parametrize(
    ("counts", "limits"),
    [
        ((56, 70, 48, 80), (0.0528, 0.3382)),
        ((9, 10, 3, 10), (0.1700, 0.8406)),
        ((6, 7, 2, 7), (0.0342, 0.8534)),
        ((5, 56, 0, 29), (-0.0326, 0.1933)),
        ((0, 10, 0, 20), (-0.1658, 0.2844)),
        ((0, 10, 0, 10), (-0.2879, 0.2879)),
        ((10, 10, 0, 20), (0.7156, 1.0)),
        ((10, 10, 0, 10), (0.6636, 1.0)),
    ],
)
def test_newcombe_1998_table_ii_method_6(counts: tuple[int, int, int, int], limits: tuple[float, float]) -> None:
    """Newcombe (1998), Statistics in Medicine 17, 873-890, Table II, Miettinen-Nurminen; four decimals, all eight."""
    x1, n1, x2, n2 = counts
    found = share_interval(treated_yes=x1, treated_people=n1, holdout_yes=x2, holdout_people=n2, enrolled_only=False)
    assert (round(found.low, 4), round(found.high, 4)) == limits


@pytest.mark.parametrize(("base", "effect", "per_group"), [(0.1, 0.1, 199), (0.2, 0.1, 293), (0.5, 0.1, 388)])
def test_sample_size_of_two_equal_groups_without_continuity_correction(
    base: float, effect: float, per_group: int
) -> None:
    """Fleiss, Statistical Methods for Rates and Proportions, eq. 4.14 (5 % two-sided, 80 % power); within 3 %."""
    needed = people_needed(holdout_share=0.5, base_share=base, effect_share=effect)
    assert needed == pytest.approx(2 * per_group, rel=0.03)
