"""Segment's tracking protocol: what real SDKs sent, and what anybody might send."""

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kembali.collect.contracts import Reading
from kembali.collect.errors import BadTrackingRequest
from kembali.collect.tracking import events
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


def nested(levels: int) -> object:
    """Return so many lists inside each other."""
    found: object = "{"  # a bracket in a text is none
    for _ in range(levels):
        found = [found, "]["]
    return found


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
        ({"timestamp": "0001-01-01T00:00:00Z"}, AT, ["time_not_understood"]),
        ({"timestamp": "1999-12-31T23:59:59Z"}, AT, ["time_not_understood"]),
        ({"timestamp": "2000-01-01T00:00:00Z"}, datetime(2000, 1, 1, tzinfo=UTC), []),
        ({"timestamp": "0001-01-02T00:00:00Z", "sentAt": "2032-03-01T12:00:00Z"}, AT, ["time_not_understood"]),
        # A clock that was never set, but ran:
        ({"timestamp": "1970-01-01T00:00:00Z", "sentAt": "1970-01-01T00:01:00Z"}, AT - timedelta(minutes=1), []),
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


@pytest.mark.parametrize("ours", [{"is_trusted": True}, {"notes": ["x"]}, {"is_trusted": None}])
def test_nobody_can_call_their_own_event_trusted(ours: dict[str, object]) -> None:
    payload = read({"batch": [event() | ours]}, is_trusted=False).facts[0].payload
    assert isinstance(payload, bytes)
    assert payload.count(b"is_trusted") == payload.count(b"notes") == 1  # of two, some readers would take the first
    assert json.loads(payload)["is_trusted"] is False


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
        ({"properties": {"x": nested(31)}}, "too_deep"),
        ({"traits": {"x": nested(700)}}, "too_deep"),
        ({"messageId": 7, "custom": nested(32)}, "too_deep"),
    ],
)
def test_a_wrong_event_is_kept_with_its_reason_and_takes_no_other_with_it(wrong: dict[str, object], code: str) -> None:
    reading = read({"batch": [event(), event(messageId="m2") | wrong, event(messageId="m3")]})
    assert [fact.message_id for fact in reading.facts] == ["m1", "m3"]
    (rejected,) = reading.rejected
    assert rejected.reason_code == code
    assert json.loads(rejected.raw) == event(messageId="m2") | wrong


@pytest.mark.parametrize("id_of", [str, int], ids=["plain", "with care"])
def test_events_are_taken_down_to_thirty_two_levels_and_as_wide_as_they_like(id_of: type[str | int]) -> None:
    deepest = event(messageId=id_of("1"), properties={"x": nested(30)})
    wide = event(messageId=id_of("2"), properties={"products": [{"tags": ["[{", '\\"[', "[\\"]}] * 200})
    reading = read({"batch": [deepest, wide]})
    assert [fact.message_id for fact in reading.facts] == ["1", "2"]
    assert payload_of(reading)["properties"] == {"x": nested(30)}


@pytest.mark.parametrize("levels", [31, 700])
def test_what_a_batch_says_for_all_is_no_deeper_than_an_event(levels: int) -> None:
    assert read({"batch": [event()], "context": {"x": nested(30)}}).facts
    with pytest.raises(BadTrackingRequest, match="deeper than 32"):
        read({"batch": [event()], "context": {"x": nested(levels)}})


def test_what_stands_beside_a_wrong_event_is_no_deeper_either() -> None:
    (rejected,) = read({"batch": [{"type": "shout"}], "sentAt": nested(700)}).rejected
    assert json.loads(rejected.beside)["sentAt"] is None


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


_NEEDED = ("type", "event", "userId", "messageId")
_fine: dict[str, list[object]] = {
    "type": ["track", "page", "screen", "identify"],
    "event": ["Cart Viewed", "Käse"],
    "userId": ["u1", "ü" * 200],
    "anonymousId": ["a1", "a" * 200],
    "messageId": ["m1", "m" * 100],
    "timestamp": ["2032-03-01T11:59:00Z", "2032-03-01T12:00:00.123+02:00"],
    "sentAt": ["2032-03-01T11:59:30Z"],
    "context": [{}, {"locale": "de", "traits": {"email": "a@example.com"}}],
    "properties": [{"price": 1e3, "text": "\\u0041 ☕", "list": [None, 1.50]}],
    "traits": [{"email": " b@example.com", "phone": "1"}],
    "integrations": [{"All": True}],
    "custom": [True, 7],
}
_odd: dict[str, list[object]] = {
    name: [None, "", " x ", 5, True, [], {"a": "\0"}, "x" * 201] for name in (*_fine, "writeKey", "is_trusted", "notes")
}
_nearly_plain = st.fixed_dictionaries(
    {name: st.sampled_from(_fine[name]) for name in _NEEDED},
    optional={name: st.sampled_from(values) for name, values in _fine.items() if name not in _NEEDED},
)
_one_odd = st.dictionaries(st.sampled_from(sorted(_odd)), st.integers(0, 7), max_size=1).map(
    lambda places: {name: _odd[name][place] for name, place in places.items()}
)


@given(_nearly_plain, _one_odd, st.booleans(), st.sampled_from(["/v1/batch", "/v1/track", "/v1/i"]))
def test_an_event_read_in_one_go_is_the_same_fact_as_one_read_with_care(
    fine: dict[str, object], odd: dict[str, object], is_trusted: bool, route: str
) -> None:
    body = {"batch": [fine | odd]} if route == "/v1/batch" else fine | odd
    at_once = read(body, route, is_trusted=is_trusted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "plain_fact", lambda *_, **__: None)
        with_care = read(body, route, is_trusted=is_trusted)
    assert at_once.rejected == with_care.rejected
    for one, other in zip(at_once.facts, with_care.facts, strict=True):
        assert isinstance(one.payload, bytes)
        assert isinstance(other.payload, bytes)
        said = {name: value for name, value in json.loads(one.payload).items() if value is not None}
        assert said == json.loads(other.payload)
        assert replace(one, payload=b"") == replace(other, payload=b"")


def test_a_plain_event_is_kept_as_it_was_sent_to_the_byte() -> None:
    sent = b'{ "type":"page", "messageId":"m1","anonymousId":"a1", "properties":{"price":4.50} }'
    (fact,) = read(b'{"batch":[' + sent + b"]}").facts
    assert fact.payload == sent[:-1] + b',"is_trusted":true,"notes":[]}'


@pytest.mark.parametrize(
    "odd", [b'"x":"\xff"', b'"x":"\\ud83d"', b'"context":{"x":1e999}', b'"x":01', b'"x":' + b"[" * 3000 + b"]" * 3000]
)
def test_what_is_no_json_somewhere_inside_is_found_out(odd: bytes) -> None:
    body = b'{"batch":[{"type":"page","messageId":"m1","userId":"u1",' + odd + b"}]}"
    try:
        reading = read(body)
    except BadTrackingRequest:
        return
    for fact in reading.facts:
        assert isinstance(fact.payload, bytes)
        json.loads(fact.payload.decode())
    assert len(reading.facts) + len(reading.rejected) == 1


@given(st.lists(_events | _json, max_size=5), st.booleans())
def test_whatever_is_sent_each_event_is_a_fact_or_kept_with_its_reason(events: list[object], is_trusted: bool) -> None:
    reading = read({"batch": events}, is_trusted=is_trusted)
    assert len(reading.facts) + len(reading.rejected) == len(events)
    assert all(fact.occurred_at <= AT and fact.identifiers is not None for fact in reading.facts)
