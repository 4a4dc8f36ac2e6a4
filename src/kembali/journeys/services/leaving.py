"""End stays: the row, its receipt, its fact and the withdrawal of what was still to be sent, together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from kembali.infra.database import one_transaction
from kembali.journeys.services.receipts import NewReceipt, append_events, journey_fact, record_receipts
from kembali.kernel.ids import EnrolmentId
from kembali.messages import api as messages


@dataclass(frozen=True, slots=True)
class Leaving:
    """One stay to be ended: why, and at which instant of business time it happened."""

    enrolment_id: int
    reason: str
    occurred_at: datetime
    details: Mapping[str, object] = field(default_factory=dict)


_END = """
WITH leaving AS (
    SELECT e.id, e.step AS left_step, n.occurred_at, n.reason
    FROM json_to_recordset(%s::json) AS n (id bigint, occurred_at timestamptz, reason text)
    JOIN journeys_enrolment e ON e.id = n.id
    WHERE e.state <> 'ended'
    ORDER BY e.id
    FOR NO KEY UPDATE OF e
)
UPDATE journeys_enrolment e
SET state = 'ended', step = NULL, due_at = NULL, ended_at = l.occurred_at, end_reason = l.reason
FROM leaving l, journeys_flowversion v, journeys_flow f
WHERE e.id = l.id AND v.id = e.version_id AND f.id = e.flow_id
RETURNING e.id, e.flow_id, f.key, v.number, e.customer_id, e.occurrence_key, l.left_step
"""


def end_many(leavings: Sequence[Leaving], *, at: datetime) -> int:
    """End these stays where they still last; return how many. What was asked for and not yet sent is withdrawn."""
    if not leavings:
        return 0
    wanted = {leaving.enrolment_id: leaving for leaving in leavings}
    rows = [
        {"id": leaving.enrolment_id, "occurred_at": leaving.occurred_at, "reason": leaving.reason}
        for leaving in wanted.values()
    ]
    with one_transaction() as cursor:
        cursor.execute(_END, (msgspec.json.encode(rows).decode(),))
        ended = cursor.fetchall()
        messages.cancel_requests([EnrolmentId(row[0]) for row in ended])
        _tell(ended, wanted, at)
    return len(ended)


def _tell(
    ended: Sequence[tuple[int, int, str, int, int, str, str]], wanted: Mapping[int, Leaving], at: datetime
) -> None:
    receipts, facts = [], []
    for enrolment_id, flow_id, flow_key, version, customer_id, key, step in ended:
        leaving = wanted[enrolment_id]
        details = {"reason": leaving.reason, **leaving.details}
        said = {**details, "occurred_at": leaving.occurred_at.isoformat()}
        receipts.append(NewReceipt(flow_id, enrolment_id, customer_id, step, "left", said))
        facts.append(
            journey_fact(
                "ended",
                flow=flow_key,
                version=version,
                enrolment_id=enrolment_id,
                customer_id=customer_id,
                occurrence_key=key,
                occurred_at=leaving.occurred_at,
                details=details,
            )
        )
    record_receipts(receipts, at=at)
    append_events(facts, at=at)
