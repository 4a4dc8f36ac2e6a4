"""Tracking requests over HTTP: who may send, what is answered."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import psycopg

from kembali.accounts import door as accounts
from kembali.collect import door as collect
from kembali.edge.committing import Brought, GroupCommitter, LogUnavailable
from kembali.edge.http import Answer, Receive, Scope, header, json_answer, read_body
from kembali.edge.keyring import KeyRing

_OK = json_answer(200, {"success": True})
_NO_KEY = json_answer(401, {"success": False, "message": "No write key, or one that opens nothing."})
# Never a 4xx for what is our fault: it would make senders throw their events away.
_LATER = json_answer(503, {"success": False, "message": "Not taken: send it again later."}, retry_after=5)
_PREFLIGHT = Answer(
    204,
    headers=(
        (b"access-control-allow-methods", b"POST, OPTIONS"),
        (b"access-control-allow-headers", b"authorization, content-type, x-retry-count, anonymousid, sentat"),
        (b"access-control-max-age", b"86400"),
    ),
)


class Tracking:
    """Answers the calls of Segment's tracking protocol: 200 means that every event is on disk."""

    def __init__(self, keys: KeyRing, committer: GroupCommitter, clock: Callable[[], datetime]) -> None:
        self._keys = keys
        self._committer = committer
        self._clock = clock

    async def answer(self, scope: Scope, receive: Receive) -> Answer:
        """Take the events of one request."""
        received_at, call = self._clock(), collect.ROUTES[scope["path"]]
        try:
            raw = await read_body(receive, most=collect.MOST_BYTES)
            envelope = collect.open_envelope(collect.body_of(raw, header(scope, b"content-encoding")), call)
            key = await self._key(collect.write_key_of(header(scope, b"authorization")) or envelope.write_key)
            if key is None:
                return _NO_KEY
            is_trusted = not key.is_public
            # Apart, also where the names are one: or anybody could use up the message ids of a server's events.
            source = f"{'trusted' if is_trusted else 'public'}:{key.source}"
            reading = collect.read_events(
                envelope,
                call,
                source=source,
                is_trusted=is_trusted,
                anonymous_id=collect.decoded(header(scope, b"anonymousid")),
                received_at=received_at,
            )
            await self._committer.commit(Brought(reading, received_at))
        except collect.BadTrackingRequest as error:
            return json_answer(400, {"success": False, "message": str(error)})
        except (LogUnavailable, psycopg.OperationalError):
            return _LATER
        return _OK

    async def preflight(self, scope: Scope, receive: Receive) -> Answer:  # noqa: ARG002 - as routes are called
        """Tell a browser that any page may send here."""
        return _PREFLIGHT

    async def _key(self, token: object) -> accounts.OpenKey | None:
        if not isinstance(token, str) or not token:
            return None
        return self._keys.known(token) or await asyncio.to_thread(self._keys.ask, token)
