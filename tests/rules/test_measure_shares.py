import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kembali.measure.rules.shares import share_interval


@st.composite
def _counts(draw: st.DrawFn) -> tuple[int, int, int, int]:
    treated, holdout = draw(st.integers(1, 400)), draw(st.integers(1, 400))
    return draw(st.integers(0, treated)), treated, draw(st.integers(0, holdout)), holdout


@settings(deadline=None)
@given(_counts())
def test_the_estimate_lies_inside_and_the_limits_inside_minus_one_to_one(counts: tuple[int, int, int, int]) -> None:
    x1, n1, x2, n2 = counts
    found = share_interval(treated_yes=x1, treated_people=n1, holdout_yes=x2, holdout_people=n2)
    assert -1 <= found.low <= found.estimate <= found.high <= 1
    assert found.low < found.high


@settings(deadline=None)
@given(_counts())
def test_swapping_the_groups_flips_the_signs(counts: tuple[int, int, int, int]) -> None:
    x1, n1, x2, n2 = counts
    one_way = share_interval(treated_yes=x1, treated_people=n1, holdout_yes=x2, holdout_people=n2)
    other = share_interval(treated_yes=x2, treated_people=n2, holdout_yes=x1, holdout_people=n1)
    assert (other.low, other.high) == pytest.approx((-one_way.high, -one_way.low), abs=1e-7)


@settings(deadline=None)
@given(_counts())
def test_counting_those_who_did_not_order_flips_the_signs(counts: tuple[int, int, int, int]) -> None:
    x1, n1, x2, n2 = counts
    ordered = share_interval(treated_yes=x1, treated_people=n1, holdout_yes=x2, holdout_people=n2)
    did_not = share_interval(treated_yes=n1 - x1, treated_people=n1, holdout_yes=n2 - x2, holdout_people=n2)
    assert (did_not.low, did_not.high) == pytest.approx((-ordered.high, -ordered.low), abs=1e-7)


def test_a_wider_level_holds_a_narrower_one() -> None:
    narrow = share_interval(treated_yes=219, treated_people=1000, holdout_yes=157, holdout_people=1000, level=0.8)
    wide = share_interval(treated_yes=219, treated_people=1000, holdout_yes=157, holdout_people=1000, level=0.99)
    assert wide.low < narrow.low < narrow.high < wide.high


@settings(deadline=None)
@given(_counts())
def test_about_the_enrolled_it_is_never_wider_and_proves_the_same(counts: tuple[int, int, int, int]) -> None:
    x1, n1, x2, n2 = counts
    enrolled, everybody = (
        share_interval(
            treated_yes=x1, treated_people=n1, holdout_yes=x2, holdout_people=n2, enrolled_only=enrolled_only
        )
        for enrolled_only in (True, False)
    )
    assert everybody.low - 1e-7 <= enrolled.low <= enrolled.high <= everybody.high + 1e-7
    assert enrolled.rules_out_zero == everybody.rules_out_zero


def test_a_mail_that_changed_everybody_is_known_to_have() -> None:
    found = share_interval(treated_yes=40, treated_people=40, holdout_yes=0, holdout_people=40)
    assert found.estimate == found.high == 1
    assert found.low > 0.85


@pytest.mark.parametrize("yes", [0, 50])
def test_nobody_or_everybody_ordering_still_leaves_room_on_both_sides(yes: int) -> None:
    found = share_interval(treated_yes=yes, treated_people=50, holdout_yes=yes, holdout_people=50)
    assert found.estimate == 0
    assert found.low == pytest.approx(-found.high)
    assert 0.06 < found.high < 0.08


@pytest.mark.parametrize("counts", [(0, 0, 3, 10), (3, 10, 0, 0), (11, 10, 3, 10), (3, 10, -1, 10)])
def test_impossible_counts_are_refused(counts: tuple[int, int, int, int]) -> None:
    x1, n1, x2, n2 = counts
    with pytest.raises(ValueError, match="group"):
        share_interval(treated_yes=x1, treated_people=n1, holdout_yes=x2, holdout_people=n2)
