"""Segment's tracking protocol: what real SDKs sent, and what anybody might send."""

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kembali.collect.contracts import Reading
from kembali.collect.errors import BadTrackingRequest
from kembali.collect.tracking.envelopes import MOST_EVENT_BYTES, MOST_EVENTS, open_envelope
from kembali.collect.tracking.events import read_events
from kembali.collect.tracking.requests import BATCH, MOST_BYTES, ROUTES, body_of, decoded, write_key_of
from tests.makers.realdata import captured_requests

AT = datetime(2032, 3, 1, 12, tzinfo=UTC)
SAMPLES = [request for request in captured_requests() if request["m"] == "POST"]


def read(
    body: object, route: str = "/v1/batch", *, is_trusted: bool = True, anonymous_id: str = "", at: datetime = AT
) -> Reading:
    call = ROUTES[route]
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_events(
        open_envelope(raw, call),
        call,
        source="site",
        is_trusted=is_trusted,
        anonymous_id=anonymous_id,
        received_at=at,
    )


def event(**fields: object) -> dict[str, object]:
    return {"type": "track", "event": "Cart Viewed", "userId": "u1", "messageId": "m1"} | fields


def payload_of(reading: Reading, place: int = 0) -> dict[str, Any]:
    payload = reading.facts[place].payload
    assert isinstance(payload, bytes)
    found: dict[str, Any] = json.loads(payload)
    return found


@pytest.mark.skipif(not SAMPLES, reason="the captured requests are not here")
def test_everything_real_sdks_send_becomes_a_fact_of_the_right_person_and_time() -> None:
    assert len(SAMPLES) == 17
    for request in SAMPLES:
        headers = {name.lower(): value for name, value in request["h"].items()}
        sent = request["b"].encode()
        packed = gzip.compress(sent) if headers.get("content-encoding") == "gzip" else sent
        body = body_of(packed, headers.get("content-encoding", ""))
        assert body == sent
        assert write_key_of(headers["authorization"]) == "WK"
        written = json.loads(sent)
        events = written.get("batch", [written])
        anonymous_id = decoded(headers.get("anonymousid", ""))
        reading = read(body, request["p"], anonymous_id=anonymous_id)
        assert not reading.rejected
        assert [fact.message_id for fact in reading.facts] == [one["messageId"] for one in events]
        for one, fact in zip(events, reading.facts, strict=True):
            assert AT - timedelta(seconds=2) < fact.occurred_at <= AT
            assert fact.identifiers.get("customer_ref") == (one.get("userId") or None)
            assert fact.identifiers.get("anonymous_id") == (one.get("anonymousId") or anonymous_id or None)
            traits = one.get("traits") or (one.get("context") or {}).get("traits") or {}
            if fact.kind == "tracking.identify":
                assert fact.identifiers.get("email") == traits.get("email")


def test_time_is_corrected_by_how_wrong_the_senders_clock_was_when_it_sent() -> None:
    wrong = AT - timedelta(days=400)
    reading = read(
        {
            "sentAt": wrong.isoformat(),
            "batch": [event(timestamp=(wrong - timedelta(minutes=7)).isoformat())],
        }
    )
    assert reading.facts[0].occurred_at == AT - timedelta(minutes=7)


@pytest.mark.parametrize(
    ("fields", "occurred_at", "notes"),
    [
        ({}, AT, []),
        ({"timestamp": "2030-01-01T00:00:00Z"}, datetime(2030, 1, 1, tzinfo=UTC), []),
        ({"originalTimestamp": "2030-01-01T02:00:00+02:00"}, datetime(2030, 1, 1, tzinfo=UTC), []),
        ({"timestamp": "2040-01-01T00:00:00Z"}, AT, ["time_in_the_future"]),
        ({"timestamp": "yesterday"}, AT, ["time_not_understood"]),
        ({"timestamp": "0001-01-01T00:00:00+14:00"}, AT, ["time_not_understood"]),
    ],
)
def test_a_time_that_is_missing_or_impossible_never_loses_the_event(
    fields: dict[str, object], occurred_at: datetime, notes: list[str]
) -> None:
    reading = read({"batch": [event(**fields)]})
    assert reading.facts[0].occurred_at == occurred_at
    assert payload_of(reading)["notes"] == notes


def test_a_public_key_makes_claims_but_no_identifiers() -> None:
    said = event(type="identify", anonymousId="a1", traits={"email": "ann@example.com", "phone": "+44 20"})
    public, secret = read(said, "/v1/i", is_trusted=False), read(said, "/v1/i")
    assert public.facts[0].identifiers == {"anonymous_id": "a1"}
    assert payload_of(public)["is_trusted"] is False
    assert payload_of(public)["traits"]["email"] == "ann@example.com"
    assert secret.facts[0].identifiers == {
        "anonymous_id": "a1",
        "customer_ref": "u1",
        "email": "ann@example.com",
        "phone": "+44 20",
    }


def test_a_single_call_of_the_wrong_shape_is_kept_too() -> None:
    assert [one.reason_code for one in read(event(context=["web"], sentAt=5), "/v1/t").rejected] == ["no_object"]


@pytest.mark.parametrize(("anonymous_id", "code"), [("a" * 201, "long_id"), ("a\0b", "nul_character")])
def test_what_a_header_adds_is_looked_at_like_the_event_itself(anonymous_id: str, code: str) -> None:
    assert [one.reason_code for one in read(event(), "/v1/t", anonymous_id=anonymous_id).rejected] == [code]


def test_what_the_batch_adds_is_looked_at_like_the_event_itself() -> None:
    reading = read({"context": {"x": "a\0b"}, "batch": [event(), event(messageId="m2", context={"x": "mine"})]})
    assert [one.reason_code for one in reading.rejected] == ["nul_character"]
    assert [fact.message_id for fact in reading.facts] == ["m2"]


def test_nobody_can_call_their_own_event_trusted() -> None:
    assert payload_of(read(event(is_trusted=True, notes=["x"]), "/v1/t", is_trusted=False))["is_trusted"] is False


def test_what_a_batch_says_once_holds_for_each_event_unless_it_says_otherwise() -> None:
    reading = read(
        {
            "context": {"locale": "en", "ip": "1.1.1.1"},
            "batch": [event(), event(messageId="m2", context={"locale": "de"})],
        }
    )
    assert payload_of(reading)["context"] == {"locale": "en", "ip": "1.1.1.1"}
    assert payload_of(reading, 1)["context"] == {"locale": "de", "ip": "1.1.1.1"}


def test_the_key_is_not_kept() -> None:
    assert "writeKey" not in payload_of(read(event(writeKey="WK"), "/v1/t"))
    assert open_envelope(b'{"writeKey": "WK", "batch": []}', BATCH).write_key == "WK"


def test_events_without_an_id_stay_apart() -> None:
    reading = read({"batch": [event(messageId=None)] * 2})
    assert len({fact.message_id for fact in reading.facts}) == 2
    assert all(len(fact.message_id) <= 100 for fact in reading.facts)


def test_half_an_emoji_costs_no_event() -> None:
    halved = json.dumps(
        {"batch": [event(), event(messageId="m2", properties={"x": "\ud83d cut", "y": "\ud83d\ude00"})]}
    )
    reading = read(halved.encode())
    assert payload_of(reading, 1)["properties"] == {"x": "\ufffd cut", "y": "\U0001f600"}
    assert not reading.rejected


def test_an_alias_to_itself_is_kept_with_a_note() -> None:
    assert payload_of(read(event(previousId="u1"), "/v1/a"))["notes"] == ["alias_to_itself"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"type": "shout"}, "unknown_type"),
        ({"type": ["track"]}, "unknown_type"),
        ({"userId": None}, "nobody"),
        ({"userId": "  "}, "nobody"),
        ({"userId": True}, "bad_id"),
        ({"userId": {"a": 1}}, "bad_id"),
        ({"userId": "u" * 201}, "long_id"),
        ({"messageId": "m" * 101}, "long_id"),
        ({"event": ""}, "no_event_name"),
        ({"event": "e" * 201}, "long_event_name"),
        ({"type": "group"}, "no_group"),
        ({"type": "alias"}, "no_previous_id"),
        ({"properties": ["a"]}, "no_object"),
        ({"context": "web"}, "no_object"),
        ({"properties": {"x": "a\0b"}}, "nul_character"),
        ({"properties": {"x": "a" * MOST_EVENT_BYTES}}, "too_large"),
    ],
)
def test_a_wrong_event_is_kept_with_its_reason_and_takes_no_other_with_it(wrong: dict[str, object], code: str) -> None:
    reading = read({"batch": [event(), event(messageId="m2") | wrong, event(messageId="m3")]})
    assert [fact.message_id for fact in reading.facts] == ["m1", "m3"]
    (rejected,) = reading.rejected
    assert rejected.reason_code == code
    assert json.loads(rejected.raw) == event(messageId="m2") | wrong


@pytest.mark.parametrize(
    ("body", "route"),
    [
        (b"", "/v1/t"),
        (b"hello", "/v1/batch"),
        (b"[]", "/v1/batch"),
        (b"{}", "/v1/batch"),
        (b'{"batch": {}}', "/v1/batch"),
        (b'{"batch": [{]}', "/v1/batch"),
        (b'\xff{"batch": []}', "/v1/batch"),
        (b"[" * 100_000, "/v1/t"),
        (json.dumps({"batch": [event()], "context": {"x": "a" * MOST_EVENT_BYTES}}).encode(), "/v1/batch"),
        (json.dumps({"batch": [0] * (MOST_EVENTS + 1)}).encode(), "/v1/batch"),
        (json.dumps(event(properties={"x": "a" * MOST_EVENT_BYTES})).encode(), "/v1/t"),
    ],
)
def test_a_request_that_is_none_is_refused_whole(body: bytes, route: str) -> None:
    with pytest.raises(BadTrackingRequest):
        open_envelope(body, ROUTES[route])


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (b"a" * (MOST_BYTES + 1), ""),
        (gzip.compress(b"a" * (MOST_BYTES + 1)), "gzip"),
        (gzip.compress(b"hello")[:-4], "gzip"),
        (gzip.compress(b"hello") + b"x", "gzip"),
        (b"\x1f\x8bnot gzip", ""),
        (b"{}", "br"),
    ],
)
def test_bodies_too_large_damaged_or_packed_otherwise_are_refused(raw: bytes, encoding: str) -> None:
    with pytest.raises(BadTrackingRequest):
        body_of(raw, encoding)


def test_a_packed_body_is_known_without_its_header() -> None:
    assert body_of(gzip.compress(b"{}"), "") == b"{}"


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("Basic " + base64.b64encode(b"WK:").decode(), "WK"),
        ("basic " + base64.b64encode(b"WK").decode(), "WK"),
        ("Basic " + base64.b64encode(b"WK:").decode().rstrip("="), "WK"),
        ("Basic ???", None),
        ("Bearer WK", None),
        ("", None),
    ],
)
def test_the_key_stands_before_the_colon_if_there_is_one(header: str, key: str | None) -> None:
    assert write_key_of(header) == key


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_names = ("type", "event", "userId", "anonymousId", "messageId", "timestamp", "sentAt", "context", "traits", "groupId")
_events = st.dictionaries(st.sampled_from(_names), _json | st.sampled_from(["track", "u1", "2031-01-01"]), max_size=9)


@given(st.lists(_events | _json, max_size=5), st.booleans())
def test_whatever_is_sent_each_event_is_a_fact_or_kept_with_its_reason(events: list[object], is_trusted: bool) -> None:
    reading = read({"batch": events}, is_trusted=is_trusted)
    assert len(reading.facts) + len(reading.rejected) == len(events)
    assert all(fact.occurred_at <= AT and fact.identifiers is not None for fact in reading.facts)
