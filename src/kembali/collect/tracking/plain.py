"""Events as nearly all are, read in one go. What is out of the ordinary in any way is left to `events`.

That is a matter of speed only: read with care, such an event is the same fact. A test holds the two together.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET

from kembali.collect.contracts import NewFact
from kembali.collect.nesting import is_too_deep
from kembali.collect.tracking.envelopes import MOST_EVENT_BYTES
from kembali.collect.tracking.moments import occurred_at

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_ENDS = {trusted: b"," + msgspec.json.encode({"is_trusted": trusted, "notes": []})[1:] for trusted in (True, False)}
_KINDS = {call: f"tracking.{call}" for call in ("track", "page", "screen", "identify")}


class _Plain(msgspec.Struct, gc=False, rename="camel"):
    """Every member as it should be, or absent; null is neither."""

    type: Literal["track", "page", "screen", "identify"]
    message_id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    user_id: _Id = ""
    anonymous_id: _Id = ""
    previous_id: _Id = ""
    group_id: _Id = ""
    event: _Id = ""
    timestamp: str = ""
    original_timestamp: str = ""
    sent_at: str = ""
    context: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    traits: dict[str, Any] = {}
    integrations: Any = UNSET
    write_key: Any = UNSET
    is_trusted: Any = msgspec.field(default=UNSET, name="is_trusted")
    notes: Any = UNSET


_decode = msgspec.json.Decoder(_Plain).decode


def plain_fact(
    text: bytes, *, source: str, is_trusted: bool, sent_at: datetime | None, received_at: datetime
) -> NewFact | None:
    """Return an event as a fact whose payload is the event as it was sent, and our words; None if it is not so plain.

    Args:
        sent_at: when its request was sent, for an event that does not say so itself.
    """
    if len(text) > MOST_EVENT_BYTES or is_too_deep(text):
        return None
    try:
        text.decode()  # also what is not looked at must be text
        event = _decode(text)
    except (ValueError, RecursionError):
        return None
    if (
        not (event.user_id or event.anonymous_id)
        or (event.type == "track" and not event.event.strip())
        or (event.type == "identify" and is_trusted)
        or not (event.write_key is event.is_trusted is event.notes is UNSET)
        or event.integrations is None
        or b"\\u0000" in text
        or event.message_id != event.message_id.strip()
        or event.user_id != event.user_id.strip()
        or event.anonymous_id != event.anonymous_id.strip()
        or event.previous_id
        or event.group_id
    ):
        return None
    at, notes = occurred_at(
        event.timestamp, event.original_timestamp, event.sent_at, request_sent_at=sent_at, received_at=received_at
    )
    if notes:
        return None
    identifiers = {"anonymous_id": event.anonymous_id} if event.anonymous_id else {}
    if is_trusted and event.user_id:
        identifiers["customer_ref"] = event.user_id
    return NewFact(
        source=source,
        message_id=event.message_id,
        kind=_KINDS[event.type],
        occurred_at=at,
        payload=text.rstrip()[:-1] + _ENDS[is_trusted],
        identifiers=identifiers,
    )
