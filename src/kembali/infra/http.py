"""The one HTTP client: whatever kembali calls out there, it calls through this. Loads no Django.

What is called stands in a form or a shop's answer, so it could point into the network kembali stands in. An address
is therefore resolved once, vetted, and that very address is connected to: there is no second look-up that could answer
otherwise. No redirect is followed, no proxy taken from the environment; size and time are bounded whatever the peer
does.
"""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPException

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from kembali.infra.addresses import AddressRefused, Resolver, Target, Unreachable, find_target, resolve

__all__ = ["AddressRefused", "AnswerTooLarge", "Client", "Response", "Unreachable"]

_AGENT = "kembali"
_CHUNK = 64 * 1024


class AnswerTooLarge(Unreachable):
    """The answer is larger than there is room for."""

    code = "answer_too_large"


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. Header names are in lower case; `is_cut`: the body went on."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool = False


class Client:
    """Calls what may be called. Holds no connection: any number of threads may share one.

    Args:
        allow_private: a start-up setting (`Settings.allow_private_addresses`), never a choice of who asks.
    """

    def __init__(
        self, *, allow_private: bool = False, resolver: Resolver = resolve, tls: ssl.SSLContext | None = None
    ) -> None:
        self._allow_private = allow_private
        self._resolver = resolver
        self._given_tls = tls

    def vet(self, url: str, *, timeout_s: float = 5.0) -> None:
        """Return if `url` may be called, judged as `request` would judge it: for whoever saves an address.

        Raises:
            AddressRefused: it may not.
            Unreachable: its name cannot be found just now.
        """
        find_target(url, allow_private=self._allow_private, resolver=self._resolver, timeout_s=timeout_s)

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout_s: float = 15.0,
        max_bytes: int = 10_000_000,
        may_cut: bool = False,
    ) -> Response:
        """Return the answer, whatever its status; redirects are answers too.

        Args:
            timeout_s: for all of it, from the name to the last byte.
            max_bytes: the largest body; with `may_cut` a larger one is cut there, else refused.

        Raises:
            AddressRefused: the address must not be called.
            AnswerTooLarge: the body is larger than `max_bytes`.
            Unreachable: no whole answer in time. The peer may have taken the request nevertheless.
        """
        ends_at = time.monotonic() + timeout_s
        target = find_target(url, allow_private=self._allow_private, resolver=self._resolver, timeout_s=timeout_s)
        watch = _Watch(ends_at)
        connection = self._connection(target, watch)
        try:
            connection.request(
                method,
                target.path,
                body=body,
                headers={"User-Agent": _AGENT, "Accept-Encoding": "identity", **(headers or {})},
                preload_content=False,
                decode_content=False,
            )
            answer = connection.getresponse()
            found = bytearray()
            while len(found) <= max_bytes and (chunk := answer.read(min(_CHUNK, max_bytes + 1 - len(found)))):
                found += chunk
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            raise Unreachable(
                f"{target.host} did not answer: {watch.reason(error)}.", hint="Try again later."
            ) from error
        finally:
            watch.end()
            connection.close()
        if watch.has_cut:  # the end of a connection that was cut looks like the end of a body
            raise Unreachable(f"{target.host} did not answer: {watch.reason()}.", hint="Try again later.")
        is_cut = len(found) > max_bytes
        if is_cut and not may_cut:
            raise AnswerTooLarge(f"The answer of {target.host} is larger than {max_bytes} bytes.")
        names = {name.lower(): ", ".join(answer.headers.getlist(name)) for name in answer.headers}
        return Response(answer.status, names, bytes(found[:max_bytes]), is_cut)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._given_tls or ssl.create_default_context()

    def _connection(self, target: Target, watch: "_Watch") -> HTTPConnection:
        if target.scheme == "http":
            return _Plain(target, watch)
        return _Encrypted(target, watch, self._tls)


class _Watch:
    """Cuts a connection when its time is up, whatever it is doing: a byte a second resets every other limit."""

    def __init__(self, ends_at: float) -> None:
        self._ends_at = ends_at
        self._hold: socket.socket | None = None
        self._timer: threading.Timer | None = None
        self.has_cut = False

    def connected(self, target: Target) -> socket.socket:
        """Return a connection to the first vetted address that takes one, under watch from now on."""
        failure: OSError = TimeoutError("no time left")
        for address in target.addresses:
            left = self._ends_at - time.monotonic()
            if left <= 0:
                break
            try:
                found = socket.create_connection((str(address), target.port), timeout=left)
            except OSError as error:
                failure = error
                continue
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # A handle of its own: encryption takes the first one over, and the handshake may be what drags on.
            self._hold = found.dup()
            self._timer = threading.Timer(max(self._ends_at - time.monotonic(), 0), self._cut)
            self._timer.daemon = True
            self._timer.start()
            return found
        raise failure

    def _cut(self) -> None:
        self.has_cut = True
        if self._hold is not None:
            with contextlib.suppress(OSError):
                self._hold.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """Watch no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
        if self._hold is not None:
            self._hold.close()

    def reason(self, error: Exception | None = None) -> str:
        """Return in words why there is no answer. Says nothing of what was sent or asked for."""
        if self.has_cut or isinstance(error, TimeoutError):
            return "the time was up"
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"its certificate is not valid ({error.verify_message})"
        if isinstance(error, ssl.SSLError):
            return "no encrypted connection"
        if isinstance(error, ConnectionRefusedError):
            return "the connection was refused"
        return f"the connection broke ({type(error).__name__})"


class _Plain(HTTPConnection):
    def __init__(self, target: Target, watch: _Watch) -> None:
        super().__init__(target.host, target.port)
        self._target, self._watch = target, watch

    def _new_conn(self) -> socket.socket:
        return self._watch.connected(self._target)


class _Encrypted(HTTPSConnection):
    """The name stays the connection's host, so that Host header, SNI and certificate are the name's."""

    def __init__(self, target: Target, watch: _Watch, tls: ssl.SSLContext) -> None:
        super().__init__(target.host, target.port, ssl_context=tls)
        self._target, self._watch = target, watch

    def _new_conn(self) -> socket.socket:
        return self._watch.connected(self._target)
