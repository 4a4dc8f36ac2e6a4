"""The facts about messages."""

from datetime import datetime

from kembali.collect.api import NewFact
from kembali.messages.services.pending import Pending


def message_fact(pending: Pending, outcome: str, reason: str, *, at: datetime, **more: object) -> NewFact:
    """Return the fact `message.<outcome>` of one request. Once per outcome: the message id names both."""
    return NewFact(
        source="messages",
        message_id=f"{pending.send_key}:{outcome}",
        kind=f"message.{outcome}",
        occurred_at=at,
        payload={
            "send_key": pending.send_key,
            "flow": pending.flow,
            "version": pending.version,
            "step": pending.step,
            "enrolment_id": pending.enrolment_id,
            "channel": pending.channel,
            "purpose": pending.purpose,
            "template": pending.template,
            "reason": reason,
            **more,
        },
        identifiers={"customer_id": str(pending.customer_id)},
    )
