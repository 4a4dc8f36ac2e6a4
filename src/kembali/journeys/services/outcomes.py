"""What became of messages comes back as facts and joins the receipts of the enrolment that asked for them."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from kembali.collect import api as collect
from kembali.infra.database import raw_cursor
from kembali.journeys.services.receipts import NewReceipt, record_receipts

KINDS = frozenset(
    f"message.{outcome}" for outcome in ("sent", "delivered", "failed", "unknown", "withheld", "opened", "clicked")
)


class _Outcome(msgspec.Struct, frozen=True):
    send_key: str
    enrolment_id: int | None = None
    step: str = ""
    channel: str | None = None
    reason: object = None
    would_send: bool = False


_OF = "SELECT id, flow_id, customer_id FROM journeys_enrolment WHERE id = ANY(%s)"


def handle(facts: Sequence[collect.Fact], at: datetime) -> None:
    """Add one receipt per outcome to the enrolment it belongs to; messages no flow asked for are passed over."""
    outcomes = [(fact, fact.decode(_Outcome)) for fact in facts]
    wanted = sorted({outcome.enrolment_id for _, outcome in outcomes if outcome.enrolment_id is not None})
    with raw_cursor() as cursor:
        cursor.execute(_OF, (wanted,))
        enrolments = {row[0]: row for row in cursor.fetchall()}
    receipts = []
    for fact, outcome in outcomes:
        if outcome.enrolment_id in enrolments:
            enrolment_id, flow_id, customer_id = enrolments[outcome.enrolment_id]
            said = {
                "send_key": outcome.send_key,
                "channel": outcome.channel,
                "reason": outcome.reason,
                "occurred_at": fact.occurred_at.isoformat(),
            }
            # In the holdout a message that every gate let pass is withheld for that reason alone.
            decision = "would_send" if outcome.would_send else fact.kind.removeprefix("message.")
            receipts.append(NewReceipt(flow_id, enrolment_id, customer_id, outcome.step, decision, said))
    record_receipts(receipts, at=at)
