"""The edge takes tracking calls: who may send, and that "success" means on disk."""

import asyncio
import base64
import gzip
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import connection

from kembali.accounts import api as accounts
from kembali.collect import api as collect
from kembali.collect.api import NewFact
from kembali.collect.door import BadTrackingRequest, Reading
from kembali.collect.models import Fact, RejectedCount, RejectedEvent
from kembali.edge import committing, http, keyring, tracking
from kembali.edge.http import Answer, Scope
from kembali.edge.limits import Buckets, Limits
from tests.makers.realdata import captured_requests

AT = datetime(2032, 3, 1, 12, tzinfo=UTC)
SAMPLES = [request for request in captured_requests() if request["m"] == "POST"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def conninfo() -> str:
    parameters = connection.get_connection_params()
    return psycopg.conninfo.make_conninfo(
        **{name: parameters[name] for name in ("dbname", "user", "host", "port", "password") if parameters.get(name)}
    )


@pytest.fixture
def door(conninfo: str) -> Iterator[tracking.Tracking]:
    committer = committing.GroupCommitter(conninfo)
    yield tracking.Tracking(keyring.KeyRing(conninfo), committer, lambda: AT)
    committer.close()


def track(number: int = 1, **fields: object) -> dict[str, object]:
    return {"event": "Cart Viewed", "userId": "u1", "anonymousId": "a1", "messageId": f"m{number}"} | fields


async def post(
    door: tracking.Tracking, path: str, body: bytes, headers: Mapping[str, str], client: str = "203.0.113.7"
) -> Answer:
    parts = [body[:10], body[10:]]  # a body comes in pieces

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    scope: Scope = {
        "path": path,
        "method": "POST",
        "client": (client, 50_000),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    return await door.answer(scope, receive)


def send(
    door: tracking.Tracking, body: object, *, token: str | None = None, path: str = "/v1/track", **headers: str
) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    basic = {"authorization": "Basic " + base64.b64encode(f"{token}:".encode()).decode()} if token else {}
    return asyncio.run(post(door, path, raw, basic | headers))


def public_key() -> str:
    return accounts.create_key("site", is_public=True, at=AT)


def test_an_event_is_in_the_log_when_its_sender_is_told_so(door: tracking.Tracking) -> None:
    answer = send(door, track(), token=public_key())
    assert (answer.status, json.loads(answer.body)) == (200, {"success": True})
    fact = Fact.objects.get()
    assert (fact.source, fact.message_id, fact.kind) == ("public:site", "m1", "tracking.track")
    assert (fact.subject, fact.identifiers, fact.received_at) == ("anonymous_id:a1", {"anonymous_id": "a1"}, AT)
    assert fact.payload["userId"] == "u1"


def test_a_secret_key_is_believed_and_a_key_may_stand_in_the_body(door: tracking.Tracking) -> None:
    token = accounts.create_key("server", is_public=False, at=AT)
    assert send(door, track(writeKey=token)).status == 200
    assert Fact.objects.get().subject == "customer_ref:u1"
    assert token not in str(Fact.objects.get().payload)


def test_the_same_event_sent_again_is_one_fact(door: tracking.Tracking) -> None:
    token = public_key()
    batch = {"batch": [{"type": "track"} | track(), {"type": "track"} | track()]}
    assert {send(door, batch, token=token, path="/v1/batch").status for _ in range(3)} == {200}
    assert Fact.objects.count() == 1


def test_a_wrong_event_is_kept_with_its_reason(door: tracking.Tracking) -> None:
    batch = {"batch": [{"type": "track"} | track(), {"type": "shout"}]}
    assert send(door, batch, token=public_key(), path="/v1/batch").status == 200
    kept = RejectedEvent.objects.get()
    assert (kept.source, kept.is_trusted, kept.reason_code) == ("public:site", False, "unknown_type")
    assert json.loads(bytes(kept.raw)) == {"type": "shout"}
    assert Fact.objects.count() == 1


def test_nobody_sends_without_a_key_that_opens_something(door: tracking.Tracking) -> None:
    token = public_key()
    accounts.revoke_key(accounts.list_keys()[0].id, at=AT)
    assert [send(door, track(), token=one).status for one in (None, "pk_made-up", token)] == [401, 401, 401]
    assert Fact.objects.count() == 0


def test_a_public_key_cannot_use_up_a_servers_message_ids(door: tracking.Tracking) -> None:
    public, secret = public_key(), accounts.create_key("site", is_public=False, at=AT)
    assert [send(door, track(), token=token).status for token in (public, secret)] == [200, 200]
    assert set(Fact.objects.values_list("source", "message_id")) == {("public:site", "m1"), ("trusted:site", "m1")}


def test_a_wrong_event_is_kept_without_the_key_it_came_with(door: tracking.Tracking) -> None:
    token = accounts.create_key("server", is_public=False, at=AT)
    assert send(door, {"event": "", "userId": "u1", "writeKey": token}).status == 200
    assert json.loads(bytes(RejectedEvent.objects.get().raw)) == {"event": "", "userId": "u1", "writeKey": None}


def test_a_wrong_type_that_cannot_be_written_costs_the_others_nothing(door: tracking.Tracking) -> None:
    batch = {"batch": [{"type": "track"} | track(), {"type": "a\0" + "b" * 999, "userId": "u1"}]}
    assert send(door, batch, token=public_key(), path="/v1/batch").status == 200
    assert Fact.objects.count() == 1
    assert len(RejectedEvent.objects.get().reason) < 200


def test_what_is_no_request_is_refused_and_kept_with_its_reason(door: tracking.Tracking) -> None:
    token = public_key()
    answer = send(door, gzip.compress(b'{"writeKey": "sk_1", "batch": ['), token=token, path="/v1/b")
    assert answer.status == 400
    kept = RejectedEvent.objects.get()
    assert (kept.source, kept.call, kept.reason_code) == ("public:site", "tracking.whole.batch", "bad_tracking_request")
    assert bytes(kept.raw) == b'{"writeKey":null, "batch": ['
    assert kept.reason == json.loads(answer.body)["message"]


def test_a_request_that_can_be_read_today_is_replayed_whole(
    door: tracking.Tracking, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"batch": [{"type": "track"} | track(1), {"type": "track"} | track(2)], "sentAt": None}
    with monkeypatch.context() as then:
        then.setattr("kembali.collect.tracking.envelopes.MOST_EVENTS", 1)
        assert send(door, body, token=public_key(), path="/v1/batch").status == 400
        assert collect.replay_events(at=AT).rejected == 1
    assert collect.replay_events(at=AT).accepted == 1
    assert set(Fact.objects.values_list("source", "message_id")) == {("public:site", "m1"), ("public:site", "m2")}


def test_what_cannot_be_read_and_has_no_key_is_counted_only(conninfo: str) -> None:
    committer = committing.GroupCommitter(conninfo)
    door = tracking.Tracking(keyring.KeyRing(conninfo), committer, lambda: AT)
    assert send(door, b"hello").status == 400
    committer.close()
    assert [one.reason_code for one in collect.count_rejected_events(since=AT.date())] == ["unreadable"]
    assert not RejectedEvent.objects.exists()


def test_many_at_once_share_a_few_transactions_and_each_is_answered(door: tracking.Tracking) -> None:
    headers = {"authorization": "Basic " + base64.b64encode(f"{public_key()}:".encode()).decode()}

    async def crowd() -> list[Answer]:
        calls = [post(door, "/v1/t", json.dumps(track(number)).encode(), headers) for number in range(200)]
        return await asyncio.gather(*calls)

    assert {answer.status for answer in asyncio.run(crowd())} == {200}
    facts = Fact.objects.values_list("message_id", "xid")
    assert {message_id for message_id, _ in facts} == {f"m{number}" for number in range(200)}
    assert len({xid for _, xid in facts}) < 20


def limited(conninfo: str, *, by_key: int, by_address: int) -> tracking.Tracking:
    limits = Limits(Buckets(by_key), Buckets(by_address))
    return tracking.Tracking(keyring.KeyRing(conninfo), committing.GroupCommitter(conninfo), lambda: AT, limits)


def test_who_sends_too_much_is_told_when_to_come_again_and_nothing_is_taken(conninfo: str) -> None:
    door, token = limited(conninfo, by_key=1, by_address=0), public_key()
    full = {"batch": [{"type": "track"} | track(number) for number in range(25)]}
    assert send(door, full, token=token, path="/v1/batch").status == 200
    answer = send(door, track(99), token=token)
    assert (answer.status, dict(answer.headers)[b"retry-after"]) == (429, b"5")
    assert Fact.objects.count() == 25
    other = accounts.create_key("server", is_public=False, at=AT)
    assert send(door, track(99), token=other).status == 200


def test_an_address_is_limited_with_a_public_key_or_none_but_a_server_is_not(conninfo: str) -> None:
    door, public = limited(conninfo, by_key=0, by_address=1), public_key()
    secret = accounts.create_key("server", is_public=False, at=AT)
    guesses = [send(door, track(), token="pk_guess").status for _ in range(23)]
    assert (guesses[0], guesses[-1]) == (401, 429)
    assert send(door, track(), token=public).status == 429
    assert send(door, track(), token=secret).status == 200


def test_an_address_that_sends_too_much_costs_the_shops_other_visitors_nothing(conninfo: str) -> None:
    door, token = limited(conninfo, by_key=10, by_address=1), public_key()
    headers = {"authorization": "Basic " + base64.b64encode(f"{token}:".encode()).decode()}
    flood = json.dumps({"batch": [{"type": "track"} | track(number) for number in range(100)]}).encode()
    statuses = [asyncio.run(post(door, "/v1/batch", flood, headers, "203.0.113.7")).status for _ in range(9)]
    assert statuses == [200] + [429] * 8
    assert asyncio.run(post(door, "/v1/t", json.dumps(track(200)).encode(), headers, "203.0.113.8")).status == 200
    assert Fact.objects.count() == 101


def test_no_key_is_so_long_and_none_is_remembered(conninfo: str) -> None:
    door = limited(conninfo, by_key=0, by_address=0)
    tracking._write_key_of.cache_clear()
    assert [send(door, track(), token="pk_" + "x" * length).status for length in (10, 500)] == [401, 401]
    assert tracking._write_key_of.cache_info().currsize == 1


def test_an_event_nested_too_deep_is_kept_with_its_reason(door: tracking.Tracking) -> None:
    deep = b'{"type":"track","event":"e","userId":"u1","properties":{"x":' + b"[" * 700 + b"]" * 700 + b"}}"
    assert send(door, b'{"batch":[' + deep + b"]}", token=public_key(), path="/v1/batch").status == 200
    kept = RejectedEvent.objects.get()
    assert (kept.reason_code, bytes(kept.raw), Fact.objects.count()) == ("too_deep", deep, 0)


def test_a_body_that_drips_is_given_up_and_may_be_sent_again(
    door: tracking.Tracking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_BODY_S", 0.2)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b" ", "more_body": True}

    scope: Scope = {"path": "/v1/track", "method": "POST", "client": ("203.0.113.7", 50_000), "headers": []}
    answer = asyncio.run(asyncio.wait_for(door.answer(scope, receive), 5))
    assert answer.status == 408
    assert (b"access-control-allow-origin", b"*") in answer._all_headers


def test_requests_without_a_key_are_counted_and_not_kept(conninfo: str) -> None:
    committer = committing.GroupCommitter(conninfo)
    door = tracking.Tracking(keyring.KeyRing(conninfo), committer, lambda: AT)
    assert [send(door, track(), token=token).status for token in (None, "pk_made-up")] == [401, 401]
    committer.close()
    counted = RejectedCount.objects.get()
    assert (counted.source, counted.day, counted.reason_code) == ("tracking", AT.date(), "no_key")
    assert (counted.seen_count, counted.kept_count) == (2, 0)
    assert not RejectedEvent.objects.exists()


def test_what_the_database_refuses_takes_no_other_request_with_it(conninfo: str) -> None:
    committer = committing.GroupCommitter(conninfo)

    def brought(number: int, payload: bytes = b"{}") -> committing.Brought:
        new = NewFact(
            source="public:site", message_id=f"m{number}", kind="tracking.track", occurred_at=AT, payload=payload
        )
        return committing.Brought(Reading(facts=[new]), received_at=AT)

    async def crowd() -> list[BaseException | None]:
        with psycopg.connect(conninfo) as other:  # while the first waits for this lock, the others gather
            other.execute("LOCK TABLE collect_fact IN EXCLUSIVE MODE")
            first = asyncio.ensure_future(committer.commit(brought(0)))
            await asyncio.sleep(0.3)
            others = [brought(1), brought(2, b"no JSON"), brought(3), brought(4, b'"a\\u0000b"')]
            group = [asyncio.ensure_future(committer.commit(one)) for one in others]
            await asyncio.sleep(0.1)
        return await asyncio.gather(first, *group, return_exceptions=True)

    answers = asyncio.run(crowd())
    committer.close()
    taken, refused = type(None), BadTrackingRequest
    assert [type(answer) for answer in answers] == [taken, taken, refused, taken, refused]
    assert set(Fact.objects.values_list("message_id", flat=True)) == {"m0", "m1", "m3"}


def test_when_the_database_is_away_senders_are_told_to_come_again(conninfo: str) -> None:
    nowhere = conninfo + " host=/nowhere"
    away = tracking.Tracking(keyring.KeyRing(nowhere), committing.GroupCommitter(nowhere), lambda: AT)
    answer = send(away, track(), token="pk_any")
    assert answer.status == 503
    assert dict(answer.headers)[b"retry-after"] == b"5"


def test_a_connection_that_breaks_costs_one_answer_and_no_event(door: tracking.Tracking) -> None:
    token = public_key()
    assert send(door, track(1), token=token).status == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    assert send(door, track(2), token=token).status == 503
    assert send(door, track(2), token=token).status == 200
    assert Fact.objects.count() == 2


def test_more_than_can_wait_is_sent_away(door: tracking.Tracking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committing, "_MOST_WAITING", 1)
    batch = {"batch": [{"type": "track"} | track(1), {"type": "track"} | track(2)]}
    assert send(door, batch, token=public_key(), path="/v1/batch").status == 503
    assert Fact.objects.count() == 0


@pytest.mark.skipif(not SAMPLES, reason="the captured requests are not here")
def test_what_real_sdks_sent_arrives_once(door: tracking.Tracking) -> None:
    accounts.create_key("site", is_public=True, at=AT)
    token = accounts.list_keys()[0].public_token
    expected = set()
    for request in SAMPLES * 2:
        headers = {name: value for name, value in request["h"].items() if name.lower() == "anonymousid"}
        assert send(door, request["b"].encode(), token=token, path=request["p"], **headers).status == 200
        written = json.loads(request["b"])
        expected |= {event["messageId"] for event in written.get("batch", [written])}
    assert set(Fact.objects.values_list("message_id", flat=True)) == expected
    assert Fact.objects.count() == len(expected)
    assert not RejectedEvent.objects.exists()
