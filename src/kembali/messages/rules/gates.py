"""The send gate: every check is made, named and kept, whatever the others say, so that a receipt can be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from kembali.consent.api import Permission, Purpose
from kembali.messages.contracts import Gate, SendPolicy
from kembali.messages.rules.caps import count_within, free_from
from kembali.messages.rules.quiet import quiet_until

Verdict = Literal["send", "defer", "withhold", "expire"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything the gate looks at, for one request at one instant.

    contacts: when this person got marketing in the last windows, other requests only. began: a hand-over of this very
    send key has begun before.
    """

    at: datetime
    purpose: Purpose
    expires_at: datetime
    has_address: bool
    permission: Permission
    globally_held_out: bool
    contacts: Sequence[datetime]
    began: bool
    policy: SendPolicy
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do; `until` only where deferred; `reason` is the name of the gate that decided."""

    verdict: Verdict
    reason: str
    until: datetime | None
    gates: tuple[Gate, ...]


def decide(snapshot: Snapshot) -> Decision:
    """Return what becomes of the request, with every gate's value."""
    quiet, quiet_end = _quiet_hours(snapshot)
    cap, cap_end = _frequency(snapshot)
    expiry = _expiry(snapshot)
    firm = (_not_begun(snapshot), _address(snapshot), _suppression(snapshot), _consent(snapshot), _holdout(snapshot))
    gates = (*firm, expiry, quiet, cap)
    refused = next((gate for gate in firm if not gate.passed), None)
    if refused is not None:
        return Decision("withhold", refused.name, None, gates)
    if not expiry.passed:
        return Decision("expire", expiry.name, None, gates)
    waits = [(gate.name, end) for gate, end in ((quiet, quiet_end), (cap, cap_end)) if end is not None]
    if waits:
        name, until = max(waits, key=lambda each: each[1])
        return Decision("defer", name, min(until, snapshot.expires_at), gates)
    return Decision("send", "", None, gates)


def _not_begun(snapshot: Snapshot) -> Gate:
    flip = "None: one hand-over per send key." if snapshot.began else ""
    return Gate("not sent before", not snapshot.began, "begun before" if snapshot.began else "first time", flip)


def _address(snapshot: Snapshot) -> Gate:
    if snapshot.has_address:
        return Gate("has an address", passed=True, value="e-mail known")
    return Gate("has an address", passed=False, value="no e-mail known", flip="An e-mail address for this person.")


def _suppression(snapshot: Snapshot) -> Gate:
    reason = snapshot.permission.suppressed_by
    if reason is None:
        return Gate("not suppressed", passed=True, value="not on the list")
    flip = "A new opt-in by the person." if reason == "unsubscribe" else "Taking the address off the suppression list."
    return Gate("not suppressed", passed=False, value=reason, flip=flip)


def _consent(snapshot: Snapshot) -> Gate:
    permission = snapshot.permission
    basis = f" ({permission.basis})" if permission.basis else ""
    value = "given" if permission.consented else permission.reason
    if permission.consented:
        return Gate("consent", passed=True, value=f"{value}{basis}")
    return Gate("consent", passed=False, value=f"{value}{basis}", flip=f"Consent to {snapshot.purpose} by e-mail.")


def _holdout(snapshot: Snapshot) -> Gate:
    if snapshot.purpose == "marketing" and snapshot.globally_held_out:
        return Gate("not held out", passed=False, value="in the global holdout", flip="None: the arm is kept for good.")
    return Gate("not held out", passed=True, value="not in the global holdout")


def _expiry(snapshot: Snapshot) -> Gate:
    ends = _minute(snapshot.expires_at, snapshot.zone)
    if snapshot.at < snapshot.expires_at:
        return Gate("not expired", passed=True, value=f"until {ends}")
    return Gate("not expired", passed=False, value=f"expired {ends}", flip="A later expiry of the step.")


def _quiet_hours(snapshot: Snapshot) -> tuple[Gate, datetime | None]:
    local = f"{snapshot.at.astimezone(snapshot.zone):%H:%M}"
    if snapshot.purpose != "marketing":
        return Gate("outside quiet hours", passed=True, value="service messages have none"), None
    policy = snapshot.policy
    end = quiet_until(snapshot.at, snapshot.zone, policy.quiet_from, policy.quiet_until)
    if end is None:
        return Gate("outside quiet hours", passed=True, value=local), None
    return Gate(
        "outside quiet hours", passed=False, value=local, flip=f"Waiting until {_minute(end, snapshot.zone)}."
    ), end


def _frequency(snapshot: Snapshot) -> tuple[Gate, datetime | None]:
    if snapshot.purpose != "marketing":
        return Gate("under the frequency cap", passed=True, value="service messages have none"), None
    caps = snapshot.policy.caps
    counts = [count_within(snapshot.contacts, cap, snapshot.at) for cap in caps]
    value = ", ".join(f"{n} of {cap.count} in {cap.days} days" for n, cap in zip(counts, caps, strict=True))
    free = free_from(snapshot.contacts, caps, snapshot.at)
    if free <= snapshot.at:
        return Gate("under the frequency cap", passed=True, value=value or "no cap"), None
    flip = f"Waiting until {_minute(free, snapshot.zone)}."
    return Gate("under the frequency cap", passed=False, value=value, flip=flip), free


def _minute(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
