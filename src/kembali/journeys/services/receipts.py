"""Write receipts and facts, many at once, in the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from kembali.collect import api as collect
from kembali.infra.database import raw_cursor

SOURCE = "journeys"
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class NewReceipt:
    """A decision to be recorded; see `models.Decision`."""

    flow_id: int
    enrolment_id: int | None
    customer_id: int
    step: str
    decision: str
    reason: Mapping[str, object] = field(default_factory=dict)


def record_receipts(receipts: Sequence[NewReceipt], *, at: datetime) -> None:
    """Append receipts in the order given."""
    with (
        raw_cursor() as cursor,
        cursor.copy(
            "COPY journeys_decision (flow_id, enrolment_id, customer_id, step, decision, at, reason) FROM STDIN"
        ) as copy,
    ):
        for receipt in receipts:
            reason = _encode(receipt.reason).decode()
            copy.write_row(
                (
                    receipt.flow_id,
                    receipt.enrolment_id,
                    receipt.customer_id,
                    receipt.step,
                    receipt.decision,
                    at,
                    reason,
                )
            )


def append_events(facts: Sequence[collect.NewFact], *, at: datetime) -> None:
    """Append this room's facts to the log, in the transaction that wrote the rows they tell of."""
    collect.append_facts(facts, at=at)


def journey_fact(
    event: str,
    *,
    flow: str,
    version: int,
    enrolment_id: int,
    customer_id: int,
    occurrence_key: str,
    occurred_at: datetime,
    details: Mapping[str, object],
) -> collect.NewFact:
    """Return the fact `journey.<event>` of one enrolment; each event happens to an enrolment at most once."""
    return collect.NewFact(
        source=SOURCE,
        message_id=f"{event}:{flow}:{customer_id}:{occurrence_key}",
        kind=f"journey.{event}",
        occurred_at=occurred_at,
        payload={"flow": flow, "version": version, "enrolment_id": enrolment_id, **details},
        identifiers={"customer_id": str(customer_id)},
    )
