"""The smallest shop there could be: a dict of orders behind a real HTTP server, and the connector that reads it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import msgspec

from kembali.collect.connectors.asking import ask_json
from kembali.collect.connectors.contracts import Connector, Webhooks
from kembali.collect.connectors.signing import is_signed
from kembali.collect.connectors.values import Check, Delivery, Http, Page, SetupField, Shop
from kembali.collect.contracts import NewFact, Reading
from tests.fakes.answering import JsonHandler, serving

PAGE = 2


class TinyWebhooks(Webhooks):
    """Signed JSON; a topic in a header; `ping` asks if anybody is there."""

    def subscribe(self, shop: Shop, http: Http, *, hook_url: str, at: datetime) -> Sequence[str]:
        ask_json(http, "POST", f"{shop.address}/hooks", headers=key_of(shop), body={"url": hook_url}, at=at)
        return ("order", "wake")

    def call_of(self, delivery: Delivery) -> str:
        return delivery.header("x-topic")

    def is_genuine(self, delivery: Delivery, shop: Shop) -> bool:
        secrets = (shop.secrets.get("secret", ""), shop.previous.get("secret", ""))
        return is_signed(delivery.header("x-signature"), delivery.body, secrets)

    def is_greeting(self, delivery: Delivery) -> bool:
        return delivery.body == b"ping"

    def beside(self, delivery: Delivery, shop: Shop) -> Mapping[str, str]:
        return {"sent": delivery.header("x-sent")}

    def read(self, call: str, body: bytes, beside: Mapping[str, str], *, source: str, received_at: datetime) -> Reading:
        try:
            return Reading(facts=[fact_of(msgspec.json.decode(body), source)])
        except (msgspec.MsgspecError, ValueError, KeyError, TypeError) as error:
            why = f"This is no order: {error}."
            return Reading(rejected=[TINY.rejected(call, body, beside, source=source, code="no_order", reason=why)])

    def wakes(self, call: str) -> bool:
        return call == "wake"


class TinyConnector(Connector):
    platform = "tiny"
    title = "Tiny shop"
    fields = (SetupField("secret", "Secret", is_secret=True), SetupField("corner", "Corner", is_needed=False))
    streams = ("customers", "orders")
    webhooks = TinyWebhooks()

    def page(
        self, shop: Shop, http: Http, stream: str, *, since: datetime | None, cursor: str | None, at: datetime
    ) -> Page:
        url = f"{shop.address}/{stream}?since={since.timestamp() if since else 0}&after={cursor or 0}"
        answer = ask_json(http, "GET", url, headers=key_of(shop), at=at).json
        shop.remembered["asked"] = str(int(shop.remembered.get("asked", "0")) + 1)
        return Page(
            facts=[fact_of(one, shop.name) for one in answer["items"]],
            cursor=answer["next"],
            total=answer["total"],
            seen=len(answer["items"]),
        )

    def check(self, shop: Shop, http: Http, *, at: datetime) -> Iterator[Check]:
        ask_json(http, "GET", f"{shop.address}/customers?since=0&after=0", headers=key_of(shop), at=at)
        yield Check("The shop answers", "ok")


TINY = TinyConnector()


def key_of(shop: Shop) -> dict[str, str]:
    return {"x-key": shop.secrets["secret"]}


def fact_of(one: Mapping[str, Any], source: str) -> NewFact:
    placed_at = datetime.fromisoformat(one["at"])
    return NewFact(
        source=source,
        message_id=f"{one['ref']}:{one['version']}",
        kind="tiny.order",
        occurred_at=placed_at,
        payload=dict(one),
    )


class TinyShop:
    """What the server has, was asked, and shall answer next (`failures`: statuses, each once)."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.orders: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.failures: list[tuple[int, dict[str, str]]] = []
        self.hooks: list[str] = []
        self.secret = "s3cret"


class _Handler(JsonHandler):
    shop: ClassVar[TinyShop]

    def do_GET(self) -> None:  # noqa: N802 - its name
        self.shop.asked.append(self.path)
        asked = parse_qs(urlsplit(self.path).query)
        if self._refuses():
            return
        everything = self.shop.orders if self.path.startswith("/orders") else []
        since, after = float(asked["since"][0]), int(asked["after"][0])
        changed = [one for one in everything if one["updated"] >= since]
        items = changed[after : after + PAGE]
        following = str(after + PAGE) if after + PAGE < len(changed) else None
        self.answer(200, {"items": items, "next": following, "total": len(changed)})

    def do_POST(self) -> None:  # noqa: N802 - its name
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if not self._refuses():
            self.shop.hooks.append(body["url"])
            self.answer(200, {})

    def _refuses(self) -> bool:
        if self.shop.failures:
            status, headers = self.shop.failures.pop(0)
            self.answer(status, {"error": "not now"}, headers)
            return True
        if self.headers["x-key"] != self.shop.secret:
            self.answer(401, {"error": "wrong key"})
            return True
        return False


@contextmanager
def tiny_shop() -> Iterator[TinyShop]:
    """Run a shop on a port of its own."""
    handler: type[_Handler] = type("Bound", (_Handler,), {})
    with serving(handler) as address:
        handler.shop = TinyShop(address)
        yield handler.shop
