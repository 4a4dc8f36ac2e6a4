"""The inside of a tracking request: its events as facts, and those that cannot be one with their reason.

A public write key stands in every page of the shop, so anyone may send anything with it: whom such an event names is a
claim. Only the anonymous id becomes an identifier of its fact; the claim stays in the payload.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from kembali.collect.contracts import NewFact, Reading, Rejected
from kembali.collect.errors import BadTrackingRequest
from kembali.collect.tracking.requests import BATCH, CALLS

MOST_EVENTS = 2500
MOST_EVENT_BYTES = 32 * 1024

_WRITE_KEY = re.compile(rb'"writeKey"\s*:\s*"[^"]*"')
_LONGEST_MESSAGE_ID = 100
_LONGEST_NAME = 200  # of an event, and of an identifier: an index stands over them


class Envelope(msgspec.Struct, kw_only=True):
    """What a request says beside its events: in a batch once for all of them. Shapes are looked at where they count."""

    write_key: Any = msgspec.field(default=None, name="writeKey")
    sent_at: Any = msgspec.field(default=None, name="sentAt")
    context: Any = None
    integrations: Any = None
    batch: list[msgspec.Raw] | None = None


class _Unusable(Exception):
    """Why one event cannot be a fact."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def open_envelope(body: bytes, call: str) -> Envelope:
    """Return the envelope of a request's JSON.

    Args:
        call: one of `requests.ROUTES`: a single call's event is its own envelope.

    Raises:
        BadTrackingRequest: it is not JSON of the right shape, or holds too much.
    """
    try:
        try:
            envelope = msgspec.json.decode(body, type=Envelope)
        except msgspec.DecodeError:
            body = _without_half_characters(body)
            envelope = msgspec.json.decode(body, type=Envelope)
    except (ValueError, RecursionError) as error:
        raise BadTrackingRequest(f"The body is not a tracking request: {error}.") from None
    if call != BATCH:
        if len(body) > MOST_EVENT_BYTES:
            raise BadTrackingRequest(
                f"An event has at most {MOST_EVENT_BYTES // 1024} KB; this one has {len(body)} bytes."
            )
        envelope.batch = [msgspec.Raw(body)]
        envelope.context = envelope.integrations = None
    elif len(msgspec.json.encode([envelope.context, envelope.integrations])) > MOST_EVENT_BYTES:
        raise BadTrackingRequest("What the batch says for all its events is larger than one event may be.")
    elif envelope.batch is None:
        raise BadTrackingRequest("A batch needs its events in “batch”.")
    elif len(envelope.batch) > MOST_EVENTS:
        raise BadTrackingRequest(f"A batch has at most {MOST_EVENTS:,} events; this one has {len(envelope.batch):,}.")
    return envelope


def _without_half_characters(body: bytes) -> bytes:
    """Return JSON whose texts hold U+FFFD for halves of surrogate pairs: what browsers write for a cut-off emoji."""
    text = json.dumps(json.loads(body), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


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
    reading = Reading()
    for place, raw in enumerate(envelope.batch or (), first_place):
        text = bytes(raw)
        try:
            event = _event(text, envelope, call, anonymous_id)
            # Without an id nothing tells a repetition from an event that happened twice.
            event["messageId"] = event["messageId"] or _made_id(text, place, received_at)
            reading.facts.append(_fact(event, envelope, source, is_trusted=is_trusted, received_at=received_at))
        except _Unusable as error:
            reading.rejected.append(
                Rejected(
                    source=source,
                    call=f"tracking.{call}",
                    is_trusted=is_trusted,
                    reason_code=error.code,
                    reason=str(error),
                    raw=_without_key(text),
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
            "sentAt": envelope.sent_at,
            "context": envelope.context,
            "integrations": envelope.integrations,
        }
    )


def read_again(
    call: str, raw: bytes, beside: bytes, *, source: str, is_trusted: bool, received_at: datetime
) -> Reading:
    """Return a kept event read with today's code, as if it had just come with its request."""
    said = msgspec.json.decode(beside, type=dict[str, Any])
    envelope = Envelope(
        sent_at=said.get("sentAt"),
        context=said.get("context"),
        integrations=said.get("integrations"),
        batch=[msgspec.Raw(raw)],
    )
    return read_events(
        envelope,
        call.removeprefix("tracking."),
        source=source,
        is_trusted=is_trusted,
        anonymous_id=said.get("anonymousId") or "",
        received_at=received_at,
        first_place=said.get("place") or 0,
    )


def _without_key(text: bytes) -> bytes:
    """Return an event as it came, but for a key in it: a secret one must not be kept."""
    return _WRITE_KEY.sub(b'"writeKey":null', text)


def _event(text: bytes, envelope: Envelope, call: str, anonymous_id: str) -> dict[str, Any]:
    """Return the event with what the envelope says for all, its ids as texts."""
    if len(text) > MOST_EVENT_BYTES:
        raise _Unusable("too_large", f"It has {len(text)} bytes; {MOST_EVENT_BYTES} are allowed.")
    try:
        event = msgspec.json.decode(text)
    except (ValueError, RecursionError) as error:
        raise _Unusable("bad_json", f"It is not JSON: {error}.") from None
    if not isinstance(event, dict):
        raise _Unusable("no_object", "It is not a JSON object.")
    event["anonymousId"] = event.get("anonymousId") or anonymous_id
    event["type"] = call if call != BATCH else event.get("type")
    for name, shared in (("context", envelope.context), ("integrations", envelope.integrations)):
        if isinstance(shared, dict):
            event[name] = {**shared, **_object(event, name)}
    for name in ("userId", "anonymousId", "previousId", "groupId", "messageId"):
        event[name] = _id(event, name)
    _check(event)
    return event


def _check(event: Mapping[str, Any]) -> None:
    """Refuse what Segment's specification does not allow."""
    call = event["type"]
    if call not in CALLS:
        raise _Unusable("unknown_type", f"Its type is {call!r:.60}, not one of {', '.join(CALLS)}.")
    if not (event["userId"] or event["anonymousId"]):
        raise _Unusable("nobody", "It has neither userId nor anonymousId.")
    if call == "track" and not (isinstance(event.get("event"), str) and event["event"].strip()):
        raise _Unusable("no_event_name", "A track call needs the name of its event in “event”.")
    if call == "track" and len(event["event"]) > _LONGEST_NAME:
        raise _Unusable("long_event_name", f"The name of its event has more than {_LONGEST_NAME} characters.")
    if call == "group" and not event["groupId"]:
        raise _Unusable("no_group", "A group call needs its groupId.")
    if call == "alias" and not event["previousId"]:
        raise _Unusable("no_previous_id", "An alias call needs its previousId.")
    for name in ("context", "properties", "traits"):
        _object(event, name)


def _made_id(text: bytes, place: int, received_at: datetime) -> str:
    return f"unnamed:{hashlib.sha256(text).hexdigest()[:32]}:{received_at.timestamp():.6f}:{place}"


def _fact(
    event: Mapping[str, Any], envelope: Envelope, source: str, *, is_trusted: bool, received_at: datetime
) -> NewFact:
    occurred_at, notes = _occurred_at(event, envelope, received_at)
    if event["type"] == "alias" and event["previousId"] == event["userId"]:
        notes.append("alias_to_itself")  # what the browser's SDK sends for alias("u2") without a "from"
    kept = {name: value for name, value in event.items() if value is not None and name != "writeKey"}
    payload = msgspec.json.encode(kept | {"is_trusted": is_trusted, "notes": notes})
    if b"\\u0000" in payload:  # whether it came with the event, the batch or a header
        raise _Unusable("nul_character", "It holds the character U+0000.")
    return NewFact(
        source=source,
        message_id=event["messageId"],
        kind=f"tracking.{event['type']}",
        occurred_at=occurred_at,
        payload=payload,
        identifiers=dict(_identifiers(event, is_trusted=is_trusted)),
    )


def _identifiers(event: Mapping[str, Any], *, is_trusted: bool) -> Iterator[tuple[str, str]]:
    if event["anonymousId"]:
        yield "anonymous_id", event["anonymousId"]
    if not is_trusted:
        return
    if event["userId"]:
        yield "customer_ref", event["userId"]
    if event["type"] == "identify":
        # RudderStack's SDKs put the traits of an identify call into the context.
        traits = {**_object(_object(event, "context"), "traits"), **_object(event, "traits")}
        for kind in ("email", "phone"):
            if isinstance(value := traits.get(kind), str) and 0 < len(value.strip()) <= _LONGEST_NAME:
                yield kind, value.strip()


def _occurred_at(event: Mapping[str, Any], envelope: Envelope, received_at: datetime) -> tuple[datetime, list[str]]:
    """Return when it happened, by our clock: as long before its arrival as, by the sender's, before its sending."""
    written = _instant(event.get("timestamp")) or _instant(event.get("originalTimestamp"))
    if written is None:
        named = event.get("timestamp") or event.get("originalTimestamp")
        return received_at, ["time_not_understood"] if named else []
    sent = _instant(event.get("sentAt")) or _instant(envelope.sent_at)
    try:
        happened = received_at - (sent - written) if sent else written
    except OverflowError:
        return received_at, ["time_not_understood"]
    if happened > received_at:
        return received_at, ["time_in_the_future"] if sent is None else []
    return happened, []


def _instant(value: object) -> datetime | None:
    """Return an ISO 8601 instant in UTC; without an offset it is taken for UTC."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value.strip())
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _id(event: Mapping[str, Any], name: str) -> str | None:
    """Return an id as text: numbers are ids too."""
    value = event.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _Unusable("bad_id", f"Its {name} is neither a text nor a whole number.")
    text = str(value).strip()
    longest = _LONGEST_MESSAGE_ID if name == "messageId" else _LONGEST_NAME
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
