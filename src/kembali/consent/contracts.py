"""The values that leave `consent`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from kembali.kernel.ids import CustomerId

Channel = Literal["email", "sms", "whatsapp", "web_push", "app_push"]
Purpose = Literal["marketing", "service"]
State = Literal["given", "pending", "not_given", "withdrawn"]
"""`pending`: a yes that awaits its double opt-in: no mails yet. `not_given`: a source said no. `withdrawn`: the person
(or the shop for them) said stop."""
Basis = Literal["opt_in", "double_opt_in", "existing_customer", "imported"]
SuppressionReason = Literal["unsubscribe", "bounce", "complaint", "manual"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConsent:
    """One statement about one permission, with its proof."""

    customer_id: CustomerId
    channel: Channel
    purpose: Purpose
    state: State
    basis: Basis
    occurred_at: datetime
    source: str
    wording: str = ""
    """What the person was shown when they agreed."""
    language: str = ""
    evidence: Mapping[str, str | int] = field(default_factory=dict)
    from_file: bool = False
    """A file tells of it: whatever it proves, it never undoes a withdrawal, and nothing starts from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecord:
    """One row of the append-only proof."""

    record_id: int
    customer_id: CustomerId
    channel: Channel
    purpose: Purpose
    state: State
    basis: Basis
    wording: str
    language: str
    source: str
    evidence: Mapping[str, str | int]
    occurred_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds now for one stored id: `confirmed_at` is the latest evidence for it, `since` the first."""

    state: State
    basis: Basis
    since: datetime
    confirmed_at: datetime


@dataclass(frozen=True, slots=True)
class Permission:
    """May this person be contacted? `reason` says why or why not; `suppressed_by` names an entry on the list."""

    allowed: bool
    basis: Basis | None
    reason: str
    consented: bool
    suppressed_by: SuppressionReason | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class TokenSubject:
    """What an unsubscribe link is about. The address is masked: links are forwarded."""

    customer_id: CustomerId
    channel: Channel
    purpose: Purpose
    masked_email: str
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """The result of an unsubscription; `changed` is False where it was in force already."""

    customer_id: CustomerId
    channel: Channel
    purpose: Purpose
    changed: bool
