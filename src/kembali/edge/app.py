"""The edge's one ASGI application: what it answers where."""

import asyncio
from datetime import UTC, datetime

import psycopg

from kembali.collect import door as collect
from kembali.edge.http import Answer, Receive, Scope, Send, json_answer
from kembali.edge.tracking import PREFLIGHT, Tracking
from kembali.infra.postgres import conninfo_of
from kembali.infra.settings import load_settings

_CONNINFO = conninfo_of(load_settings())
_NOT_FOUND = json_answer(404, {"error": "not found"})
_WRONG_METHOD = json_answer(405, {"error": "method not allowed"})
_WELL = json_answer(200, {"status": "ok"})
_NO_DATABASE = json_answer(503, {"status": "database unavailable"}, retry_after=5)

_tracking = Tracking(_CONNINFO, lambda: datetime.now(UTC))


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request: tracking calls, and `/health`, which says whether the process and its database are well."""
    if scope["type"] == "http":
        answer = await _answer(scope, receive)
        await answer.send(send)
    elif scope["type"] == "lifespan":
        await _live(receive, send)


async def _live(receive: Receive, send: Send) -> None:
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{message['type']}.complete"})
    await asyncio.to_thread(_tracking.close)
    await send({"type": "lifespan.shutdown.complete"})


async def _answer(scope: Scope, receive: Receive) -> Answer:
    path, method = scope["path"], scope["method"]
    if path in collect.ROUTES:
        if method == "OPTIONS":
            return PREFLIGHT
        return await _tracking.answer(scope, receive) if method == "POST" else _WRONG_METHOD
    if path == "/health":
        return _WELL if await _database_answers() else _NO_DATABASE
    return _NOT_FOUND


async def _database_answers() -> bool:
    try:
        async with await psycopg.AsyncConnection.connect(_CONNINFO, connect_timeout=2, autocommit=True) as connection:
            await connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True
