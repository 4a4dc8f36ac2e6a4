"""The inside of a tracking request: its events as facts, and those that cannot be one with their reason.

A public write key stands in every page of the shop, so anyone may send anything with it: whom such an event names is a
claim. Only the anonymous id becomes an identifier of its fact; the claim stays in the payload.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from kembali.collect.contracts import NewFact, Reading, Rejected
from kembali.collect.nesting import MOST_LEVELS, is_too_deep
from kembali.collect.tracking.envelopes import MOST_EVENT_BYTES, Envelope, without_key
from kembali.collect.tracking.moments import instant_of, occurred_at
from kembali.collect.tracking.plain import plain_fact
from kembali.collect.tracking.requests import BATCH, CALLS

_LONGEST_NAME = 200  # of an event, and of an identifier: an index stands over them
_LONGEST_ID = {
    "userId": _LONGEST_NAME,
    "anonymousId": _LONGEST_NAME,
    "previousId": _LONGEST_NAME,
    "groupId": _LONGEST_NAME,
    "messageId": 100,
}
_KINDS = {call: f"tracking.{call}" for call in CALLS}
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class _Unusable(Exception):
    """Why one event cannot be a fact."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What holds for all events of a request."""

    call: str
    shared: Mapping[str, dict[str, Any]]
    source: str
    is_trusted: bool
    anonymous_id: str
    received_at: datetime
    sent_at: datetime | None

    def fact_of(self, text: bytes, place: int) -> NewFact:
        """Return an event as a fact.

        Raises:
            _Unusable: it cannot be one.
        """
        event = self._event(text)
        call = event["type"]
        if event["messageId"] is None:
            # Without an id nothing tells a repetition from an event that happened twice.
            event["messageId"] = _made_id(text, place, self.received_at)
        happened_at, notes = occurred_at(
            event.get("timestamp"),
            event.get("originalTimestamp"),
            event.get("sentAt"),
            request_sent_at=self.sent_at,
            received_at=self.received_at,
        )
        if call == "alias" and event["previousId"] == event["userId"]:
            notes.append("alias_to_itself")  # what the browser's SDK sends for alias("u2") without a "from"
        kept = {name: said for name, said in event.items() if said is not None and name != "writeKey"}
        payload = _encode(kept | {"is_trusted": self.is_trusted, "notes": notes})
        if b"\\u0000" in payload:  # whether it came with the event, the batch or a header
            raise _Unusable("nul_character", "It holds the character U+0000.")
        return NewFact(
            source=self.source,
            message_id=event["messageId"],
            kind=_KINDS[call],
            occurred_at=happened_at,
            payload=payload,
            identifiers=_identifiers(event, is_trusted=self.is_trusted),
        )

    def _event(self, text: bytes) -> dict[str, Any]:
        """Return the event with what its request says for all, and its ids as texts: one that is there is not empty."""
        event = _object_of(text)
        event["type"] = event.get("type") if self.call == BATCH else self.call
        event["anonymousId"] = event.get("anonymousId") or self.anonymous_id
        for name, shared in self.shared.items():
            event[name] = {**shared, **_object(event, name)}
        for name, longest in _LONGEST_ID.items():
            event[name] = _id(event.get(name), name, longest)
        _check(event)
        return event

    def plain_fact_of(self, text: bytes) -> NewFact | None:
        """Return an event as a fact, if it is as most are and its request adds nothing to it."""
        if self.shared or self.anonymous_id:
            return None
        fact = plain_fact(
            text,
            source=self.source,
            is_trusted=self.is_trusted,
            sent_at=self.sent_at,
            received_at=self.received_at,
        )
        return fact if fact is not None and self.call in (BATCH, fact.kind.removeprefix("tracking.")) else None


def read_events(
    envelope: Envelope,
    call: str,
    *,
    source: str,
    is_trusted: bool,
    anonymous_id: str,
    received_at: datetime,
    first_place: int = 0,
) -> Reading:
    """Return the events of an opened envelope as facts of `source`.

    Args:
        is_trusted: sent with a secret key, so that whom an event names may be believed.
        anonymous_id: of the request's header, for events without one; empty for none.
        received_at: aware; what the sender's clock is corrected by.
        first_place: where the first event stood in its batch; for events read again.
    """
    request = _Request(
        call=call,
        shared={
            name: said
            for name, said in (("context", envelope.context), ("integrations", envelope.integrations))
            if isinstance(said, dict)
        },
        source=source,
        is_trusted=is_trusted,
        anonymous_id=anonymous_id,
        received_at=received_at,
        sent_at=instant_of(envelope.sent_at),
    )
    reading = Reading()
    for place, raw in enumerate(envelope.batch or (), first_place):
        text = bytes(raw)
        try:
            reading.facts.append(request.plain_fact_of(text) or request.fact_of(text, place))
        except _Unusable as error:
            reading.rejected.append(
                Rejected(
                    source=source,
                    call=f"tracking.{call}",
                    is_trusted=is_trusted,
                    reason_code=error.code,
                    reason=str(error),
                    raw=without_key(text),
                    beside=_beside(envelope, anonymous_id, place),
                )
            )
    return reading


def _beside(envelope: Envelope, anonymous_id: str, place: int) -> bytes:
    """Return what an event needs of its request to be read again."""
    return msgspec.json.encode(
        {
            "place": place,
            "anonymousId": anonymous_id,
            "sentAt": envelope.sent_at if isinstance(envelope.sent_at, str) else None,
            "context": envelope.context,
            "integrations": envelope.integrations,
        }
    )


def _object_of(text: bytes) -> dict[str, Any]:
    if len(text) > MOST_EVENT_BYTES:
        raise _Unusable("too_large", f"It has {len(text)} bytes; {MOST_EVENT_BYTES} are allowed.")
    if is_too_deep(text):
        raise _Unusable("too_deep", f"It is nested deeper than {MOST_LEVELS} levels.")
    try:
        event = _decode(text)
    except (ValueError, RecursionError) as error:
        raise _Unusable("bad_json", f"It is not JSON: {error}.") from None
    if not isinstance(event, dict):
        raise _Unusable("no_object", "It is not a JSON object.")
    return event


def _check(event: Mapping[str, Any]) -> None:
    """Refuse what Segment's specification does not allow."""
    call = event["type"]
    if not isinstance(call, str) or call not in _KINDS:
        raise _Unusable("unknown_type", f"Its type is {call!r:.60}, not one of {', '.join(CALLS)}.")
    if not (event["userId"] or event["anonymousId"]):
        raise _Unusable("nobody", "It has neither userId nor anonymousId.")
    if call == "track":
        name = event.get("event")
        if not isinstance(name, str) or not name.strip():
            raise _Unusable("no_event_name", "A track call needs the name of its event in “event”.")
        if len(name) > _LONGEST_NAME:
            raise _Unusable("long_event_name", f"The name of its event has more than {_LONGEST_NAME} characters.")
    elif call == "group" and not event["groupId"]:
        raise _Unusable("no_group", "A group call needs its groupId.")
    elif call == "alias" and not event["previousId"]:
        raise _Unusable("no_previous_id", "An alias call needs its previousId.")
    for name in ("context", "properties", "traits"):
        _object(event, name)


def _made_id(text: bytes, place: int, received_at: datetime) -> str:
    return f"unnamed:{hashlib.sha256(text).hexdigest()[:32]}:{received_at.timestamp():.6f}:{place}"


def _identifiers(event: Mapping[str, Any], *, is_trusted: bool) -> dict[str, str]:
    found = {}
    if event["anonymousId"]:
        found["anonymous_id"] = event["anonymousId"]
    if not is_trusted:
        return found
    if event["userId"]:
        found["customer_ref"] = event["userId"]
    if event["type"] == "identify":
        # RudderStack's SDKs put the traits of an identify call into the context.
        traits = {**_object(_object(event, "context"), "traits"), **_object(event, "traits")}
        for kind in ("email", "phone"):
            if isinstance(value := traits.get(kind), str) and 0 < len(value.strip()) <= _LONGEST_NAME:
                found[kind] = value.strip()
    return found


def _id(value: object, name: str, longest: int) -> str | None:
    """Return an id as text: numbers are ids too."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _Unusable("bad_id", f"Its {name} is neither a text nor a whole number.")
    text = str(value).strip()
    if len(text) > longest:
        raise _Unusable("long_id", f"Its {name} has more than {longest} characters.")
    return text or None


def _object(parent: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = parent.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _Unusable("no_object", f"Its {name} is not a JSON object.")
    return value
