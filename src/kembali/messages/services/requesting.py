"""Ask for messages, and take back what was asked."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from kembali.infra.database import one_transaction
from kembali.kernel.ids import EnrolmentId
from kembali.messages.contracts import SendRequest
from kembali.messages.errors import BadRequest

MAX_SEND_KEY = 180  # facts add their kind and have 200 characters

_REQUEST = """
INSERT INTO messages_send (send_key, customer_id, purpose, channels, channel, template, variables, flow, version, step,
                           enrolment_id, holdout, requested_at, due_at, expires_at, ready_at, state, reason, gates,
                           attempt_count, fence)
SELECT send_key, customer_id, purpose, channels, channels[1], template, variables, flow, version, step, enrolment_id,
       holdout, %s, due_at, expires_at, due_at, 'requested', '', '[]', 0, 0
FROM jsonb_to_recordset(%s::jsonb) AS new (
    send_key text, customer_id bigint, purpose text, channels text[], template text, variables jsonb, flow text,
    version int, step text, enrolment_id bigint, holdout bool, due_at timestamptz, expires_at timestamptz)
ORDER BY send_key
ON CONFLICT (send_key) DO NOTHING
"""
_CANCEL = """
UPDATE messages_send SET state = 'cancelled', reason = 'cancelled', lease_until = NULL
WHERE enrolment_id = ANY(%s) AND state IN ('requested', 'deferred')
"""


def request_sends(requests: Sequence[SendRequest], *, at: datetime) -> int:
    """Store requests, each once by its send key, in the caller's transaction; return how many are new.

    Raises:
        BadRequest: one cannot be stored; nothing was.
    """
    if not requests:
        return 0
    rows = [_row(request) for request in requests]
    with one_transaction() as cursor:
        cursor.execute(_REQUEST, (at, msgspec.json.encode(rows).decode()))
        return cursor.rowcount


def cancel_requests(enrolment_ids: Sequence[EnrolmentId]) -> int:
    """Take back what these enrolments asked for, where no hand-over has begun; return how many."""
    if not enrolment_ids:
        return 0
    with one_transaction() as cursor:
        cursor.execute(_CANCEL, (list(enrolment_ids),))
        return cursor.rowcount


def _row(request: SendRequest) -> dict[str, object]:
    if not 0 < len(request.send_key) <= MAX_SEND_KEY:
        raise BadRequest(f"A send key has 1 to {MAX_SEND_KEY} characters; this one has {len(request.send_key)}.")
    if request.channels[:1] != ("email",):
        raise BadRequest(f"{request.send_key}: only e-mail can be sent so far.", hint="Put email first.")
    if request.due_at.tzinfo is None or request.expires_at <= request.due_at:
        raise BadRequest(f"{request.send_key}: it must be due, in UTC, before it expires.")
    row: dict[str, object] = msgspec.to_builtins(request)
    row.update(msgspec.to_builtins(request.origin))
    del row["origin"]
    return row
