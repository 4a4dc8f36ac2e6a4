from dataclasses import replace

import pytest

from kembali.measure.contracts import (
    Comparison,
    GroupSummary,
    Interval,
    Reading,
    SampleRatioCheck,
    VerdictKind,
    VerdictWords,
    Withheld,
)
from kembali.measure.rules.verdict import judge, verdict_of

_NOTHING = Withheld(reason="not enough data yet: a group is still empty")
_WORDS = VerdictWords(people="idle regulars")


def _reading(estimate: float, low: float, high: float) -> Interval:
    return Interval(estimate=estimate, low=low, high=high, level=0.95, method="any")


def _comparison(ordered_again: Reading) -> Comparison:
    group = GroupSummary(people=500, ordered_again=100, orders=120, revenue_minor=500_000, margin_minor=100_000)
    return Comparison(
        treated=group,
        holdout=group,
        ratio=SampleRatioCheck(treated=500, holdout=500, planned_holdout_share=0.5, p_value=1.0, fits=True),
        ordered_again=ordered_again,
        orders=_NOTHING,
        revenue_minor=_NOTHING,
        margin_minor=_NOTHING,
    )


@pytest.mark.parametrize(
    ("reading", "kind"),
    [
        (_reading(0.06, 0.02, 0.10), VerdictKind.IT_WORKED),
        (_reading(-0.06, -0.10, -0.02), VerdictKind.IT_HURT),
        (_reading(0.0, -0.02, 0.02), VerdictKind.NO_DIFFERENCE_SEEN),
        (_reading(0.01, -0.01, 0.04), VerdictKind.NOT_SURE_YET),
        (_reading(0.0, 0.0, 0.02), VerdictKind.NO_DIFFERENCE_SEEN),
        (_NOTHING, VerdictKind.NOT_ENOUGH_DATA_YET),
    ],
)
def test_each_kind_of_reading_has_its_own_verdict(reading: Reading, kind: VerdictKind) -> None:
    assert judge(reading, worth=0.03) is kind


def test_it_worked() -> None:
    assert verdict_of(_comparison(_reading(0.062, 0.022, 0.101)), words=_WORDS).text == (
        "It worked. Out of every 100 idle regulars, 6 more ordered again within 60 days than without the mail. "
        "We are 95 % sure it is between 2 and 10."
    )


def test_it_hurt() -> None:
    assert verdict_of(_comparison(_reading(-0.062, -0.101, -0.022)), words=_WORDS).text == (
        "It hurt. Out of every 100 idle regulars, 6 fewer ordered again within 60 days than without the mail. "
        "We are 95 % sure it is between 2 and 10."
    )


def test_no_difference_seen() -> None:
    assert verdict_of(_comparison(_reading(0.003, -0.018, 0.0241)), words=_WORDS).text == (
        "No difference seen. Out of every 100 idle regulars, about as many ordered again within 60 days with the mail "
        "as without. We are 95 % sure that any difference is at most 2.5, either way."
    )


def test_not_sure_yet() -> None:
    assert verdict_of(_comparison(_reading(0.021, -0.014, 0.056)), words=_WORDS).text == (
        "Not sure yet. So far, out of every 100 idle regulars, 2 more ordered again within 60 days than without the "
        "mail: chance alone could do that. We are 95 % sure it is between 1 fewer and 6 more."
    )


def test_not_sure_yet_with_equal_groups_claims_neither_effect_nor_its_absence() -> None:
    assert verdict_of(_comparison(_reading(0.0, -0.05, 0.05)), words=_WORDS).text == (
        "Not sure yet. So far, out of every 100 idle regulars, as many ordered again within 60 days with the mail as "
        "without: chance could hide a difference. We are 95 % sure it is between 5 fewer and 5 more."
    )


def test_not_enough_data_yet_says_why() -> None:
    found = verdict_of(_comparison(_NOTHING), words=_WORDS)
    assert found.text == "Not enough data yet. A group is still empty."


def test_a_bound_near_zero_never_reads_as_zero() -> None:
    found = verdict_of(_comparison(_reading(0.03, 0.0004, 0.06)), words=_WORDS)
    assert found.kind is VerdictKind.IT_WORKED
    assert found.certainty == "We are 95 % sure it is between 0.04 and 6.00."


def test_groups_that_do_not_fit_come_before_any_effect() -> None:
    ratio = SampleRatioCheck(treated=8_000, holdout=2_200, planned_holdout_share=0.2, p_value=0.000_04, fits=False)
    found = verdict_of(replace(_comparison(_reading(0.06, 0.02, 0.1)), ratio=ratio), words=_WORDS)
    assert found.kind is VerdictKind.GROUPS_DO_NOT_FIT
    assert found.text == (
        "The groups do not fit. 2,200 of 10,200 people are in the holdout, where 20 % were planned. Chance does that "
        "about once in 25,000 times: until the cause is found, nothing here is proof."
    )
