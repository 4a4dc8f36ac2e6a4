"""The keys that open something, remembered for a few seconds: asking for each request would cost more than it does."""

import threading
import time

import psycopg

from kembali.accounts import door as accounts

_REMEMBERED_S = 5.0
_BETWEEN_MISSES_S = 1.0
_CONNECT_TIMEOUT_S = 2


class KeyRing:
    """Looks keys up: a withdrawn one opens nothing after five seconds, a new one works after one second at most."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._keys: dict[bytes, accounts.OpenKey] = {}
        self._seen: dict[str, accounts.OpenKey] = {}
        self._read_at = self._missed_at = float("-inf")
        self._reading = threading.Lock()

    def known(self, token: str) -> accounts.OpenKey | None:
        """Return what is remembered of a key, None where it must be asked for. Never waits."""
        if time.monotonic() - self._read_at > _REMEMBERED_S:
            return None
        return self._seen.get(token)

    def ask(self, token: str) -> accounts.OpenKey | None:
        """Return what a key opens, None for nothing.

        Raises:
            psycopg.OperationalError: the database does not answer.
        """
        digest = accounts.digest_of(token)
        with self._reading:
            now = time.monotonic()
            is_old = now - self._read_at > _REMEMBERED_S
            if is_old or (digest not in self._keys and now - self._missed_at > _BETWEEN_MISSES_S):
                with psycopg.connect(self._conninfo, connect_timeout=_CONNECT_TIMEOUT_S, autocommit=True) as connection:
                    self._keys, self._seen = accounts.open_keys(connection), {}
                self._read_at = time.monotonic()
                if digest not in self._keys:
                    self._missed_at = self._read_at
            if (found := self._keys.get(digest)) is not None:
                self._seen[token] = found
            return found
