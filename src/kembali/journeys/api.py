"""The door to `journeys`. What needs columns or an engine is imported when called: web processes never load one."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kembali.collect.api import Consumer
from kembali.journeys.contracts.flow import Flow
from kembali.journeys.contracts.tree import FlowTree, TreeLane, TreeStep
from kembali.journeys.contracts.views import (
    FlowSummary,
    FlowView,
    MeasuredEnrolment,
    PersonAtStep,
    PersonDecided,
    Published,
    Receipt,
    Stay,
    StepCounts,
)
from kembali.journeys.errors import BadFlow, FlowNotFound, PlaybookNotFound, Problem, ReplayNotPossible
from kembali.journeys.playbooks import Playbook, list_playbooks, playbook_of
from kembali.journeys.queries.enrolments import (
    decisions_of,
    enrolments_for_measure,
    people_at,
    people_decided,
    stays_of,
    step_counts,
)
from kembali.journeys.queries.flows import flow_of, list_flows
from kembali.journeys.rules.lengths import days_of
from kembali.journeys.rules.parsing import content_hash, flow_to_yaml, parse_flow
from kembali.journeys.rules.tree import day_in_words, describe
from kembali.journeys.services import merging, outcomes, triggers
from kembali.journeys.services.enrolling import ENTRANCE, experiment_key
from kembali.journeys.services.moving import move_due
from kembali.journeys.services.publishing import backlog_count, launch_playbook, pause_flow, publish, resume_flow
from kembali.segments import api as segments

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from kembali.journeys.replay.result import ReplayResult

__all__ = [
    "CONSUMERS",
    "ENTRANCE",
    "BadFlow",
    "Flow",
    "FlowNotFound",
    "FlowSummary",
    "FlowTree",
    "FlowView",
    "MeasuredEnrolment",
    "PersonAtStep",
    "PersonDecided",
    "Playbook",
    "PlaybookNotFound",
    "Problem",
    "Published",
    "Receipt",
    "ReplayNotPossible",
    "Stay",
    "StepCounts",
    "TreeLane",
    "TreeStep",
    "backlog_count",
    "content_hash",
    "day_in_words",
    "decisions_of",
    "describe",
    "enrolments_for_measure",
    "experiment_key",
    "flow_of",
    "flow_to_yaml",
    "goal_days",
    "launch_playbook",
    "list_flows",
    "list_playbooks",
    "move_due",
    "parse_flow",
    "pause_flow",
    "people_at",
    "people_decided",
    "playbook_of",
    "publish",
    "replay",
    "resume_flow",
    "stays_of",
    "step_counts",
    "with_outcomes",
]

CONSUMERS = (
    Consumer("journeys.people", merging.KINDS, merging.handle),
    Consumer("journeys.triggers", triggers.KINDS, triggers.handle),
    Consumer("journeys.outcomes", outcomes.KINDS, outcomes.handle),
)
"""Who folds facts here: merges, then triggers and orders together, then what became of messages."""


def goal_days(flow: Flow) -> int:
    """Return within how many days an order counts for the flow's goal."""
    return days_of(flow.goal.ordered_within)


def replay(
    flow: Flow,
    purchases: "ir.Table",
    *,
    start: datetime,
    end: datetime,
    data_until: datetime | None = None,
    every: timedelta | None = None,
    rule: segments.Rule | None = None,
    salt: str | None = None,
    holdout_percent: int | None = None,
) -> "ReplayResult":
    """Return who would have entered a flow in the past and what they did anyway (see `journeys.replay.running`)."""
    from kembali.journeys.replay import running

    return running.replay(
        flow,
        purchases,
        start=start,
        end=end,
        data_until=data_until,
        every=every,
        rule=rule,
        salt=salt,
        holdout_percent=holdout_percent,
    )


def with_outcomes(entries: "pa.Table", purchases: "pa.Table", *, window: timedelta) -> "pa.Table":
    """Return entries with what each person bought within the window (see `journeys.replay.outcomes`)."""
    from kembali.journeys.replay import outcomes as counting

    return counting.with_outcomes(entries, purchases, window=window)
