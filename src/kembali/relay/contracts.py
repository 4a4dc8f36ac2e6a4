"""The values that leave `relay`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

EndpointState = Literal["open", "paused", "disabled"]
DeliveryState = Literal["waiting", "delivered", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Who is told of facts. `kinds` empty: of every kind.

    `disabled_why`: `gone` (it answered 410) or `failing` (for days). `failing_since`: no success since then.
    """

    id: int
    url: str
    description: str
    kinds: tuple[str, ...]
    with_history: bool
    state: EndpointState
    disabled_why: str
    created_at: datetime
    failing_since: datetime | None
    rests_until: datetime | None
    delivered_at: datetime | None
    former_secret_until: datetime | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How an endpoint's deliveries of the last days stand."""

    waiting: int
    delivered: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One call: `status` None where nobody answered, `problem` says why; `answer` is its first kilobyte."""

    number: int
    at: datetime
    duration_ms: int
    status: int | None
    problem: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One fact on its way to one endpoint. `fact_seq` None: a test."""

    id: int
    endpoint_id: int
    fact_seq: int | None
    kind: str
    state: DeliveryState
    made_at: datetime
    due_at: datetime
    finished_at: datetime | None
    attempt_count: int
    is_replay: bool
    last_status: int | None
    last_problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Facts of a time range on their way to an endpoint once more."""

    id: int
    endpoint_id: int
    since: datetime
    until: datetime
    queued_count: int
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one call came to. `retry_after_s`: what the receiver asked for."""

    status: int | None
    problem: str
    answer: str
    duration_ms: int
    retry_after_s: int | None = None
