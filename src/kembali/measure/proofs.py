"""A proof as it is stored and shown: plain values, readable without any analytics."""

from datetime import datetime

import msgspec

from kembali.measure.contracts import Metric, VerdictKind


class MetricProof(msgspec.Struct, frozen=True, kw_only=True):
    """One difference, treated minus holdout, per person enrolled. Without an interval, `reason` says why.

    days_more: after how many more days zero would be ruled out at this pace; 0 = it is; None = no date is promised.
    """

    standing: VerdictKind
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    method: str = ""
    reason: str = ""
    days_more: int | None = None
    true_effect: float | None = None


class GroupProof(msgspec.Struct, frozen=True, kw_only=True):
    """One arm's totals over everyone counted."""

    people: int
    ordered_again: int
    orders: int
    revenue_minor: int
    margin_minor: int


class DayProof(msgspec.Struct, frozen=True, kw_only=True):
    """The share ordering again as it could be judged at one past instant; None while a group was empty."""

    at: datetime
    people: int
    estimate: float | None
    low: float | None
    high: float | None


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """One flow, treated against holdout: everyone enrolled whose time to order is over counts in their arm.

    watching_count: enrolled, but still within their time. crossed_count: seen in both arms (a later merge), left out.
    """

    flow_key: str
    flow_name: str
    as_of: datetime
    launched_at: datetime
    window_days: int
    holdout_percent: int
    level: float
    enrolled_count: int
    watching_count: int
    crossed_count: int
    treated: GroupProof
    holdout: GroupProof
    metrics: dict[Metric, MetricProof]
    verdict: VerdictKind
    opening: str
    finding: str
    certainty: str
    ratio_p_value: float
    ratio_fits: bool
    days: tuple[DayProof, ...] = ()

    @property
    def counted_count(self) -> int:
        """People in both arms whose outcome counts."""
        return self.treated.people + self.holdout.people

    @property
    def sentence(self) -> str:
        """The verdict as one paragraph."""
        return " ".join(part for part in (self.opening, self.finding, self.certainty) if part)


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a flow would have met between two past instants: everyone whose time to order is over by now.

    power: the `PowerStatement` for as many people again; None with too few of them.
    """

    flow_key: str
    as_of: datetime
    from_at: datetime
    to_at: datetime
    window_days: int
    holdout_percent: int
    people: int
    ordered_anyway: int
    orders: int
    revenue_minor: int
    margin_minor: int
    power: dict[str, float | int | None] | None
    sentence: str
