"""Writing to the log: on disk when a call returns."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from kembali.collect import door as collect

_CONNECT_TIMEOUT_S = 3
# Whatever the server's own setting is: who is answered may forget the events.
_OPTIONS = "-c synchronous_commit=on -c timezone=UTC"


class LogWriter:
    """Commits facts and what was rejected, from any thread, each on a connection of its own."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._idle: list[psycopg.Connection[Any]] = []
        self._refused: Counter[tuple[date, str, str]] = Counter()
        self._refused_lock = threading.Lock()

    def write(
        self, facts: Sequence[collect.NewFact], rejected: Sequence[collect.Rejected], *, received_at: datetime
    ) -> None:
        """Commit everything or, raising what is wrong, nothing. What the log knows already is left out."""
        with self._connection() as connection:
            if rejected or not collect.append_alone(connection, facts, received_at=received_at):
                with connection.transaction(), connection.cursor() as cursor:
                    collect.append(cursor, facts, received_at=received_at)
                    collect.keep_rejected(cursor, rejected, received_at=received_at)

    def count_refused(self, source: str, reason_code: str, *, at: datetime) -> None:
        """Count what was refused unread. Never waits; see `write_counts`."""
        with self._refused_lock:
            self._refused[at.astimezone(UTC).date(), source, reason_code] += 1

    def write_counts(self) -> None:
        """Commit what was counted since; where that fails, it is still counted."""
        with self._refused_lock:
            counted, self._refused = self._refused, Counter()
        if not counted:
            return
        try:
            with self._connection() as connection, connection.transaction(), connection.cursor() as cursor:
                for day in sorted({day for day, _, _ in counted}):
                    of_day = Counter({(source, code): n for (on, source, code), n in counted.items() if on == day})
                    collect.count_rejected(cursor, of_day, day=day)
        except BaseException:
            with self._refused_lock:
                self._refused += counted
            raise

    def close(self) -> None:
        """Close what is open; nobody may be writing."""
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Any]]:
        connection = self._idle.pop() if self._idle else self._connect()
        try:
            yield connection
        except psycopg.OperationalError:
            self.close()  # those that were idle have most likely lost their server too
            raise
        finally:
            if connection.info.transaction_status is TransactionStatus.IDLE:
                self._idle.append(connection)
            else:
                connection.close()

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self._conninfo, connect_timeout=_CONNECT_TIMEOUT_S, autocommit=True, options=_OPTIONS)
