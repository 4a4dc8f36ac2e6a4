"""A request as a worker holds it: taken under a lease, known by its id and fence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from kembali.consent.api import Channel, Purpose
from kembali.kernel.ids import CustomerId, EnrolmentId, SendRequestId
from kembali.messages.contracts import SendState

Cursor = psycopg.Cursor[tuple[Any, ...]]

COLUMNS = (
    "id, fence, state, send_key, customer_id, purpose, channel, template, variables::text, flow, version, step, "
    "enrolment_id, holdout, expires_at, attempt_count, wire_outcome::text"
)


@dataclass(frozen=True, slots=True)
class Pending:
    """One row of requests; the fields stand in the order of `COLUMNS`. JSON comes as text."""

    id: SendRequestId
    fence: int
    state: SendState
    send_key: str
    customer_id: CustomerId
    purpose: Purpose
    channel: Channel
    template: str
    variables_json: str
    flow: str
    version: int
    step: str
    enrolment_id: EnrolmentId | None
    holdout: bool
    expires_at: datetime
    attempt_count: int
    wire_outcome_json: str | None


def read_pending(cursor: Cursor) -> list[Pending]:
    """Return the rows a statement just gave, in the order of `COLUMNS`."""
    return [Pending(*row) for row in cursor.fetchall()]


def ids_of(pending: Iterable[Pending]) -> list[SendRequestId]:
    """Return their ids."""
    return [each.id for each in pending]


def release(cursor: Cursor, pending: Sequence[Pending]) -> None:
    """Give back what was taken and not begun, so that anybody can take it at once."""
    if pending:
        cursor.execute(
            "UPDATE messages_send s SET lease_until = NULL FROM unnest(%s::bigint[], %s::bigint[]) AS mine (id, fence) "
            "WHERE s.id = mine.id AND s.fence = mine.fence AND s.state IN ('requested', 'deferred')",
            (ids_of(pending), [each.fence for each in pending]),
        )
