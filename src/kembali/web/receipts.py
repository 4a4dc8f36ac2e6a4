"""Decisions about one person as the profile shows them: what was looked at, what came of it, what would turn it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext

from kembali.journeys import api as journeys
from kembali.messages import api as messages
from kembali.web.pages.parts import Tag, Tone
from kembali.web.pages.person import Gate, Receipt, TimelineItem

_STATES: Final[dict[messages.SendState, tuple[str, Tone]]] = {
    "requested": ("waiting", "plain"),
    "deferred": ("waits", "hold"),
    "withheld": ("not sent", "away"),
    "would_send": ("holdout: would have gone", "hold"),
    "handing_over": ("going out", "plain"),
    "sent": ("sent", "back"),
    "failed": ("failed", "away"),
    "unknown": ("arrival unknown", "away"),
    "expired": ("too late, not sent", "away"),
    "cancelled": ("called off", "hold"),
}


def state_tag(state: messages.SendState) -> Tag:
    """Return a request's state as a tag."""
    words, tone = _STATES[state]
    return Tag(gettext(words), tone)


def message_receipts(found: Iterable[messages.Receipt], flows: Mapping[str, str]) -> tuple[Receipt, ...]:
    """Return requests for one person with every gate they passed or met."""
    return tuple(
        Receipt(
            at=one.finished_at or one.decided_at or one.requested_at,
            title=f"{flows.get(one.origin.flow, one.origin.flow)}, {one.origin.step.replace('_', ' ')}",
            outcome=state_tag(one.state),
            gates=tuple(Gate(gate.name, gate.value, gate.passed) for gate in one.gates),
            flip=" ".join(gate.flip for gate in one.gates if gate.flip and not gate.passed),
            message_href=reverse("web:message", args=[one.mail_id]) if one.mail_id else "",
        )
        for one in found
    )


def turned_away(found: Iterable[journeys.Receipt]) -> tuple[Receipt, ...]:
    """Return the flows somebody was not let into, and why."""
    return tuple(
        Receipt(
            at=one.at,
            title=gettext("Not let into “%(name)s”") % {"name": one.flow_name},
            outcome=Tag(gettext("not let in"), "hold"),
            gates=tuple(
                Gate(name.replace("_", " "), _plain(value), passed=False) for name, value in one.reason.items()
            ),
        )
        for one in found
        if one.enrolment_id is None
    )


def planned_items(
    waiting: Iterable[messages.Receipt], stays: Iterable[journeys.Stay], flows: Mapping[str, str], at: datetime
) -> tuple[TimelineItem, ...]:
    """Return what waits for somebody, the soonest first: messages about to go, journeys they are on."""
    mails = [
        TimelineItem(
            max(one.ready_at, at),
            f"{flows.get(one.origin.flow, one.origin.flow)}, {one.origin.step.replace('_', ' ')}",
            gettext("holdout: it is judged and not sent") if one.holdout else one.reason,
        )
        for one in waiting
    ]
    steps = [
        TimelineItem(
            max(stay.due_at, at),
            gettext("Goes on in “%(name)s”") % {"name": stay.flow_name},
            gettext("holdout: nothing is sent") if stay.arm == "holdout" else gettext("unless they order before"),
            href=reverse("web:journey", args=[stay.flow]),
        )
        for stay in stays
        if stay.state != "ended" and stay.due_at is not None
    ]
    return tuple(sorted([*mails, *steps], key=lambda item: item.at))


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name.replace('_', ' ')} {_plain(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(inner) for inner in value)
    return str(value)
