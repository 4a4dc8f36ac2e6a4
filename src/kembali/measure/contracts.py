"""The frozen values of a comparison between people who were treated and their holdout. No calculation, no database.

Shares are fractions of 1, money is integer minor units, a difference is always treated minus holdout.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Metric(StrEnum):
    """What is compared, always per enrolled person (intention to treat)."""

    ORDERED_AGAIN = "ordered_again"
    ORDERS = "orders"
    REVENUE = "revenue_minor"
    MARGIN = "margin_minor"


class VerdictKind(StrEnum):
    """The six things Proof can say. Each is a different sentence; none stands in for another."""

    IT_WORKED = "it_worked"
    IT_HURT = "it_hurt"
    NO_DIFFERENCE_SEEN = "no_difference_seen"
    NOT_SURE_YET = "not_sure_yet"
    NOT_ENOUGH_DATA_YET = "not_enough_data_yet"
    GROUPS_DO_NOT_FIT = "groups_do_not_fit"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcomes:
    """What everyone enrolled did afterwards: one entry per person in each array, all of one length, in any order.

    treated: bool, False = holdout. ordered_again: bool. orders: integer. revenue_minor, margin_minor: int64.

    Raises:
        ValueError: the arrays are not one-dimensional or differ in length.
    """

    treated: NDArray[np.bool_]
    ordered_again: NDArray[np.bool_]
    orders: NDArray[np.int64]
    revenue_minor: NDArray[np.int64]
    margin_minor: NDArray[np.int64]

    def __post_init__(self) -> None:
        shapes = {
            array.shape
            for array in (self.treated, self.ordered_again, self.orders, self.revenue_minor, self.margin_minor)
        }
        if len(shapes) != 1 or len(next(iter(shapes))) != 1:
            raise ValueError(f"outcomes need one entry per person in every array, got shapes {sorted(shapes)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimated difference and the range that holds the true one in `level` of all such experiments."""

    estimate: float
    low: float
    high: float
    level: float
    method: str

    @property
    def rules_out_zero(self) -> bool:
        """Whether no difference at all lies outside the range."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A difference that is not shown because no honest range can be given at this size."""

    reason: str


Reading = Interval | Withheld


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSummary:
    """Totals of one group over everyone enrolled in it. Averages are None where nobody is."""

    people: int
    ordered_again: int
    orders: int
    revenue_minor: int
    margin_minor: int

    @property
    def ordered_again_share(self) -> float | None:
        """The share of people who ordered again."""
        return self._each(self.ordered_again)

    @property
    def orders_each(self) -> float | None:
        """Orders per person."""
        return self._each(self.orders)

    @property
    def revenue_minor_each(self) -> float | None:
        """Revenue per person."""
        return self._each(self.revenue_minor)

    @property
    def margin_minor_each(self) -> float | None:
        """Contribution margin per person."""
        return self._each(self.margin_minor)

    def _each(self, total: int) -> float | None:
        return total / self.people if self.people else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRatioCheck:
    """Whether the groups have the sizes that chance allows; if not, something dropped people and nothing is proven."""

    treated: int
    holdout: int
    planned_holdout_share: float
    p_value: float
    fits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Treated against holdout on every metric, over all enrolled."""

    treated: GroupSummary
    holdout: GroupSummary
    ratio: SampleRatioCheck
    ordered_again: Reading
    orders: Reading
    revenue_minor: Reading
    margin_minor: Reading

    def reading(self, metric: Metric) -> Reading:
        """The difference in one metric."""
        readings = {
            Metric.ORDERED_AGAIN: self.ordered_again,
            Metric.ORDERS: self.orders,
            Metric.REVENUE: self.revenue_minor,
            Metric.MARGIN: self.margin_minor,
        }
        return readings[metric]


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerStatement:
    """What an experiment of this size can show about the share ordering again, said before it starts.

    power: the chance that `effect_share` would be proven. smallest_provable_share: the smallest effect with a chance
    of `wanted_power`; None where even the largest possible effect has less.
    """

    people: int
    holdout_share: float
    base_share: float
    effect_share: float
    power: float
    wanted_power: float
    smallest_provable_share: float | None
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictWords:
    """The nouns of a verdict sentence: who was enrolled, with what, and how long they were watched."""

    people: str = "people"
    treatment: str = "the mail"
    within_days: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One plain judgement: `opening` says which, `finding` what was seen, `certainty` how sure that is."""

    kind: VerdictKind
    opening: str
    finding: str
    certainty: str

    @property
    def text(self) -> str:
        """The whole verdict as one paragraph."""
        return " ".join(part for part in (self.opening, self.finding, self.certainty) if part)
