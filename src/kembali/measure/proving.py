"""From enrolments and purchases to a proof: who counts, what they did, what it means. Reads no database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from kembali.journeys import api as journeys
from kembali.kernel.ids import CustomerId
from kembali.measure.contracts import (
    Comparison,
    GroupSummary,
    Metric,
    Outcomes,
    Reading,
    VerdictKind,
    VerdictWords,
    Withheld,
)
from kembali.measure.proofs import DayProof, GroupProof, MetricProof, Proof
from kembali.measure.rules.compare import compare_groups
from kembali.measure.rules.pace import days_until_proven
from kembali.measure.rules.shares import share_interval
from kembali.measure.rules.verdict import WORTH_SHARE, judge, verdict_of

LEVEL = 0.95
MAX_DAYS_DRAWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be proven: the flow, its holdout, and how long each person is watched."""

    flow_key: str
    flow_name: str
    launched_at: datetime
    window_days: int
    holdout_percent: int
    words: VerdictWords
    truth: dict[str, float]


def prove(
    question: Question,
    enrolments: Sequence[journeys.MeasuredEnrolment],
    crossed: Iterable[CustomerId],
    purchases: pa.Table,
    *,
    at: datetime,
) -> Proof:
    """Return the proof of one flow as of `at`.

    A person counts once, with their first enrolment, in the arm they were given, once their time to order is over: all
    of them, whatever was or was not sent (intention to treat).

    purchases: customer_id int64 (root), placed_at timestamp(us, UTC), net_minor, margin_minor int64, in any order.
    """
    left_out = set(crossed)
    first: dict[CustomerId, journeys.MeasuredEnrolment] = {}
    for each in enrolments:
        if each.entered_at < at and each.customer_id not in left_out:
            first.setdefault(each.customer_id, each)
    counted = [each for each in first.values() if each.goal_until_at <= at]
    table = journeys.with_outcomes(_entries(counted), purchases, window=timedelta(days=question.window_days))
    outcomes = _outcomes(table, counted)
    comparison = compare_groups(
        outcomes,
        planned_holdout_share=question.holdout_percent / 100,
        rng=np.random.default_rng(seed_of(question.flow_key)),
        level=LEVEL,
    )
    verdict = verdict_of(comparison, words=question.words)
    per_day = _counted_per_day(counted, at)
    return Proof(
        flow_key=question.flow_key,
        flow_name=question.flow_name,
        as_of=at,
        launched_at=question.launched_at,
        window_days=question.window_days,
        holdout_percent=question.holdout_percent,
        level=LEVEL,
        enrolled_count=len(first),
        watching_count=len(first) - len(counted),
        crossed_count=len({each.customer_id for each in enrolments} & left_out),
        treated=_group(comparison.treated),
        holdout=_group(comparison.holdout),
        metrics={
            metric: _metric(metric, comparison, question.truth.get(metric), people=len(counted), per_day=per_day)
            for metric in Metric
        },
        verdict=verdict.kind,
        opening=verdict.opening,
        finding=verdict.finding,
        certainty=verdict.certainty,
        ratio_p_value=comparison.ratio.p_value,
        ratio_fits=comparison.ratio.fits,
        days=_day_by_day(counted, outcomes, at),
    )


def _entries(counted: Sequence[journeys.MeasuredEnrolment]) -> pa.Table:
    return pa.table(
        {
            "customer_id": pa.array([each.customer_id for each in counted], pa.int64()),
            "entered_at": pa.array([each.entered_at for each in counted], pa.timestamp("us", "UTC")),
        }
    )


def _outcomes(table: pa.Table, counted: Sequence[journeys.MeasuredEnrolment]) -> Outcomes:
    return Outcomes(
        treated=np.array([each.arm == "treated" for each in counted], dtype=np.bool_),
        ordered_again=table["ordered_again"].to_numpy().astype(np.bool_),
        orders=table["orders"].to_numpy().astype(np.int64),
        revenue_minor=table["revenue_minor"].to_numpy().astype(np.int64),
        margin_minor=table["margin_minor"].to_numpy().astype(np.int64),
    )


def _group(summary: GroupSummary) -> GroupProof:
    return GroupProof(
        people=summary.people,
        ordered_again=summary.ordered_again,
        orders=summary.orders,
        revenue_minor=summary.revenue_minor,
        margin_minor=summary.margin_minor,
    )


def _metric(metric: Metric, comparison: Comparison, truth: float | None, *, people: int, per_day: float) -> MetricProof:
    reading: Reading = comparison.reading(metric)
    if isinstance(reading, Withheld):
        return MetricProof(standing=VerdictKind.NOT_ENOUGH_DATA_YET, reason=reading.reason, true_effect=truth)
    return MetricProof(
        standing=judge(reading, worth=WORTH_SHARE if metric is Metric.ORDERED_AGAIN else 0.0),
        estimate=reading.estimate,
        low=reading.low,
        high=reading.high,
        method=reading.method,
        days_more=days_until_proven(reading, people=people, people_per_day=per_day),
        true_effect=truth,
    )


def _counted_per_day(counted: Sequence[journeys.MeasuredEnrolment], at: datetime) -> float:
    if not counted:
        return 0.0
    days = (at - min(each.goal_until_at for each in counted)) / timedelta(days=1)
    return len(counted) / max(days, 1.0)


def _day_by_day(
    counted: Sequence[journeys.MeasuredEnrolment], outcomes: Outcomes, at: datetime
) -> tuple[DayProof, ...]:
    """The share as it could have been judged at up to 40 instants, evenly from the first outcome to `at`."""
    if not counted:
        return ()
    over_at = np.array([each.goal_until_at.timestamp() for each in counted])
    start = float(over_at.min())
    points = min(MAX_DAYS_DRAWN, int((at.timestamp() - start) // 86_400) + 1)
    days = []
    for instant in np.linspace(start, at.timestamp(), points + 1)[1:]:
        seen = over_at <= instant
        treated, holdout = seen & outcomes.treated, seen & ~outcomes.treated
        reading = None
        if treated.any() and holdout.any():
            reading = share_interval(
                treated_yes=int(outcomes.ordered_again[treated].sum()),
                treated_people=int(treated.sum()),
                holdout_yes=int(outcomes.ordered_again[holdout].sum()),
                holdout_people=int(holdout.sum()),
                level=LEVEL,
            )
        days.append(
            DayProof(
                at=datetime.fromtimestamp(float(instant), tz=at.tzinfo),
                people=int(seen.sum()),
                estimate=reading.estimate if reading else None,
                low=reading.low if reading else None,
                high=reading.high if reading else None,
            )
        )
    return tuple(days)


def seed_of(flow_key: str) -> int:
    """The same proof gives the same figures each time it is computed."""
    return int.from_bytes(hashlib.sha256(flow_key.encode()).digest()[:8])
