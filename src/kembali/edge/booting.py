"""What browsers fetch before they send events: our scripts, and the settings other vendors' SDKs start with.

Booting never waits for the database to come back: a page that has its script keeps events until they are taken.
"""

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs

import psycopg

from kembali.accounts import door as accounts
from kembali.collect import door as collect
from kembali.edge.http import Answer, Handler, Receive, Scope, header, json_answer
from kembali.edge.keyring import KeyRing
from kembali.storefront import door as storefront

_SETTINGS = re.compile(r"/v1/projects/([^/]+)/settings")
_LOADER = re.compile(r"/analytics\.js/v1/([^/]+)/analytics(?:\.min)?\.js")

_CACHED_SCRIPT = (b"cache-control", b"public, max-age=600, stale-while-revalidate=86400")
# Only in the browser that asked: the answer names the host and the protocol it was asked by.
_CACHED_SETTINGS = (b"cache-control", b"private, max-age=300")
_NEVER_CACHED = (b"cache-control", b"no-store")
_OK = json_answer(200, {"success": True})
_NOT_FOUND = json_answer(404, {"error": "not found"})
_UNKNOWN: Final = {"error": "unknown_key", "message": "This key opens nothing: it was mistyped or withdrawn."}
_SECRET: Final = {
    "error": "secret_key",
    "message": "This is a secret key: it must never stand in a page. Withdraw it, and use a public one (pk_…).",
}
_PREFLIGHT = Answer(
    204,
    headers=(
        (b"access-control-allow-methods", b"GET, HEAD, POST, OPTIONS"),
        (b"access-control-allow-headers", b"authorization, content-type, x-retry-count, anonymousid, sentat"),
        (b"access-control-max-age", b"86400"),
    ),
)


class Booting:
    """Answers what a page loads before its first event. `routes` and `routes_below` say where."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys
        self.routes: dict[str, Mapping[str, Handler]] = {
            "/kembali.js": _readable(_loader),
            "/kembali.mjs": _readable(_module),
            "/sourceConfig": _readable(self.source_config),
            "/sourceConfig/": _readable(self.source_config),
            # What Segment's SDK measures of itself: taken, so that it does not try again, and not kept.
            "/v1/m": {"POST": _taken, "OPTIONS": _preflight},
        }
        self.routes_below: dict[str, Mapping[str, Handler]] = {
            "/v1/projects/": _readable(self.segment_settings),
            "/analytics.js/v1/": _readable(self.segment_loader),
        }

    async def segment_settings(self, scope: Scope, receive: Receive) -> Answer:  # noqa: ARG002 - as routes are called
        """Answer with the settings Segment's SDK starts with."""
        named = _SETTINGS.fullmatch(scope["path"])
        if named is None:
            return _NOT_FOUND
        key = await self._opened(named[1])
        if isinstance(key, Answer):
            return key
        host = header(scope, b"host")
        return _settings(storefront.segment_settings(named[1], host=host, protocol=_protocol(scope)))

    async def segment_loader(self, scope: Scope, receive: Receive) -> Answer:  # noqa: ARG002 - as routes are called
        """Answer with our loader where Segment's is expected."""
        named = _LOADER.fullmatch(scope["path"])
        if named is None:
            return _NOT_FOUND
        key = await self._opened(named[1])
        return key if isinstance(key, Answer) else _script(scope, storefront.LOADER)

    async def source_config(self, scope: Scope, receive: Receive) -> Answer:  # noqa: ARG002 - as routes are called
        """Answer with the configuration RudderStack's SDK starts with."""
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("writeKey", [""])
        token = asked[0] or collect.write_key_of(header(scope, b"authorization")) or ""
        key = await self._opened(token)
        return key if isinstance(key, Answer) else _settings(storefront.rudderstack_source(token, name=key.source))

    async def _opened(self, token: str) -> accounts.OpenKey | Answer:
        """Return what a public key stands for, or what to answer instead."""
        try:
            key = self._keys.known(token) or await asyncio.to_thread(self._keys.ask, token)
        except psycopg.OperationalError:
            return accounts.OpenKey("unknown", is_public=True)  # looked at again with every event
        if key is not None and key.is_public:
            return key
        answer = json_answer(404, _UNKNOWN if key is None else _SECRET)
        return Answer(answer.status, answer.body, (*answer.headers, _NEVER_CACHED))


def _readable(handler: Handler) -> Mapping[str, Handler]:
    return {"GET": handler, "HEAD": handler, "OPTIONS": _preflight}


async def _preflight(scope: Scope, receive: Receive) -> Answer:  # noqa: ARG001 - as routes are called
    return _PREFLIGHT


async def _taken(scope: Scope, receive: Receive) -> Answer:  # noqa: ARG001 - as routes are called
    return _OK


async def _loader(scope: Scope, receive: Receive) -> Answer:  # noqa: ARG001 - as routes are called
    return _script(scope, storefront.LOADER)


async def _module(scope: Scope, receive: Receive) -> Answer:  # noqa: ARG001 - as routes are called
    return _script(scope, storefront.MODULE)


def _script(scope: Scope, script: storefront.Script) -> Answer:
    headers = [
        (b"content-type", b"text/javascript; charset=utf-8"),
        (b"x-content-type-options", b"nosniff"),
        (b"cross-origin-resource-policy", b"cross-origin"),
        (b"vary", b"accept-encoding"),
        (b"etag", script.etag.encode()),
        _CACHED_SCRIPT,
    ]
    if script.etag in header(scope, b"if-none-match"):
        return Answer(304, headers=tuple(headers))
    if "gzip" in header(scope, b"accept-encoding"):
        return Answer(200, script.packed, (*headers, (b"content-encoding", b"gzip")))
    return Answer(200, script.plain, tuple(headers))


def _settings(found: dict[str, Any]) -> Answer:
    answer = json_answer(200, found)
    return Answer(answer.status, answer.body, (*answer.headers, _CACHED_SETTINGS))


def _protocol(scope: Scope) -> str:
    """Return how the browser reached us: a proxy speaks TLS for us, and a safe page sends to safe hosts only."""
    forwarded = header(scope, b"x-forwarded-proto").split(",")[0].strip()
    if forwarded in ("http", "https"):
        return forwarded
    return "https" if header(scope, b"origin").startswith("https://") else str(scope.get("scheme", "http"))
