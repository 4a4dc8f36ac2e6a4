"""What was kept because it could not be understood, a single event or a whole request: read with today's code."""

from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec

from kembali.collect.contracts import Reading, Rejected
from kembali.collect.errors import BadTrackingRequest
from kembali.collect.tracking.envelopes import Envelope, open_envelope, without_key
from kembali.collect.tracking.events import read_events
from kembali.collect.tracking.requests import body_of

_WHOLE = "tracking.whole."


def rejected_request(
    body: bytes, call: str, reason: str, *, encoding: str, source: str, is_trusted: bool, anonymous_id: str
) -> Rejected:
    """Return a request that cannot be read as it is kept: unpacked, where at least that is possible.

    Args:
        encoding: its header Content-Encoding.
    """
    with suppress(BadTrackingRequest):
        body = body_of(body, encoding)
    return Rejected(
        source=source,
        call=f"{_WHOLE}{call}",
        is_trusted=is_trusted,
        reason_code=BadTrackingRequest.code,
        reason=reason,
        raw=without_key(body),
        beside=msgspec.json.encode({"anonymousId": anonymous_id}),
    )


def read_again(
    call: str, raw: bytes, beside: bytes, *, source: str, is_trusted: bool, received_at: datetime
) -> Reading:
    """Return a kept event or request as if it had just come."""
    said = msgspec.json.decode(beside, type=dict[str, Any])
    anonymous_id = said.get("anonymousId") or ""
    if call.startswith(_WHOLE):
        call = call.removeprefix(_WHOLE)
        try:
            envelope = open_envelope(raw, call)
        except BadTrackingRequest as error:
            kept = rejected_request(
                raw, call, str(error), encoding="", source=source, is_trusted=is_trusted, anonymous_id=anonymous_id
            )
            return Reading(rejected=[kept])
        return read_events(
            envelope,
            call,
            source=source,
            is_trusted=is_trusted,
            anonymous_id=anonymous_id,
            received_at=received_at,
        )
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
        anonymous_id=anonymous_id,
        received_at=received_at,
        first_place=said.get("place") or 0,
    )
