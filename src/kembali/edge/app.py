"""The edge's one ASGI application. In this version it answers health checks only."""

from collections.abc import Awaitable, Callable
from typing import Any

import psycopg

from kembali.infra.postgres import conninfo_of
from kembali.infra.settings import load_settings

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_CONNINFO = conninfo_of(load_settings())


async def application(scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer one request: `/health` says whether the process and its database are well."""
    if scope["type"] != "http":
        return
    if scope["path"] != "/health":
        await _answer(send, 404, b'{"error":"not found"}')
    elif await _database_answers():
        await _answer(send, 200, b'{"status":"ok"}')
    else:
        await _answer(send, 503, b'{"status":"database unavailable"}', retry_after=b"5")


async def _database_answers() -> bool:
    try:
        async with await psycopg.AsyncConnection.connect(_CONNINFO, connect_timeout=2, autocommit=True) as connection:
            await connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


async def _answer(send: Send, status: int, body: bytes, *, retry_after: bytes | None = None) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if retry_after:
        headers.append((b"retry-after", retry_after))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
