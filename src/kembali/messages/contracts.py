"""The values that enter and leave `messages`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Literal

from kembali.consent.api import Channel, Purpose
from kembali.kernel.ids import CustomerId, EnrolmentId, SendRequestId

SendState = Literal[
    "requested",
    "deferred",
    "withheld",
    "would_send",
    "handing_over",
    "sent",
    "failed",
    "unknown",
    "expired",
    "cancelled",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who asked: a step of a flow's version, for one enrolment."""

    flow: str
    version: int
    step: str
    enrolment_id: EnrolmentId | int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRequest:
    """One message that should reach one person.

    `send_key` is the idempotency key, at most 180 characters. `template` is "namespace/name". `holdout`: every gate is
    judged and recorded, and nothing is sent.
    """

    send_key: str
    customer_id: CustomerId
    purpose: Purpose
    template: str
    due_at: datetime
    expires_at: datetime
    origin: Origin
    channels: tuple[Channel, ...] = ("email",)
    variables: Mapping[str, object] = field(default_factory=dict)
    holdout: bool = False


@dataclass(frozen=True, slots=True)
class Gate:
    """One check: its name, the value it saw, and the smallest change that would have turned it ("" where it passed)."""

    name: str
    passed: bool
    value: str
    flip: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Why a message went, did not go, or waits. `gates` is empty until it was first judged."""

    send_id: SendRequestId
    send_key: str
    customer_id: CustomerId
    template: str
    channel: Channel
    origin: Origin
    holdout: bool
    state: SendState
    reason: str
    gates: tuple[Gate, ...]
    requested_at: datetime
    ready_at: datetime
    decided_at: datetime | None
    began_at: datetime | None
    finished_at: datetime | None
    mail_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLine:
    """One line of the built-in mailbox."""

    mail_id: int
    send_key: str
    customer_id: CustomerId
    to_name: str
    to_email: str
    subject: str
    preview: str
    flow: str
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMail:
    """One whole mail of the built-in mailbox: SIMULATED, it never left this machine."""

    line: MailLine
    from_line: str
    reply_to: str
    headers: tuple[tuple[str, str], ...]
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class FrequencyCap:
    """At most `count` marketing messages to one person within `days` days."""

    count: int
    days: int

    @property
    def window(self) -> timedelta:
        """The length that is looked back over."""
        return timedelta(days=self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPolicy:
    """When marketing may be sent, and what every mail says about its sender.

    Quiet hours are in the shop's zone; equal times mean none. `reply_to` is where answers go, "" the sender's own
    address. `shop_url` is the shop's site.
    """

    quiet_from: time = time(21)
    quiet_until: time = time(8)
    caps: tuple[FrequencyCap, ...] = (FrequencyCap(1, 3), FrequencyCap(4, 30))
    reply_to: str = ""
    shop_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A rendered message, ready to be handed over."""

    send_id: SendRequestId
    send_key: str
    customer_id: CustomerId
    to_email: str
    to_name: str
    from_line: str
    reply_to: str
    subject: str
    html: str
    text: str
    message_id: str
    unsubscribe_url: str = ""
    """Only of marketing: becomes the List-Unsubscribe headers."""
    date: datetime


OutcomeKind = Literal["sent", "delivered", "failed", "retry", "unknown"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of handing one mail over.

    sent: the provider took responsibility. delivered: it is in the mailbox. failed: refused for good. retry: provably
    had no effect. unknown: it may or may not have taken effect. `bounced`: the address does not exist.
    """

    kind: OutcomeKind
    reason: str = ""
    bounced: bool = False
