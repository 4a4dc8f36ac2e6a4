"""As much HTTP as the edge needs, over bare ASGI."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_BODY_S = 10.0  # how long a body may take to come


@dataclass(frozen=True, slots=True)
class Answer:
    """A response. Any page may read it: nothing here depends on who asks."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    _all_headers: list[tuple[bytes, bytes]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        length, anybody = str(len(self.body)).encode(), (b"access-control-allow-origin", b"*")
        object.__setattr__(self, "_all_headers", [(b"content-length", length), anybody, *self.headers])

    async def send(self, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status, "headers": self._all_headers})
        await send({"type": "http.response.body", "body": self.body})


Handler = Callable[[Scope, Receive], Awaitable[Answer]]


def json_answer(status: int, body: Mapping[str, object], *, retry_after: int | None = None) -> Answer:
    """Return an answer in JSON; `retry_after` in seconds."""
    headers = [(b"content-type", b"application/json")]
    if retry_after is not None:
        headers.append((b"retry-after", str(retry_after).encode()))
        headers.append((b"access-control-expose-headers", b"retry-after"))  # or pages could not see it
    return Answer(status, msgspec.json.encode(body), tuple(headers))


def header(scope: Scope, name: bytes) -> str:
    """Return a header's value, empty without it; `name` in lower case."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


TOO_SLOW = json_answer(408, {"error": "the body came too slowly: send it again"})


async def read_body(receive: Receive, *, most: int) -> bytes | None:
    """Return the request's body; of one longer than `most`, one byte more than that: nobody needs the rest.

    None where it does not come in time: whoever lets it drip would keep others out.
    """
    try:
        async with asyncio.timeout(_BODY_S):
            return await _whole_body(receive, most)
    except TimeoutError:
        return None


async def _whole_body(receive: Receive, most: int) -> bytes:
    message = await receive()
    if not message.get("more_body", False):  # nearly always it comes in one piece
        return bytes(message.get("body", b"")[: most + 1])
    body = bytearray(message.get("body", b""))
    while len(body) <= most and message.get("more_body", False):
        message = await receive()
        body += message.get("body", b"")
    return bytes(body[: most + 1])
