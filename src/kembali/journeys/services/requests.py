"""Ask `messages` for what a flow wants to send, in the transaction that moved the people, for both arms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kembali.journeys.contracts.flow import Send
from kembali.journeys.queries.programs import VersionProgram
from kembali.journeys.rules.lengths import length_of
from kembali.kernel.ids import CustomerId
from kembali.messages import api as messages


@dataclass(frozen=True, slots=True)
class Wanted:
    """One person at one send step."""

    enrolment_id: int
    customer_id: int
    occurrence_key: str
    arm: str
    version: VersionProgram
    send: Send


def request_wanted(wanted: Sequence[Wanted], *, at: datetime) -> None:
    """Hand over the requests; the holdout's are gated and recorded, and have no effect.

    The send key names flow version, step, person and occurrence: asking again asks for the same one.
    """
    if wanted:
        messages.request_sends([_request(each, at) for each in wanted], at=at)


def _request(wanted: Wanted, at: datetime) -> messages.SendRequest:
    flow, version, send = wanted.version.flow_key, wanted.version.version, wanted.send
    return messages.SendRequest(
        send_key=f"{flow}:{version}:{send.key}:{wanted.customer_id}:{wanted.occurrence_key}",
        customer_id=CustomerId(wanted.customer_id),
        purpose=send.purpose,
        channels=send.channels,
        template=f"{flow}/{send.template}",
        variables={},
        due_at=at,
        expires_at=at + length_of(send.expires),
        origin=messages.Origin(flow=flow, version=version, step=send.key, enrolment_id=wanted.enrolment_id),
        holdout=wanted.arm == "holdout",
    )
