"""Group commit: what many requests bring at the same time goes into the log in one transaction.

A request is answered after its events are on disk. While one transaction commits, the next group gathers: the more
arrives, the larger the groups, and the less each event costs.
"""

import asyncio
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg

from kembali.collect import door as collect
from kembali.kernel.errors import Refused, Unavailable

log = logging.getLogger("kembali.edge")

_MOST_WAITING = 20_000  # events; more would wait longer than their senders do
_MOST_AT_ONCE = 5_000
_CONNECT_TIMEOUT_S = 3


class LogUnavailable(Unavailable):
    """The events were not taken: send them again later."""

    code = "log_unavailable"


@dataclass(frozen=True, slots=True)
class Brought:
    """What one request brings."""

    reading: collect.Reading
    received_at: datetime

    @property
    def size(self) -> int:
        """How many events these are, rejected ones included."""
        return len(self.reading.facts) + len(self.reading.rejected)


@dataclass(frozen=True, slots=True)
class _Waiting:
    brought: Brought
    done: asyncio.Future[None]
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)


class GroupCommitter:
    """One thread with one connection that commits whatever waits."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._connection: psycopg.Connection[Any] | None = None
        self._waiting: list[_Waiting] = []
        self._events = 0
        self._arrived = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False

    async def commit(self, brought: Brought) -> None:
        """Return when everything is durable.

        Raises:
            LogUnavailable: it is not, and may be sent again: too much waits, or the database does not answer.
            BadTrackingRequest: the database refuses it.
        """
        waiting = _Waiting(brought, asyncio.get_running_loop().create_future())
        with self._arrived:
            if self._events + brought.size > _MOST_WAITING:
                raise LogUnavailable("Too many events are waiting.")
            self._events += brought.size
            self._waiting.append(waiting)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="committing", daemon=True)
                self._thread.start()
            self._arrived.notify()
        await waiting.done

    def close(self) -> None:
        """Commit what waits, and end."""
        with self._arrived:
            self._closing = True
            self._arrived.notify()
        if self._thread is not None:
            self._thread.join()
        self._disconnect()

    def _run(self) -> None:
        while True:
            with self._arrived:
                self._arrived.wait_for(lambda: self._waiting or self._closing)
                group = self._take()
            if not group:
                return
            self._settle(group)
            with self._arrived:
                self._events -= sum(one.brought.size for one in group)

    def _take(self) -> list[_Waiting]:
        """Take requests in the order of their arrival, at least one, up to `_MOST_AT_ONCE` events."""
        size = place = 0
        for one in self._waiting:
            if place and size + one.brought.size > _MOST_AT_ONCE:
                break
            size += one.brought.size
            place += 1
        group, self._waiting = self._waiting[:place], self._waiting[place:]
        return group

    def _settle(self, group: Sequence[_Waiting]) -> None:
        """Commit a group and answer each of its requests; one that the database refuses takes no other with it."""
        try:
            self._write([one.brought for one in group])
        except (psycopg.DataError, Refused) as error:
            if len(group) > 1:
                for one in group:
                    self._settle([one])
                return
            _answer(group, collect.BadTrackingRequest(f"The events cannot be stored: {error}."))
        except Exception as error:  # noqa: BLE001 - whatever happened, nothing is committed and everybody must know
            log.warning("events were not taken: %s", error)
            self._disconnect()
            _answer(group, LogUnavailable(f"The database does not answer: {error}."))
        else:
            _answer(group, None)

    def _write(self, group: Sequence[Brought]) -> None:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(
                self._conninfo,
                connect_timeout=_CONNECT_TIMEOUT_S,
                autocommit=True,
                options="-c synchronous_commit=on -c timezone=UTC",
            )
        with self._connection.transaction(), self._connection.cursor() as cursor:
            facts = [fact for brought in group for fact in brought.reading.facts]
            received_at = max(brought.received_at for brought in group)
            collect.append(cursor, facts, received_at=received_at)
            rejected = [one for brought in group for one in brought.reading.rejected]
            if rejected:
                collect.keep_rejected(cursor, rejected, received_at=received_at)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _answer(group: Sequence[_Waiting], error: Exception | None) -> None:
    for loop in {one.loop for one in group}:
        theirs = [one.done for one in group if one.loop is loop]
        try:
            loop.call_soon_threadsafe(_resolve, theirs, error)
        except RuntimeError:  # the server is going down and nobody waits any more
            continue


def _resolve(futures: Sequence[asyncio.Future[None]], error: Exception | None) -> None:
    for future in futures:
        if future.done():  # the client has gone
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
