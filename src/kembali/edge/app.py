"""The edge's one ASGI application: what it answers where."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import psycopg

from kembali.collect import door as collect
from kembali.edge.booting import Booting
from kembali.edge.committing import GroupCommitter
from kembali.edge.hookring import HookRing
from kembali.edge.hooks import BEGINNING as HOOKS
from kembali.edge.hooks import Hooks
from kembali.edge.http import Answer, Handler, Receive, Scope, Send, json_answer
from kembali.edge.keyring import KeyRing
from kembali.edge.limits import Buckets, Limits
from kembali.edge.tracking import Tracking
from kembali.infra.postgres import conninfo_of
from kembali.infra.settings import load_settings

_SETTINGS = load_settings()
_CONNINFO = conninfo_of(_SETTINGS)
_NOT_FOUND = json_answer(404, {"error": "not found"})
_WRONG_METHOD = json_answer(405, {"error": "method not allowed"})
_WELL = json_answer(200, {"status": "ok"})
_NO_DATABASE = json_answer(503, {"status": "database unavailable"}, retry_after=5)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request."""
    if scope["type"] == "http":
        answer = await _answer(scope, receive)
        await answer.send(send)
    elif scope["type"] == "lifespan":
        await _live(receive, send)


async def _live(receive: Receive, send: Send) -> None:
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{message['type']}.complete"})
    await asyncio.to_thread(_committer.close)
    await send({"type": "lifespan.shutdown.complete"})


async def _answer(scope: Scope, receive: Receive) -> Answer:
    methods = _ROUTES.get(scope["path"]) or _below(scope["path"])
    if methods is None:
        return _NOT_FOUND
    handler = methods.get(scope["method"])
    return await handler(scope, receive) if handler else _WRONG_METHOD


def _below(path: str) -> Mapping[str, Handler] | None:
    return next((methods for beginning, methods in _ROUTES_BELOW.items() if path.startswith(beginning)), None)


async def _health(scope: Scope, receive: Receive) -> Answer:  # noqa: ARG001 - as routes are called
    """Say whether the process and its database are well."""
    try:
        async with await psycopg.AsyncConnection.connect(_CONNINFO, connect_timeout=2, autocommit=True) as connection:
            await connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return _NO_DATABASE
    return _WELL


def _now() -> datetime:
    return datetime.now(UTC)


_keys = KeyRing(_CONNINFO)
_committer = GroupCommitter(_CONNINFO)
_limits = Limits(
    Buckets(_SETTINGS.edge_events_per_key), Buckets(_SETTINGS.edge_events_per_address), _SETTINGS.trusted_proxies
)
_tracking = Tracking(_keys, _committer, _now, _limits)
_booting = Booting(_keys)
_hooks = Hooks(HookRing(_CONNINFO, _SETTINGS.secret_key, _now), _committer, _now)

_TRACKING: Mapping[str, Handler] = {"POST": _tracking.answer, "OPTIONS": _tracking.preflight}

# What is answered where, by path and method; below: whatever begins with this path.
_ROUTES: dict[str, Mapping[str, Handler]] = {
    **dict.fromkeys(collect.ROUTES, _TRACKING),
    **_booting.routes,
    "/health": {"GET": _health, "HEAD": _health},
}
_ROUTES_BELOW: dict[str, Mapping[str, Handler]] = {**_booting.routes_below, HOOKS: {"POST": _hooks.answer}}
