"""One delivery as a call: written, signed, made, and its answer in words. Touches no table."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec

from kembali.collect import api as collect
from kembali.infra.http import AddressRefused, Client, Unreachable
from kembali.kernel.ids import CustomerId
from kembali.relay.contracts import Outcome
from kembali.relay.rules import signature_headers

TIMEOUT_S = 15.0
_ANSWER_BYTES = 1024


class _Event(msgspec.Struct, frozen=True, kw_only=True):
    """The body, in the order in which it is written."""

    type: str
    timestamp: datetime
    data: object


class _Data(msgspec.Struct, frozen=True, kw_only=True):
    fact_id: int
    source: str
    message_id: str
    customer_id: int | None
    identifiers: dict[str, str]
    occurred_at: datetime
    received_at: datetime
    payload: msgspec.Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A message ready to go. `ends`: on the monotonic clock, when the lease is over and it must not begin any more."""

    delivery_id: int
    endpoint_id: int
    fence: int
    attempt_count: int
    url: str
    message_id: str
    signed_at: int
    secrets: tuple[str, ...]
    body: bytes
    ends: float


def body_of(fact: collect.Fact, customer_id: CustomerId | None) -> bytes:
    """Return a fact as it is told. `customer_id` is the person it belongs to now, after merges."""
    data = _Data(
        fact_id=fact.seq,
        source=fact.source,
        message_id=fact.message_id,
        customer_id=customer_id,
        identifiers=fact.identifiers,
        occurred_at=_utc(fact.occurred_at),
        received_at=_utc(fact.received_at),
        payload=fact.payload,
    )
    return msgspec.json.encode(_Event(type=fact.kind, timestamp=data.occurred_at, data=data))


def ping_body(endpoint_id: int, at: datetime) -> bytes:
    """Return a test's body."""
    data = {"endpoint_id": endpoint_id, "message": "This is a test: kembali reaches you."}
    return msgspec.json.encode(_Event(type="webhook.test", timestamp=_utc(at), data=data))


def make_call(call: Call, client: Client) -> Outcome:
    """Make the call and return what came of it. A worker paused beyond its lease makes none."""
    began = time.monotonic()
    if began >= call.ends:
        return Outcome(None, "the worker was paused too long; nothing was sent", "", 0)
    headers = signature_headers(call.message_id, call.signed_at, call.body, call.secrets)
    try:
        response = client.request(
            "POST",
            call.url,
            headers={"content-type": "application/json", **headers},
            body=call.body,
            timeout_s=TIMEOUT_S,
            max_bytes=_ANSWER_BYTES,
            may_cut=True,
        )
    except (AddressRefused, Unreachable) as error:
        return Outcome(None, error.message, "", _since(began))
    problem = f"redirected to {_host(response.headers.get('location', ''))}, which is not followed"
    return Outcome(
        status=response.status,
        problem=problem if 300 <= response.status < 400 else "",
        answer=response.body.decode("utf-8", "replace").replace("\x00", "\ufffd"),
        duration_ms=_since(began),
        retry_after_s=_seconds(response.headers.get("retry-after", "")),
    )


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


def _seconds(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else None


def _host(location: str) -> str:
    try:
        return (urlsplit(location).hostname or "another path")[:100]
    except ValueError:
        return "nowhere"


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
