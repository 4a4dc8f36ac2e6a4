"""Tracking requests over HTTP: who may send, what is answered."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import psycopg

from kembali.accounts import door as accounts
from kembali.collect import door as collect
from kembali.edge.committing import Brought, GroupCommitter, LogUnavailable
from kembali.edge.http import TOO_SLOW, Answer, Receive, Scope, json_answer, read_body
from kembali.edge.keyring import KeyRing
from kembali.edge.limits import Limits

_OK = json_answer(200, {"success": True})
_TOO_MUCH = {"success": False, "message": "More than is allowed: send it again later, and less at a time."}
_NO_KEY = json_answer(401, {"success": False, "message": "No write key, or one that opens nothing."})
# Never a 4xx for what is our fault: it would make senders throw their events away.
_LATER = json_answer(503, {"success": False, "message": "Not taken: send it again later."}, retry_after=5)
_LONGEST_AUTHORIZATION = 200  # no key is nearly so long, and what is remembered of strangers must stay small
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

    def __init__(
        self, keys: KeyRing, committer: GroupCommitter, clock: Callable[[], datetime], limits: Limits | None = None
    ) -> None:
        self._keys = keys
        self._committer = committer
        self._clock = clock
        self._limits = limits

    async def answer(self, scope: Scope, receive: Receive) -> Answer:
        """Take the events of one request."""
        received_at = self._clock()
        body = await read_body(receive, most=collect.MOST_BYTES)
        if body is None:
            return TOO_SLOW
        request = _Request(
            call=collect.ROUTES[scope["path"]],
            headers=dict(scope["headers"]),
            scope=scope,
            received_at=received_at,
            body=body,
        )
        try:
            try:
                return await self._take(request)
            except collect.BadTrackingRequest as error:
                return await self._refuse(request, str(error))
        except (LogUnavailable, psycopg.OperationalError):
            return _LATER

    async def _take(self, request: "_Request") -> Answer:
        envelope = collect.open_envelope(
            collect.body_of(request.body, request.header(b"content-encoding")), request.call
        )
        key = await self._key(request.token or envelope.write_key)
        if wait := self._wait_for(key, request.scope, events=len(envelope.batch or ()) or 1):
            return json_answer(429, _TOO_MUCH, retry_after=wait)
        if key is None:
            self._committer.count_refused("tracking", "no_key", at=request.received_at)
            return _NO_KEY
        reading = collect.read_events(
            envelope,
            request.call,
            source=_source_of(key),
            is_trusted=not key.is_public,
            anonymous_id=request.anonymous_id,
            received_at=request.received_at,
        )
        await self._committer.commit(Brought(reading, request.received_at))
        return _OK

    async def _refuse(self, request: "_Request", reason: str) -> Answer:
        """Answer a request that cannot be read. What came is kept, if the key is not in what cannot be read."""
        key = await self._key(request.token)
        if wait := self._wait_for(key, request.scope, events=1):
            return json_answer(429, _TOO_MUCH, retry_after=wait)
        if key is None:
            self._committer.count_refused("tracking", "unreadable", at=request.received_at)
        else:
            kept = collect.rejected_request(
                request.body,
                request.call,
                reason,
                encoding=request.header(b"content-encoding"),
                source=_source_of(key),
                is_trusted=not key.is_public,
                anonymous_id=request.anonymous_id,
            )
            await self._committer.commit(Brought(collect.Reading(rejected=[kept]), request.received_at))
        return json_answer(400, {"success": False, "message": reason})

    def _wait_for(self, key: accounts.OpenKey | None, scope: Scope, *, events: int) -> int:
        """Take events from what a sender may send; return after how many seconds to come again, or 0.

        The address first: one that sends too much must not use up what all visitors of the shop may send.
        """
        if self._limits is None:
            return 0
        if (key is None or key.is_public) and (wait := self._wait_of_address(self._limits, scope, events)):
            return wait
        return self._limits.by_key.take(_source_of(key), events) if key is not None else 0

    def _wait_of_address(self, limits: Limits, scope: Scope, events: int) -> int:
        peer = (scope.get("client") or ("",))[0]
        forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
        address = limits.address_of(peer, forwarded.decode("latin-1"))
        return limits.by_address.take(address, events) if address else 0

    async def preflight(self, scope: Scope, receive: Receive) -> Answer:  # noqa: ARG002 - as routes are called
        """Tell a browser that any page may send here."""
        return _PREFLIGHT

    async def _key(self, token: object) -> accounts.OpenKey | None:
        if not isinstance(token, str) or not token:
            return None
        return self._keys.known(token) or await asyncio.to_thread(self._keys.ask, token)


@dataclass(slots=True)
class _Request:
    call: str
    headers: Mapping[bytes, bytes]
    scope: Scope
    received_at: datetime
    body: bytes

    def header(self, name: bytes) -> str:
        return self.headers.get(name, b"").decode("latin-1")

    @property
    def token(self) -> str | None:
        """The key in its headers."""
        authorization = self.headers.get(b"authorization", b"")
        return _write_key_of(authorization) if len(authorization) <= _LONGEST_AUTHORIZATION else None

    @property
    def anonymous_id(self) -> str:
        """RudderStack's SDK has it in a header."""
        return collect.decoded(self.header(b"anonymousid")) if b"anonymousid" in self.headers else ""


@lru_cache(1024)
def _write_key_of(authorization: bytes) -> str | None:
    return collect.write_key_of(authorization.decode("latin-1"))


@lru_cache(1024)
def _source_of(key: accounts.OpenKey) -> str:
    """Return what a key's facts bear. The two kinds stay apart, also where the names are one.

    Anybody could use up the message ids of a server's events otherwise.
    """
    return f"{'public' if key.is_public else 'trusted'}:{key.source}"
