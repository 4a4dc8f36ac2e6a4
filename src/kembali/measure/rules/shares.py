"""The interval for a difference between two shares. Standard library only, so that any process may import it.

Miettinen & Nurminen (1985), Statistics in Medicine 4, 213-226: the score interval with variance factor N/(N-1). At a
difference of zero that variance is exactly the variance of re-drawing the groups among the same people, so the
interval rules out zero as often as chance says also in one fixed shop, at small groups and uneven splits.

Our deviation: the interval is about the people enrolled, as Proof's sentence is. If their mean effect is d, at least a
share |d| of them was changed, so effects vary between them by |d|(1 - |d|) or more, which the paper's variance counts
as noise; it is taken off (the sharp bound of Aronow, Green & Lee 2014, Annals of Statistics 42, 850-871, for shares).
It is nothing at zero, so what is proven stays the same; without it 95 % became 96-98 % under a real effect. While
either group has fewer than five who did or five who did not, normal theory is too rough for it: nothing is taken off.
`enrolled_only=False` gives the paper's interval, which is about all people like them.
"""

import math
from statistics import NormalDist
from typing import NamedTuple

from kembali.measure.contracts import Interval

METHOD = "score (Miettinen and Nurminen)"
_HALVINGS = 50
_SMALLEST_CELL = 5


def share_interval(
    *,
    treated_yes: int,
    treated_people: int,
    holdout_yes: int,
    holdout_people: int,
    level: float = 0.95,
    enrolled_only: bool = True,
) -> Interval:
    """Return the difference in shares, treated minus holdout, with its score interval inside [-1, 1].

    Raises:
        ValueError: a group is empty, or more said yes than there are people.
    """
    if not (0 <= treated_yes <= treated_people and 0 <= holdout_yes <= holdout_people):
        raise ValueError("a group cannot have more people who did it than people")
    if treated_people == 0 or holdout_people == 0:
        raise ValueError("a share needs at least one person in each group")
    cells = (treated_yes, treated_people - treated_yes, holdout_yes, holdout_people - holdout_yes)
    sharpen = enrolled_only and min(cells) >= _SMALLEST_CELL
    counts = _Counts(treated_yes, treated_people, holdout_yes, holdout_people, sharpen)
    estimate = treated_yes / treated_people - holdout_yes / holdout_people
    z = two_sided_z(level)
    return Interval(
        estimate=estimate,
        low=_limit(counts, estimate, -1.0, z),
        high=_limit(counts, estimate, 1.0, z),
        level=level,
        method=METHOD,
    )


class _Counts(NamedTuple):
    """Who ordered and how many people, treated then holdout; whether to take off how much effects must vary."""

    x1: int
    n1: int
    x2: int
    n2: int
    sharpen: bool


def two_sided_z(level: float) -> float:
    """The normal quantile that leaves `1 - level` outside, half on each side: 1.96 for 0.95."""
    return NormalDist().inv_cdf(0.5 + level / 2)


def _limit(counts: _Counts, estimate: float, end: float, z: float) -> float:
    """The difference between `estimate` and `end` at which the score statistic reaches `z`, or `end`."""
    inside, outside = estimate, end
    if abs(_score(counts, estimate, end)) <= z:
        return end
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        if abs(_score(counts, estimate, middle)) <= z:
            inside = middle
        else:
            outside = middle
    return inside


def _score(counts: _Counts, estimate: float, difference: float) -> float:
    """How many standard errors the estimate lies from a supposed `difference`."""
    gap = estimate - difference
    if gap == 0:
        return 0.0
    _, n1, _, n2, sharpen = counts
    p2 = _constrained_holdout_share(counts, difference)
    p1 = p2 + difference
    variance = (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * (n1 + n2) / (n1 + n2 - 1)
    if sharpen:
        variance -= abs(difference) * (1 - abs(difference)) / (n1 + n2 - 1)
    return gap / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, gap)


def _constrained_holdout_share(counts: _Counts, difference: float) -> float:
    """The likeliest holdout share if the true difference were `difference`: the root of the paper's cubic."""
    x1, n1, x2, n2, _ = counts
    total = n1 + n2
    l3 = total
    l2 = (n1 + 2 * n2) * difference - total - (x1 + x2)
    l1 = (n2 * difference - total - 2 * x2) * difference + x1 + x2
    l0 = x2 * difference * (1 - difference)
    q = l2**3 / (3 * l3) ** 3 - l1 * l2 / (6 * l3**2) + l0 / (2 * l3)
    p = math.copysign(math.sqrt(max(l2**2 / (3 * l3) ** 2 - l1 / (3 * l3), 0.0)), q)
    angle = (math.pi + math.acos(min(1.0, max(-1.0, q / p**3)))) / 3 if p != 0 else math.pi / 2
    share = 2 * p * math.cos(angle) - l2 / (3 * l3)
    return min(max(share, 0.0, -difference), 1.0, 1.0 - difference)
