"""Draws are pure functions, uniform, and in integers; the tables keep the means they promise."""

from fractions import Fraction

import numpy as np
import pytest

from kembali.twin.draws import ONE, Ints, Purpose, below, choose, draw_bits, happens, quantile, table_mean
from kembali.twin.tables import (
    REGULARITY_SHAPES,
    RESPONSE_DELAY_SHAPE,
    gap_tables,
    growth_table,
    response_delay_table,
    rhythm_table,
)

GOLDEN_BITS = [12865012665120390284, 6403128307321432753, 9140692941267288991]
MANY: Ints = np.arange(200_000, dtype=np.int64)


def test_a_draw_is_the_same_for_ever() -> None:
    bits = draw_bits(7, Purpose.GAP, np.asarray([0, 1, 2_000_000]), np.asarray([0, 5, 9]))
    assert bits.tolist() == GOLDEN_BITS


def test_a_draw_does_not_depend_on_who_is_asked_about_with_it() -> None:
    whole = draw_bits(7, Purpose.GAP, MANY, 3)
    assert np.array_equal(draw_bits(7, Purpose.GAP, MANY[500:600], 3), whole[500:600])


@pytest.mark.parametrize("other", [(8, Purpose.GAP, 0), (7, Purpose.DROPOUT, 0), (7, Purpose.GAP, 1)])
def test_seed_purpose_and_index_each_give_unrelated_draws(other: tuple[int, Purpose, int]) -> None:
    seed, purpose, index = other
    one, two = below(draw_bits(7, Purpose.GAP, MANY), 1_000), below(draw_bits(seed, purpose, MANY, index), 1_000)
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.01  # standard error 0.0022


def test_whole_numbers_are_uniform() -> None:
    counts = np.bincount(below(draw_bits(1, Purpose.TASTE, MANY), 50), minlength=50)
    assert float(((counts - 4_000) ** 2 / 4_000).sum()) < 94.9  # chi-square, 49 degrees of freedom, p = 0.0001


def test_chances_and_shares_come_out() -> None:
    bits = draw_bits(3, Purpose.DROPOUT, MANY)
    assert happens(bits, 120_000).mean() == pytest.approx(0.12, abs=0.003)
    assert not happens(bits, 0).any()
    assert happens(bits, 1_000_000).all()
    shares = np.bincount(choose(bits, (20, 0, 50, 30))) / len(MANY)
    assert shares == pytest.approx([0.2, 0, 0.5, 0.3], abs=0.005)


@pytest.mark.parametrize("table", [*gap_tables(), *rhythm_table(), *response_delay_table()])
def test_every_table_has_a_mean_of_exactly_one_and_never_falls(table: Ints) -> None:
    assert table_mean(table) == Fraction(1)
    assert (np.diff(table) >= 0).all()


def test_gaps_spread_as_a_gamma_distribution_of_their_class_does() -> None:
    for row, shape in enumerate(REGULARITY_SHAPES):
        drawn = quantile(gap_tables(), row, draw_bits(5, Purpose.GAP, MANY, row)) / ONE
        assert drawn.mean() == pytest.approx(1, abs=0.01)
        assert drawn.std() == pytest.approx(shape**-0.5, rel=0.03)
    delay = quantile(response_delay_table(), 0, draw_bits(5, Purpose.RESPONSE_DELAY, MANY)) / ONE
    assert delay.std() == pytest.approx(RESPONSE_DELAY_SHAPE**-0.5, rel=0.03)


def test_growth_of_three_hundred_percent_brings_three_times_as_many_at_the_end() -> None:
    arrival = quantile(growth_table(300), 0, draw_bits(5, Purpose.ACQUIRED, MANY)) / ONE
    early, late = (arrival < 0.1).sum(), (arrival >= 0.9).sum()
    assert late / early == pytest.approx(2.9 / 1.1, rel=0.04)
