"""Who asks, what they may, and how much: keys with scopes, limits, and answers that are given once."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Schema
from ninja.security import HttpBearer

from kembali.accounts import api as accounts
from kembali.kernel.errors import Refused, Unavailable
from kembali.web.clock import wall_now
from kembali.web.requests import ShopRequest

MOST_BYTES = 500_000
RATE_PER_S = 50.0
BURST = 300.0
_LONGEST_IDEMPOTENCY_KEY = 200


class ApiRequest(ShopRequest):
    """A request of a program that was let in."""

    auth: accounts.ApiKey


class TooManyRequests(Unavailable):
    """A key asks too much at once."""

    code = "too_many_requests"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__("Too many requests with this key.", hint=f"Ask again in {retry_after_s} s.")
        self.retry_after_s = retry_after_s


class BodyTooLarge(Refused):
    """A request's body is larger than may be sent."""

    code = "body_too_large"


class BadIdempotencyKey(Refused):
    """An Idempotency-Key cannot be used."""

    code = "bad_idempotency_key"


class Scoped(HttpBearer):
    """Lets in who shows a secret key with this scope."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> accounts.ApiKey:
        """Return the key.

        Raises:
            BodyTooLarge, KeyNotUsable, ScopeMissing, TooManyRequests: it is not let in.
        """
        key = accounts.recognise(token, at=wall_now())
        wait_s = _BUCKETS.wait_s(key.id, now=time.monotonic())
        if wait_s > 0:
            raise TooManyRequests(int(wait_s) + 1)
        if self.scope not in key.scopes:
            raise accounts.ScopeMissing(
                f"This key may not do that: it lacks the scope {self.scope}.", hint="Make a key that has it."
            )
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
            raise BodyTooLarge(f"A body has up to {MOST_BYTES} bytes.", hint="Send less at once.")
        return key


def scoped(scope: str) -> dict[str, Any]:
    """Return the arguments of a route that needs this scope: it is checked, and stands in the description."""
    return {"auth": Scoped(scope), "openapi_extra": {"x-scope": scope}}


@dataclass(slots=True)
class _Buckets:
    """A bucket of requests for each key, in this process: what is taken flows back at a steady rate."""

    left: dict[int, tuple[float, float]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_s(self, key_id: int, *, now: float) -> float:
        """Take one request and return 0, or return how long to wait for one."""
        with self.lock:
            count, since = self.left.get(key_id, (BURST, now))
            count = min(BURST, count + (now - since) * RATE_PER_S)
            if count < 1:
                self.left[key_id] = (count, now)
                return (1 - count) / RATE_PER_S
            self.left[key_id] = (count - 1, now)
            return 0.0


_BUCKETS = _Buckets()


def answered_once(request: ApiRequest, perform: Callable[[], tuple[int, Schema]]) -> HttpResponse:
    """Return what `perform` gives, after it is committed. Under an Idempotency-Key it is performed once.

    Raises:
        BadIdempotencyKey: the header cannot be used.
        IdempotencyConflict: it was used for something else.
    """

    def written() -> tuple[int, str]:
        status, shape = perform()
        return status, shape.model_dump_json()

    name = request.headers.get("Idempotency-Key")
    if name is None:
        status, answer = written()
        is_repeated = False
    else:
        if not (0 < len(name) <= _LONGEST_IDEMPOTENCY_KEY and name.isascii() and name.isprintable()):
            raise BadIdempotencyKey("An Idempotency-Key has 1 to 200 plain characters.")
        asked = b"%s %s\n%s" % (str(request.method).encode(), request.get_full_path().encode(), request.body)
        status, answer, is_repeated = accounts.once(request.auth.id, name, asked=asked, at=request.at, perform=written)
    response = HttpResponse(answer, content_type="application/json", status=status)
    if is_repeated:
        response["Idempotent-Replayed"] = "true"
    return response


def source_of(request: ApiRequest) -> str:
    """Return under which source a key's facts stand in the log."""
    return f"api:{request.auth.source}"
