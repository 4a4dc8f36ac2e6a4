"""Which shops may send webhooks, remembered for a few seconds, and what is noted of them."""

import threading
import time
from collections.abc import Callable
from datetime import datetime

import psycopg

from kembali.collect import door as collect

_REMEMBERED_S = 5.0
_BETWEEN_MISSES_S = 1.0
_NOTED_S = 5.0
_CONNECT_TIMEOUT_S = 2


class HookRing:
    """Looks connections up by the token in their address: a removed one opens nothing after five seconds."""

    def __init__(self, conninfo: str, secret_key: str, clock: Callable[[], datetime]) -> None:
        self._conninfo = conninfo
        self._secret_key = secret_key
        self._clock = clock
        self._open: dict[str, collect.OpenConnection] = {}
        self._read_at = self._missed_at = float("-inf")
        self._noted_at: dict[int, float] = {}
        self._reading = threading.Lock()

    def known(self, token: str) -> collect.OpenConnection | None:
        """Return what is remembered of a token, None where it must be asked for. Never waits."""
        if time.monotonic() - self._read_at > _REMEMBERED_S:
            return None
        return self._open.get(token)

    def ask(self, token: str) -> collect.OpenConnection | None:
        """Return the connection a token belongs to, None for none.

        Raises:
            psycopg.OperationalError: the database does not answer.
        """
        with self._reading:
            now = time.monotonic()
            is_old = now - self._read_at > _REMEMBERED_S
            if is_old or (token not in self._open and now - self._missed_at > _BETWEEN_MISSES_S):
                with self._connected() as connection:
                    self._open = collect.open_connections(connection, secret_key=self._secret_key, at=self._clock())
                self._read_at = time.monotonic()
                if token not in self._open:
                    self._missed_at = self._read_at
            return self._open.get(token)

    def should_note(self, connection_id: int, *, wakes: bool) -> bool:
        """Return whether to note that a webhook came: every few seconds is often enough, unless it wakes."""
        now = time.monotonic()
        if not wakes and now - self._noted_at.get(connection_id, float("-inf")) < _NOTED_S:
            return False
        self._noted_at[connection_id] = now
        return True

    def note(self, connection_id: int, *, wakes: bool, at: datetime) -> None:
        """Note that a webhook came.

        Raises:
            psycopg.OperationalError: the database does not answer.
        """
        with self._connected() as connection:
            collect.note_hook(connection, connection_id, wakes=wakes, at=at)

    def note_refused(self, connection_id: int, *, source: str, at: datetime) -> None:
        """Note and count a webhook with a wrong signature.

        Raises:
            psycopg.OperationalError: the database does not answer.
        """
        with self._connected() as connection:
            collect.note_refused_hook(connection, connection_id, source=source, at=at)

    def _connected(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self._conninfo, connect_timeout=_CONNECT_TIMEOUT_S, autocommit=True)
