"""What pages and other rooms are told about flows and the people on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from kembali.journeys.contracts.flow import Flow
from kembali.journeys.contracts.tree import FlowTree
from kembali.kernel.ids import CustomerId, EnrolmentId, FlowKey

Arm = Literal["treated", "holdout"]
FlowState = Literal["live", "paused"]
EnrolmentState = Literal["ready", "waiting", "ended"]


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing did. `enrolled_count` is the backlog let in; `inside_count` stay on older versions."""

    key: FlowKey
    version: int
    is_new_version: bool
    enrolled_count: int
    inside_count: int


@dataclass(frozen=True, slots=True)
class FlowSummary:
    """One flow in the list. Entered and reached count the 30 days up to the moment asked for; both arms together."""

    key: FlowKey
    name: str
    purpose: str
    state: FlowState
    version: int
    launched_at: datetime
    holdout_percent: int
    inside_count: int
    entered_count: int
    goal_count: int


@dataclass(frozen=True, slots=True)
class FlowView:
    """One flow as its page needs it: the present version, in YAML and in words."""

    key: FlowKey
    state: FlowState
    version: int
    launched_at: datetime
    live_since: datetime
    published_at: datetime
    source_yaml: str
    flow: Flow
    tree: FlowTree


@dataclass(frozen=True, slots=True)
class StepCounts:
    """People of one step over all versions. `decisions` counts receipts by decision: requested, sent, withheld, ..."""

    step: str
    waiting_count: int
    decisions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PersonAtStep:
    """Somebody who waits at a step; `since` is when they came to it."""

    enrolment_id: EnrolmentId
    customer_id: CustomerId
    arm: Arm
    version: int
    entered_at: datetime
    state: EnrolmentState
    due_at: datetime | None
    since: datetime


@dataclass(frozen=True, slots=True)
class PersonDecided:
    """Somebody about whom one decision was made at a step. Without an enrolment, and so an arm, they were kept out."""

    receipt_id: int
    enrolment_id: EnrolmentId | None
    customer_id: CustomerId
    arm: Arm | None
    at: datetime
    reason: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Stay:
    """One enrolment from entering to leaving."""

    enrolment_id: EnrolmentId
    flow: FlowKey
    flow_name: str
    version: int
    customer_id: CustomerId
    arm: Arm
    entered_at: datetime
    state: EnrolmentState
    step: str | None
    due_at: datetime | None
    goal_reached_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """One decision about a person and what it rested on. Without an enrolment they were not let in."""

    flow: FlowKey
    flow_name: str
    enrolment_id: EnrolmentId | None
    step: str
    decision: str
    at: datetime
    reason: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class MeasuredEnrolment:
    """One enrolment for the comparison of arms: `customer_id` is the person's present root id."""

    enrolment_id: EnrolmentId
    customer_id: CustomerId
    arm: Arm
    entered_at: datetime
    goal_until_at: datetime
