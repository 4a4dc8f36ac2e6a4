"""The shop's HTTP server on loopback: permalinks or none, keys in a header or in the address, faults on demand."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.woocommerce.site import KEY, SECRET, Site, encoded

_INNER = ("before", "failures", "secret")


@dataclass
class Faults:
    """How the shop is set up, and what goes wrong next. `answers`: (status, headers) for the next requests."""

    has_permalinks: bool = True
    swallows_authorization: bool = False
    may_write: bool = True
    secret: str = SECRET
    knows_modified: bool = True
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


class _Refused(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@contextmanager
def serve(site: Site, faults: Faults | None = None) -> Iterator[str]:
    """Serve a shop; yields its address."""
    handler = type("Handler", (_Handler,), {"site": site, "faults": faults or Faults()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    site: Site
    faults: Faults
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self.site.now, usegmt=True)

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.faults.asked.append(f"{self.command} {self.path}")
        if self.faults.answers:
            status, headers = self.faults.answers.pop(0)
            self._send(status, b"<html>Briefly unavailable for scheduled maintenance.</html>", headers)
            return
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        route = query.pop("rest_route", None)
        if route is None and self.faults.has_permalinks and parts.path.startswith("/wp-json"):
            route = parts.path.removeprefix("/wp-json")
        if route is None:
            self._send(404, b"<html>Nothing here.</html>", {"Content-Type": "text/html"})
            return
        try:
            found, headers = self._route(route, query, json.loads(body) if body else {})
        except _Refused as error:
            said = {"code": error.code, "message": str(error), "data": {"status": error.status}}
            self._send(error.status, encoded(said), {})
            return
        self._send(201 if self.command == "POST" else 200, encoded(found), headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json; charset=UTF-8", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _route(self, route: str, query: dict[str, str], body: dict[str, Any]) -> tuple[object, dict[str, str]]:
        if route == "/":
            site = {"name": "Kitchen & Co", "timezone_string": "Europe/Berlin", "gmt_offset": 2}
            return site | {"namespaces": ["oembed/1.0", "wc/v3", "wp/v2"]}, {}
        path = route.removeprefix("/wc/v3/")
        self._open(query)
        parts = path.split("/")
        if path == "data/currencies/current":
            return {"code": self.site.currency, "name": "Euro", "symbol": "&euro;"}, {}
        if path == "reports/orders/totals":
            names = {one["status"] for one in self.site.orders.values()}
            return [{"slug": f"wc-{name}" if "-" not in name else name, "name": name, "total": 1} for name in names], {}
        if parts[0] == "webhooks":
            return self._webhooks(parts[1:], body)
        if parts[0] == "products" and len(parts) == 3:
            return self.site.variations.get(int(parts[1]), []), {}
        return self._list(parts[0], query)

    def _open(self, query: dict[str, str]) -> None:
        given = (query.pop("consumer_key", ""), query.pop("consumer_secret", ""))
        header = self.headers.get("authorization", "")
        if header and not self.faults.swallows_authorization:
            key, _, secret = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
            given = (key, secret)
        if given != (KEY, self.faults.secret):
            raise _Refused(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
        if self.command != "GET" and not self.faults.may_write:
            message = "The API key provided does not have write permissions."
            raise _Refused(401, "woocommerce_rest_authentication_error", message)

    def _webhooks(self, rest: list[str], body: dict[str, Any]) -> tuple[object, dict[str, str]]:
        if rest == ["batch"]:
            return {}, {}
        if self.command == "POST":
            return _shown(self.site.add_hook(body)), {}
        if self.command == "PUT":
            hook = self.site.hooks[int(rest[0])]
            hook |= body
            if body.get("status") == "active":
                hook["failures"] = 0
            return _shown(hook), {}
        return [_shown(hook) for hook in self.site.hooks.values()], {}

    def _list(self, kind: str, query: dict[str, str]) -> tuple[object, dict[str, str]]:
        site = self.site
        kept = {"orders": site.orders, "products": site.products, "customers": site.accounts}.get(kind)
        if kept is None:
            raise _Refused(404, "rest_no_route", "No route was found matching the URL and request method.")
        status = query.get("status")
        things = [
            one for one in kept.values() if (one.get("status") == status if status else one.get("status") != "trash")
        ]
        by = query.get("orderby", "date")
        if by == "modified" and not self.faults.knows_modified:
            raise _Refused(400, "rest_invalid_param", "Invalid parameter(s): orderby")
        if self.faults.knows_modified and (after := query.get("modified_after")):
            assert query.get("dates_are_gmt") == "true"
            things = [one for one in things if one["date_modified_gmt"] > after]
        if after := query.get("after"):
            things = [one for one in things if one["date_created"] > after]
        if before := query.get("before"):
            things = [one for one in things if one["date_created"] < before]
        column = {"modified": "date_modified_gmt", "id": "id"}.get(by, "date_created_gmt")
        things.sort(key=lambda one: (one[column], one["id"]), reverse=query.get("order", "desc") == "desc")
        size, page = int(query.get("per_page", "10")), int(query.get("page", "1"))
        if size > 100:
            raise _Refused(400, "rest_invalid_param", "Invalid parameter(s): per_page")
        headers = {"X-WP-Total": str(len(things)), "X-WP-TotalPages": str(-(-len(things) // size))}
        return [_shown(one) for one in things[(page - 1) * size : page * size]], headers


def _shown(thing: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in thing.items() if name not in _INNER}
