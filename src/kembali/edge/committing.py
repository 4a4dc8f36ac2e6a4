"""Group commit: what many requests bring at the same time goes into the log in one transaction.

A request is answered after its events are on disk. While groups commit, the next one gathers: the more arrives, the
larger the groups, and the less each event costs.
"""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import psycopg

from kembali.collect import door as collect
from kembali.edge.writing import LogWriter
from kembali.kernel.errors import Refused, Unavailable

log = logging.getLogger("kembali.edge")

_MOST_WAITING = 20_000  # events; more would wait longer than their senders do
_MOST_AT_ONCE = 2_500
_COUNTED_AFTER_S = 5
_WRITERS = 2  # one sends while the other waits for the disk
_WORTH_ANOTHER = 500  # events; fewer are better off as one larger group than as two


class LogUnavailable(Unavailable):
    """The events were not taken: send them again later."""

    code = "log_unavailable"


@dataclass(frozen=True, slots=True)
class Brought:
    """What one request brings."""

    reading: collect.Reading
    received_at: datetime


@dataclass(slots=True)
class _Waiting:
    brought: Brought
    size: int
    done: asyncio.Future[None]


class GroupCommitter:
    """Gathers what requests bring and has it written, one group per writer at a time. Used on one event loop."""

    def __init__(self, conninfo: str) -> None:
        self._threads = ThreadPoolExecutor(_WRITERS, thread_name_prefix="committing")
        self._writer = LogWriter(conninfo)
        self._waiting: list[_Waiting] = []
        self._queued = self._in_work = 0
        self._at_work: set[asyncio.Task[None]] = set()
        self._free = _WRITERS
        self._counting: asyncio.Task[None] | None = None

    async def commit(self, brought: Brought) -> None:
        """Return when everything is durable.

        Raises:
            LogUnavailable: it is not, and may be sent again: too much waits, or the database does not answer.
            BadTrackingRequest: the database refuses it.
        """
        size = len(brought.reading.facts) + len(brought.reading.rejected)
        if self._queued + self._in_work + size > _MOST_WAITING:
            raise LogUnavailable("Too many events are waiting.")
        waiting = _Waiting(brought, size, asyncio.get_running_loop().create_future())
        self._queued += size
        self._waiting.append(waiting)
        if self._free == _WRITERS or (self._free and self._queued >= _WORTH_ANOTHER):
            self._free -= 1
            task = asyncio.create_task(self._work())
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)
        await waiting.done

    def count_refused(self, source: str, reason_code: str, *, at: datetime) -> None:
        """Count a request that is refused unread. Counts reach the database a few seconds later, or at the end."""
        self._writer.count_refused(source, reason_code, at=at)
        if self._counting is None or self._counting.done():
            self._counting = asyncio.create_task(self._count_later())

    def close(self) -> None:
        """Wait for what is being written, and end; no request may come after."""
        self._threads.submit(self._count).result()
        self._threads.shutdown()
        self._writer.close()

    async def _count_later(self) -> None:
        await asyncio.sleep(_COUNTED_AFTER_S)
        await asyncio.get_running_loop().run_in_executor(self._threads, self._count)

    def _count(self) -> None:
        try:
            self._writer.write_counts()
        except psycopg.Error as error:
            log.warning("refused requests are counted later: %s", error)

    async def _work(self) -> None:
        """Write groups until nothing waits."""
        try:
            while group := self._take():
                size = sum(one.size for one in group)
                self._queued -= size
                self._in_work += size
                try:
                    await self._settle(group)
                finally:
                    self._in_work -= size
        finally:
            self._free += 1

    def _take(self) -> list[_Waiting]:
        """Take requests in the order of their arrival, at least one, up to `_MOST_AT_ONCE` events."""
        size = place = 0
        for one in self._waiting:
            if place and size + one.size > _MOST_AT_ONCE:
                break
            size += one.size
            place += 1
        group, self._waiting = self._waiting[:place], self._waiting[place:]
        return group

    async def _settle(self, group: Sequence[_Waiting]) -> None:
        """Write a group and answer each of its requests; one that the database refuses takes no other with it."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, self._write, group)
        except (psycopg.DataError, Refused) as error:
            if len(group) > 1:
                middle = len(group) // 2
                await self._settle(group[:middle])
                await self._settle(group[middle:])
                return
            _answer(group, collect.BadTrackingRequest(f"The events cannot be stored: {error}."))
        except Exception as error:  # noqa: BLE001 - whatever happened, nothing is committed and everybody must know
            log.warning("events were not taken: %s", error)
            _answer(group, LogUnavailable(f"The database does not answer: {error}."))
        else:
            _answer(group, None)

    def _write(self, group: Sequence[_Waiting]) -> None:
        self._writer.write(
            [fact for one in group for fact in one.brought.reading.facts],
            [kept for one in group for kept in one.brought.reading.rejected],
            received_at=max(one.brought.received_at for one in group),
        )


def _answer(group: Sequence[_Waiting], error: Exception | None) -> None:
    for one in group:
        if one.done.done():  # the client has gone
            continue
        if error is None:
            one.done.set_result(None)
        else:
            one.done.set_exception(error)
