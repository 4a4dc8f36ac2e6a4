"""Does a 95 % interval hold in 95 of 100 experiments? Simulated shops of known truth, seeds fixed.

Tolerances are the promise (93-97 %) widened by about two standard errors of the simulation where it is short.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from kembali.measure.contracts import Comparison, Interval, Metric, Outcomes
from kembali.measure.rules.compare import compare_groups
from kembali.measure.rules.power import power_of_shares
from kembali.measure.rules.shares import share_interval

HOLDOUTS = (0.1, 0.2, 0.5)


@dataclass(frozen=True)
class _World:
    """What the same people do in one world: nobody mailed, or everybody."""

    again: NDArray[np.bool_]
    orders: NDArray[np.int64]
    revenue_minor: NDArray[np.int64]

    def means(self) -> dict[Metric, float]:
        return {
            Metric.ORDERED_AGAIN: self.again.mean(),
            Metric.ORDERS: self.orders.mean(),
            Metric.REVENUE: self.revenue_minor.mean(),
            Metric.MARGIN: (self.revenue_minor * 3 // 10).mean(),
        }


def _worlds(rng: np.random.Generator, *, people: int, base: float, effect: float) -> tuple[_World, _World]:
    """A shop of people who differ in inclination, in what the mail does to them, and (heavy-tailed) in spending."""
    inclination = rng.beta(base * 4, (1 - base) * 4, people)
    moved = effect * inclination * (1 - inclination) / (base * (1 - base) * 0.8)
    luck, count = rng.random(people), 1 + rng.poisson(0.5, people)
    spend = np.exp(7.5 + rng.normal(0, 1.1, people))
    worlds = [
        _World(again, again * count, (again * count * spend).astype(np.int64))
        for again in (luck < inclination, luck < inclination + moved)
    ]
    return worlds[0], worlds[1]


def _read(treated: NDArray[np.bool_], worlds: tuple[_World, _World], holdout: float, seed: int) -> Comparison:
    unmailed, mailed = worlds
    revenue = np.where(treated, mailed.revenue_minor, unmailed.revenue_minor)
    outcomes = Outcomes(
        treated=treated,
        ordered_again=np.where(treated, mailed.again, unmailed.again),
        orders=np.where(treated, mailed.orders, unmailed.orders),
        revenue_minor=revenue,
        margin_minor=revenue * 3 // 10,
    )
    return compare_groups(outcomes, planned_holdout_share=holdout, rng=np.random.default_rng(seed), rounds=999)


def _shown(comparison: Comparison) -> Iterator[tuple[Metric, Interval]]:
    for metric in Metric:
        reading = comparison.reading(metric)
        if isinstance(reading, Interval):
            yield metric, reading


@pytest.mark.parametrize("holdout", HOLDOUTS)
@pytest.mark.parametrize("ordering", [30, 81])
def test_redrawing_the_groups_of_one_shop_the_share_covers_zero_as_promised(ordering: int, holdout: float) -> None:
    """No simulation: every group size (binomial) and every split of those who order (hypergeometric), by chance."""
    people, covered = 300, 0.0
    first, last = (int(stats.binom.ppf(end, people, holdout)) for end in (1e-4, 1 - 1e-4))
    for held in range(first, last + 1):
        splits = np.asarray(stats.hypergeom.pmf(range(ordering + 1), people, ordering, held))
        kept = sum(
            float(splits[yes])
            for yes in np.flatnonzero(splits > 1e-6).tolist()
            if not share_interval(
                treated_yes=ordering - yes, treated_people=people - held, holdout_yes=yes, holdout_people=held
            ).rules_out_zero
        )
        covered += float(stats.binom.pmf(held, people, holdout)) * kept
    assert 0.945 < covered < 0.962


def test_redrawing_the_groups_of_one_heavy_tailed_shop_money_covers_zero_where_a_plain_interval_does_not() -> None:
    redraws, holdout = 400, 0.1
    rng = np.random.default_rng(42)
    again = rng.random(430) < 0.73
    orders = again * (1 + rng.poisson(1.5, 430))
    revenue = (orders * np.exp(10 + rng.normal(0, 1.4, 430))).astype(np.int64)
    world = _World(again, orders, revenue)
    covered: Counter[str] = Counter()
    for seed in range(redraws):
        treated = np.random.default_rng([seed, 1]).random(430) >= holdout
        for metric, found in _shown(_read(treated, (world, world), holdout, seed)):
            covered[metric] += not found.rules_out_zero
        plain = stats.ttest_ind(revenue[treated], revenue[~treated], equal_var=False)
        covered["plain"] += bool(plain.pvalue > 0.05)
    assert all(0.93 < covered[metric] / redraws < 0.97 for metric in Metric), covered
    assert covered["plain"] / redraws < 0.91


@pytest.mark.parametrize("holdout", HOLDOUTS)
def test_known_truth_is_covered_on_every_metric(holdout: float) -> None:
    seeds = 300
    covered: Counter[Metric] = Counter()
    for seed in range(seeds):
        rng = np.random.default_rng([seed, 2])
        worlds = _worlds(rng, people=700, base=0.2, effect=0.06)
        truth = {metric: value - worlds[0].means()[metric] for metric, value in worlds[1].means().items()}
        treated = rng.random(700) >= holdout
        for metric, found in _shown(_read(treated, worlds, holdout, seed)):
            covered[metric] += found.low <= truth[metric] <= found.high
    assert all(0.92 < covered[metric] / seeds < 0.98 for metric in Metric), covered


@pytest.mark.parametrize("holdout", HOLDOUTS)
@pytest.mark.parametrize("effect", [0.0, 0.06])
def test_the_share_keeps_its_promises_of_coverage_power_and_width(effect: float, holdout: float) -> None:
    seeds, people, base = 1500, 1000, 0.15
    covered, proven = 0, 0
    widths = np.zeros(2)
    for seed in range(seeds):
        rng = np.random.default_rng([seed, 3])
        unmailed, mailed = _worlds(rng, people=people, base=base, effect=effect)
        held = rng.random(people) < holdout
        yes = (int(mailed.again[~held].sum()), int(unmailed.again[held].sum()))
        sizes = (int((~held).sum()), int(held.sum()))
        found = share_interval(treated_yes=yes[0], treated_people=sizes[0], holdout_yes=yes[1], holdout_people=sizes[1])
        truth = float(mailed.again.mean() - unmailed.again.mean())
        covered += bool(found.low <= truth <= found.high)
        proven += found.rules_out_zero
        shares = np.array(yes) / sizes
        widths += found.high - found.low, 2 * 1.96 * np.sqrt((shares * (1 - shares) / sizes).sum())
    promised = power_of_shares(people=people, holdout_share=holdout, base_share=base, effect_share=effect)
    assert 0.935 < covered / seeds < 0.965
    assert proven / seeds == pytest.approx(promised, abs=0.03)
    assert widths[0] / widths[1] < 1.1
    if effect == 0:
        assert 0.035 < proven / seeds < 0.065
