import math

import pytest

from kembali.measure.rules.power import people_needed, power_of_shares, smallest_provable_share, state_power
from kembali.measure.rules.shares import share_interval
from kembali.measure.rules.verdict import power_sentence


def _binomial(people: int, yes: int, share: float) -> float:
    return math.comb(people, yes) * share**yes * (1 - share) ** (people - yes)


@pytest.mark.parametrize(
    ("people", "holdout_share", "base", "effect"),
    [(60, 0.5, 0.3, 0.3), (50, 0.2, 0.1, 0.4), (40, 0.1, 0.7, -0.5), (60, 0.5, 0.2, 0.0), (30, 0.5, 0.0, 0.3)],
)
def test_power_adds_up_exactly_the_outcomes_whose_interval_rules_out_zero(
    people: int, holdout_share: float, base: float, effect: float
) -> None:
    held = round(people * holdout_share)
    worked = people - held
    proven = sum(
        _binomial(worked, x, base + effect) * _binomial(held, y, base)
        for x in range(worked + 1)
        for y in range(held + 1)
        if share_interval(treated_yes=x, treated_people=worked, holdout_yes=y, holdout_people=held).rules_out_zero
    )
    found = power_of_shares(people=people, holdout_share=holdout_share, base_share=base, effect_share=effect)
    assert found == pytest.approx(proven, abs=1e-9)


def test_power_with_large_groups_is_the_textbook_normal_one() -> None:
    # Two groups of 10,000, 10 % against 11 %: z = .01 / sqrt(.11·.89/10⁴ + .1·.9/10⁴) = 2.3 errors away.
    error = math.sqrt(0.11 * 0.89 / 10_000 + 0.1 * 0.9 / 10_000)
    textbook = 0.5 * math.erfc((1.959964 - 0.01 / error) / math.sqrt(2))
    found = power_of_shares(people=20_000, holdout_share=0.5, base_share=0.1, effect_share=0.01)
    assert found == pytest.approx(textbook, abs=0.005)


def test_without_an_effect_power_is_the_false_alarm_rate() -> None:
    for holdout_share in (0.1, 0.2, 0.5):
        found = power_of_shares(people=1000, holdout_share=holdout_share, base_share=0.15, effect_share=0.0)
        assert 0.045 < found < 0.055


def test_the_smallest_provable_effect_has_the_wanted_power_and_a_smaller_one_less() -> None:
    smallest = smallest_provable_share(people=1000, holdout_share=0.2, base_share=0.15)
    assert smallest is not None
    assert smallest == pytest.approx(0.0888, abs=0.0005)

    def power(effect: float) -> float:
        return power_of_shares(people=1000, holdout_share=0.2, base_share=0.15, effect_share=effect)

    assert power(smallest) == pytest.approx(0.8, abs=0.001)
    assert power(smallest - 0.005) < 0.8


def test_enough_people_prove_the_effect_they_were_counted_for() -> None:
    needed = people_needed(holdout_share=0.2, base_share=0.15, effect_share=0.06)
    assert needed is not None
    assert needed == pytest.approx(2_060, abs=30)
    assert power_of_shares(people=needed, holdout_share=0.2, base_share=0.15, effect_share=0.06) >= 0.8


def test_no_number_of_people_proves_no_effect() -> None:
    assert people_needed(holdout_share=0.2, base_share=0.15, effect_share=0.0) is None
    assert people_needed(holdout_share=0.0, base_share=0.15, effect_share=0.1) is None


def test_a_shop_with_a_million_people_still_gets_an_answer() -> None:
    found = power_of_shares(people=1_000_000, holdout_share=0.1, base_share=0.2, effect_share=0.003)
    assert 0.5 < found < 0.8


def test_the_statement_before_launch_is_one_plain_sentence() -> None:
    statement = state_power(people=1000, holdout_share=0.2, base_share=0.15, effect_share=0.06)
    assert statement.power == pytest.approx(0.481, abs=0.001)
    assert power_sentence(statement) == "At this size only an effect above 9 points can be proven."


def test_too_few_people_can_prove_nothing_and_are_told_so() -> None:
    statement = state_power(people=8, holdout_share=0.1, base_share=0.5, effect_share=0.1)
    assert statement.smallest_provable_share is None
    assert power_sentence(statement) == "At this size no effect can be proven."
    assert power_of_shares(people=4, holdout_share=0.1, base_share=0.5, effect_share=0.1) == 0


def test_everybody_ordering_already_leaves_nothing_to_prove() -> None:
    assert smallest_provable_share(people=5000, holdout_share=0.5, base_share=1.0) is None


def test_an_effect_beyond_everybody_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        power_of_shares(people=100, holdout_share=0.5, base_share=0.9, effect_share=0.2)
