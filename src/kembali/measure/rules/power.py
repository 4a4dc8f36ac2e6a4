"""What an experiment of a given size can prove, said before it starts. Standard library only, so a form can ask.

Exact for the test that Proof uses (the score interval of `shares` ruling out zero): both groups' binomial
probabilities are added up over the outcomes that would be significant, no normal approximation.
"""

import math

from kembali.measure.contracts import PowerStatement
from kembali.measure.rules.shares import two_sided_z

_HALVINGS = 24
# Binomial outcomes further than this from the mean have a chance below 1e-14 and are left out.
_WINDOW_SD = 8.0
_MOST_PEOPLE = 100_000_000


def state_power(
    *,
    people: int,
    holdout_share: float,
    base_share: float,
    effect_share: float,
    level: float = 0.95,
    wanted_power: float = 0.8,
) -> PowerStatement:
    """Return what `people` enrolled can show, if `base_share` order again anyway and the treatment adds `effect_share`.

    Raises:
        ValueError: a share outside 0..1, or an effect that leaves 0..1.
    """
    return PowerStatement(
        people=people,
        holdout_share=holdout_share,
        base_share=base_share,
        effect_share=effect_share,
        power=power_of_shares(
            people=people, holdout_share=holdout_share, base_share=base_share, effect_share=effect_share, level=level
        ),
        wanted_power=wanted_power,
        smallest_provable_share=smallest_provable_share(
            people=people, holdout_share=holdout_share, base_share=base_share, level=level, wanted_power=wanted_power
        ),
        level=level,
    )


def power_of_shares(
    *, people: int, holdout_share: float, base_share: float, effect_share: float, level: float = 0.95
) -> float:
    """Return the chance that the interval for the share ordering again will rule out zero. 0 while a group is empty.

    Raises:
        ValueError: a share outside 0..1, or an effect that leaves 0..1.
    """
    if not (0 <= holdout_share <= 1 and 0 <= base_share <= 1 and -1e-12 <= base_share + effect_share <= 1 + 1e-12):
        raise ValueError("power needs shares between 0 and 1, with and without the effect")
    held = round(people * holdout_share)
    worked = people - held
    if held < 1 or worked < 1:
        return 0.0
    z_squared = two_sided_z(level) ** 2
    first_worked, worked_below = _cumulative(worked, min(max(base_share + effect_share, 0.0), 1.0))
    first_held, held_below = _cumulative(held, base_share)
    missed = 0.0
    for place in range(len(held_below) - 1):
        bounds = _undecided(worked, held, first_held + place, z_squared)
        chance = held_below[place + 1] - held_below[place]
        missed += chance * _between(worked_below, bounds[0] - first_worked, bounds[1] - first_worked)
    return min(max(1.0 - missed, 0.0), 1.0)


def smallest_provable_share(
    *, people: int, holdout_share: float, base_share: float, level: float = 0.95, wanted_power: float = 0.8
) -> float | None:
    """Return the smallest rise in the share that is proven with a chance of `wanted_power`; None if no rise is."""

    def power(effect: float) -> float:
        return power_of_shares(
            people=people, holdout_share=holdout_share, base_share=base_share, effect_share=effect, level=level
        )

    too_small, enough = 0.0, 1.0 - base_share
    if power(enough) < wanted_power:
        return None
    for _ in range(_HALVINGS):
        middle = (too_small + enough) / 2
        if power(middle) < wanted_power:
            too_small = middle
        else:
            enough = middle
    return enough


def people_needed(
    *, holdout_share: float, base_share: float, effect_share: float, level: float = 0.95, wanted_power: float = 0.8
) -> int | None:
    """Return how many people must be enrolled to prove `effect_share` with a chance of `wanted_power`; None if none do.

    Found by halving to within one percent: the exact power of counts rises in small steps.
    """
    if effect_share == 0 or not 0 < holdout_share < 1:
        return None

    def power(people: int) -> float:
        return power_of_shares(
            people=people, holdout_share=holdout_share, base_share=base_share, effect_share=effect_share, level=level
        )

    too_few, enough = 1, 2
    while power(enough) < wanted_power:
        too_few, enough = enough, enough * 2
        if enough > _MOST_PEOPLE:
            return None
    while enough - too_few > max(1, enough // 100):
        middle = (too_few + enough) // 2
        too_few, enough = (middle, enough) if power(middle) < wanted_power else (too_few, middle)
    return enough


def _cumulative(people: int, share: float) -> tuple[int, list[float]]:
    """The first outcome kept and, from 0 to 1, the chance of having fewer than each kept outcome."""
    if share in {0.0, 1.0}:
        return round(people * share), [0.0, 1.0]
    mean, spread = people * share, math.sqrt(people * share * (1 - share))
    first = max(0, math.floor(mean - _WINDOW_SD * spread - 10))
    last = min(people, math.ceil(mean + _WINDOW_SD * spread + 10))
    below = [0.0]
    log_share, log_rest, log_all = math.log(share), math.log1p(-share), math.lgamma(people + 1)
    for yes in range(first, last + 1):
        log_ways = log_all - math.lgamma(yes + 1) - math.lgamma(people - yes + 1)
        below.append(below[-1] + math.exp(log_ways + yes * log_share + (people - yes) * log_rest))
    return first, below


def _undecided(worked: int, held: int, held_yes: int, z_squared: float) -> tuple[int, int]:
    """The counts of treated who order again, first and last, that do not rule out zero beside `held_yes`.

    Solves (x/n1 - y/n2)² = z² × p(1-p) × (1/n1 + 1/n2) × N/(N-1) for x, where p is the share over both groups.
    """
    people = worked + held
    rest = people - held_yes
    factor = z_squared * (1 / worked + 1 / held) / (people * (people - 1))
    square = 1 / worked**2 + factor
    linear = -2 * held_yes / (held * worked) - factor * (rest - held_yes)
    constant = (held_yes / held) ** 2 - factor * held_yes * rest
    root = math.sqrt(max(linear**2 - 4 * square * constant, 0.0))
    slack = 1e-9
    return math.ceil((-linear - root) / (2 * square) - slack), math.floor((-linear + root) / (2 * square) + slack)


def _between(below: list[float], first: int, last: int) -> float:
    """The chance of an outcome from `first` to `last`, counted from the first outcome kept."""
    final = len(below) - 1
    return max(below[min(max(last + 1, 0), final)] - below[min(max(first, 0), final)], 0.0)
