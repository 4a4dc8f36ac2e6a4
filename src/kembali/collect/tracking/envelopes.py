"""The envelope of a tracking request: what it says once beside its events."""

import json
import re
from typing import Any

import msgspec

from kembali.collect.errors import BadTrackingRequest
from kembali.collect.nesting import MOST_LEVELS, is_too_deep
from kembali.collect.tracking.requests import BATCH

MOST_EVENTS = 2500
MOST_EVENT_BYTES = 32 * 1024

_WRITE_KEY = re.compile(rb'"writeKey"\s*:\s*"[^"]*"')


class Envelope(msgspec.Struct, kw_only=True):
    """What a request says beside its events: in a batch once for all of them. Shapes are looked at where they count."""

    write_key: Any = msgspec.field(default=None, name="writeKey")
    sent_at: Any = msgspec.field(default=None, name="sentAt")
    context: Any = None
    integrations: Any = None
    batch: list[msgspec.Raw] | None = None


_decode = msgspec.json.Decoder(Envelope).decode


def open_envelope(body: bytes, call: str) -> Envelope:
    """Return the envelope of a request's JSON.

    Args:
        call: one of `requests.ROUTES`: a single call's event is its own envelope.

    Raises:
        BadTrackingRequest: it is not JSON of the right shape, or holds too much.
    """
    try:
        try:
            envelope = _decode(body)
        except msgspec.DecodeError:
            body = _without_half_characters(body)
            envelope = _decode(body)
    except (ValueError, RecursionError) as error:
        raise BadTrackingRequest(f"The body is not a tracking request: {error}.") from None
    if call != BATCH:
        if len(body) > MOST_EVENT_BYTES:
            raise BadTrackingRequest(
                f"An event has at most {MOST_EVENT_BYTES // 1024} KB; this one has {len(body)} bytes."
            )
        envelope.batch = [msgspec.Raw(body)]
        envelope.context = envelope.integrations = None
    elif envelope.batch is None:
        raise BadTrackingRequest("A batch needs its events in “batch”.")
    elif len(envelope.batch) > MOST_EVENTS:
        raise BadTrackingRequest(f"A batch has at most {MOST_EVENTS:,} events; this one has {len(envelope.batch):,}.")
    else:
        _check_shared(envelope)
    return envelope


def without_key(text: bytes) -> bytes:
    """Return what came, but for a key in it: a secret one must not be kept."""
    return _WRITE_KEY.sub(b'"writeKey":null', text)


def _check_shared(envelope: Envelope) -> None:
    """Refuse what a batch says for all its events where no event could say it."""
    try:
        shared = msgspec.json.encode([envelope.context, envelope.integrations])
    except RecursionError:
        raise _shared_too_deep() from None
    if len(shared) > MOST_EVENT_BYTES:
        raise BadTrackingRequest("What the batch says for all its events is larger than one event may be.")
    if is_too_deep(shared):
        raise _shared_too_deep()


def _shared_too_deep() -> BadTrackingRequest:
    return BadTrackingRequest(f"What the batch says for all its events is nested deeper than {MOST_LEVELS} levels.")


def _without_half_characters(body: bytes) -> bytes:
    """Return JSON whose texts hold U+FFFD for halves of surrogate pairs: what browsers write for a cut-off emoji."""
    text = json.dumps(json.loads(body), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
