"""The edge takes shops' webhooks: only genuine ones, and 200 means on disk."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from kembali.collect import api as collect
from kembali.collect.connectors import platforms
from kembali.collect.connectors.signing import signature_of
from kembali.collect.models import Connection, Fact, RejectedCount, RejectedEvent
from kembali.edge import http
from kembali.edge.committing import GroupCommitter
from kembali.edge.hookring import HookRing
from kembali.edge.hooks import Hooks
from kembali.edge.http import Answer, Scope
from tests.fakes.tiny_shop import TINY

AT = datetime(2032, 3, 1, 12, tzinfo=UTC)
SECRET = "s3cret"
ORDER = json.dumps({"ref": "#1", "version": 1, "at": "2032-03-01T10:00:00+00:00", "updated": 0}).encode()
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def conninfo() -> str:
    parameters = connection.get_connection_params()
    return psycopg.conninfo.make_conninfo(
        **{name: parameters[name] for name in ("dbname", "user", "host", "port", "password") if parameters.get(name)}
    )


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(platforms, "CONNECTORS", {"tiny": TINY})
    collect.connect_shop("tiny", address="https://tiny.example", values={"secret": SECRET}, at=AT)
    return path_of()


@pytest.fixture
def door(conninfo: str) -> Iterator[Hooks]:
    committer = GroupCommitter(conninfo)
    yield Hooks(HookRing(conninfo, settings.KEMBALI.secret_key, lambda: AT), committer, lambda: AT)
    committer.close()


def path_of() -> str:
    view = collect.connection_of("tiny")
    assert view is not None
    return view.hook_url.removeprefix(settings.KEMBALI.edge_url)


def send(door: Hooks, path: str, body: bytes, *, secret: str = SECRET, topic: str = "order", **headers: str) -> Answer:
    return asyncio.run(post(door, path, body, {"x-signature": signature_of(secret, body), "x-topic": topic} | headers))


async def post(door: Hooks, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    parts = [body[:10], body[10:]]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    scope: Scope = {
        "path": path,
        "method": "POST",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    return await door.answer(scope, receive)


def test_a_genuine_webhook_is_in_the_log_when_it_is_answered(door: Hooks, url: str) -> None:
    assert send(door, url, ORDER).status == 200
    fact = Fact.objects.get()
    assert (fact.source, fact.message_id, fact.received_at) == ("tiny", "#1:1", AT)
    assert Connection.objects.get().last_hook_at == AT


def test_the_same_webhook_again_is_one_fact(door: Hooks, url: str) -> None:
    assert [send(door, url, ORDER).status for _ in range(3)] == [200, 200, 200]
    assert Fact.objects.count() == 1


def test_a_wrong_signature_is_counted_and_nothing_of_it_is_kept(door: Hooks, url: str) -> None:
    assert send(door, url, ORDER, secret="guessed").status == 401
    assert send(door, url, ORDER, **{"x-signature": ""}).status == 401
    assert (Fact.objects.count(), RejectedEvent.objects.count()) == (0, 0)
    assert RejectedCount.objects.get(source="tiny", reason_code="wrong_signature").seen_count == 2
    assert (Connection.objects.get().last_refused_hook_at, Connection.objects.get().last_hook_at) == (AT, None)


def test_one_changed_byte_is_no_longer_what_was_signed(door: Hooks, url: str) -> None:
    changed = ORDER.replace(b"#1", b"#2")
    assert send(door, url, changed, **{"x-signature": signature_of(SECRET, ORDER)}).status == 401
    assert Fact.objects.count() == 0


def test_after_a_rotation_both_secrets_sign_for_a_day(conninfo: str, url: str) -> None:
    collect.change_values("tiny", values={"secret": "newer"}, at=AT)
    committer = GroupCommitter(conninfo)
    for after, old in ((timedelta(hours=1), 200), (timedelta(hours=25), 401)):
        now = AT + after
        door = Hooks(HookRing(conninfo, settings.KEMBALI.secret_key, lambda at=now: at), committer, lambda at=now: at)  # type: ignore[misc]
        assert [send(door, url, ORDER, secret=one).status for one in (SECRET, "newer")] == [old, 200]
    committer.close()


def test_what_is_not_understood_is_kept_and_replayed_once_it_is(door: Hooks, url: str) -> None:
    assert send(door, url, b'{"ref": "#9"}', **{"x-sent": "yesterday"}).status == 200
    kept = RejectedEvent.objects.get()
    assert (kept.source, kept.call, kept.reason_code, bytes(kept.raw)) == (
        "tiny",
        "tiny.order",
        "no_order",
        b'{"ref": "#9"}',
    )
    assert kept.beside == {"sent": "yesterday"}
    assert Fact.objects.count() == 0


def test_what_only_the_database_refuses_is_kept_too(door: Hooks, url: str) -> None:
    body = ORDER.replace(b"#1", b"#" * 300)  # longer than a message id may be
    assert send(door, url, body).status == 200
    assert (RejectedEvent.objects.get().reason_code, Fact.objects.count()) == ("refused", 0)


def test_what_is_nested_too_deep_is_kept_and_never_read(door: Hooks, url: str) -> None:
    def order(levels: int) -> bytes:
        return ORDER[:-1] + b', "more": ' + b"[" * levels + b"]" * levels + b"}"

    assert send(door, url, order(31)).status == 200
    assert (Fact.objects.count(), RejectedEvent.objects.count()) == (1, 0)
    assert send(door, url, order(1_000)).status == 200
    assert collect.replay_events(at=AT).rejected == 1
    kept = RejectedEvent.objects.get()
    assert (kept.reason_code, kept.call, Fact.objects.count()) == ("too_deep", "tiny.order", 1)


def test_a_body_that_drips_is_given_up(door: Hooks, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_BODY_S", 0.2)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b" ", "more_body": True}

    scope: Scope = {"path": url, "method": "POST", "headers": []}
    assert asyncio.run(asyncio.wait_for(door.answer(scope, receive), 5)).status == 408
    assert RejectedCount.objects.count() == 0


def test_an_unsigned_greeting_is_answered_and_says_nothing(door: Hooks, url: str) -> None:
    assert send(door, url, b"ping", secret="none").status == 200
    assert (Fact.objects.count(), RejectedCount.objects.count()) == (0, 0)


def test_an_unknown_address_is_nobodys(door: Hooks, url: str) -> None:
    assert [send(door, path, ORDER).status for path in ("/hooks/tiny/guessed", url.replace("tiny", "shopify"))] == [
        404,
        404,
    ]
    assert Fact.objects.count() == 0


def test_our_own_faults_are_never_told_as_the_shops(conninfo: str, url: str) -> None:
    committer = GroupCommitter("host=/nowhere")
    ring = HookRing(conninfo, settings.KEMBALI.secret_key, lambda: AT)
    assert send(Hooks(ring, committer, lambda: AT), url, ORDER).status == 503
    nowhere = HookRing("host=/nowhere", settings.KEMBALI.secret_key, lambda: AT)
    assert send(Hooks(nowhere, committer, lambda: AT), url, ORDER).status == 503
    other_key = HookRing(conninfo, "another secret key", lambda: AT)
    assert send(Hooks(other_key, committer, lambda: AT), url, ORDER).status == 503
    committer.close()
    assert Fact.objects.count() == 0


def test_a_webhook_that_says_too_little_has_the_shop_asked_soon(door: Hooks, url: str) -> None:
    Connection.objects.update(due_at=AT + timedelta(hours=1))
    send(door, url, ORDER)
    assert Connection.objects.get().due_at == AT + timedelta(hours=1)
    send(door, url, ORDER, topic="wake")
    assert Connection.objects.get().due_at == AT + timedelta(seconds=30)
