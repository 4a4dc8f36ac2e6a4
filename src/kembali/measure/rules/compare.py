"""All metrics of one experiment at once: everyone enrolled, as assigned, whatever was or was not sent to them."""

import numpy as np

from kembali.measure.contracts import Comparison, GroupSummary, Outcomes, Reading, Withheld
from kembali.measure.rules.ratio import check_sample_ratio
from kembali.measure.rules.rerandomise import DEFAULT_ROUNDS, NOT_ENOUGH, Flags, effect_intervals
from kembali.measure.rules.shares import share_interval

# Money is shown once the smaller group can expect this many people who order: with fewer, a handful of large
# orders decides, and coverage under an effect that differs between people left 93-97 % in simulation.
MIN_PAYING_PEOPLE = 10


def compare_groups(
    outcomes: Outcomes,
    *,
    planned_holdout_share: float,
    rng: np.random.Generator,
    level: float = 0.95,
    rounds: int = DEFAULT_ROUNDS,
) -> Comparison:
    """Return treated against holdout on every metric, over all enrolled.

    The order of people does not matter: the same people and the same `rng` state give the same figures.

    Raises:
        ValueError: the planned share is not between 0 and 1.
    """
    people = _in_canonical_order(outcomes)
    treated = people.treated
    orders, revenue, margin = effect_intervals(
        [column.astype(np.float64) for column in (people.orders, people.revenue_minor, people.margin_minor)],
        treated,
        rng=rng,
        level=level,
        rounds=rounds,
    )
    return Comparison(
        treated=_summary(people, treated),
        holdout=_summary(people, ~treated),
        ratio=check_sample_ratio(
            treated=int(treated.sum()), holdout=int((~treated).sum()), planned_holdout_share=planned_holdout_share
        ),
        ordered_again=_ordered_again(people, level),
        orders=orders,
        revenue_minor=_money(revenue, people),
        margin_minor=_money(margin, people),
    )


def _ordered_again(people: Outcomes, level: float) -> Reading:
    treated_people, holdout_people = int(people.treated.sum()), int((~people.treated).sum())
    if treated_people == 0 or holdout_people == 0:
        return Withheld(reason=f"{NOT_ENOUGH}: a group is still empty")
    return share_interval(
        treated_yes=int(people.ordered_again[people.treated].sum()),
        treated_people=treated_people,
        holdout_yes=int(people.ordered_again[~people.treated].sum()),
        holdout_people=holdout_people,
        level=level,
    )


def _money(reading: Reading, people: Outcomes) -> Reading:
    """Withhold money while few people ordered.

    Counted over both groups together, as the smaller group's fair part: a rule that looked at the actual split would
    pick which experiments are shown by their result.
    """
    smaller = min(int(people.treated.sum()), int((~people.treated).sum()))
    expected = np.count_nonzero(people.orders) * smaller / max(len(people.orders), 1)
    if expected >= MIN_PAYING_PEOPLE or isinstance(reading, Withheld):
        return reading
    return Withheld(
        reason=f"{NOT_ENOUGH}: money needs about {MIN_PAYING_PEOPLE} people who ordered in the smaller group, "
        f"this experiment can expect {expected:.0f}"
    )


def _summary(people: Outcomes, members: Flags) -> GroupSummary:
    return GroupSummary(
        people=int(members.sum()),
        ordered_again=int(people.ordered_again[members].sum()),
        orders=int(people.orders[members].sum()),
        revenue_minor=int(people.revenue_minor[members].sum()),
        margin_minor=int(people.margin_minor[members].sum()),
    )


def _in_canonical_order(outcomes: Outcomes) -> Outcomes:
    """The same people sorted by what they did, so that a database's row order cannot move a figure."""
    order = np.lexsort(
        (outcomes.treated, outcomes.ordered_again, outcomes.orders, outcomes.margin_minor, outcomes.revenue_minor)
    )
    return Outcomes(
        treated=outcomes.treated[order].astype(np.bool_),
        ordered_again=outcomes.ordered_again[order].astype(np.bool_),
        orders=outcomes.orders[order],
        revenue_minor=outcomes.revenue_minor[order],
        margin_minor=outcomes.margin_minor[order],
    )
