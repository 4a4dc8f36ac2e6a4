"""The connector for Vendure: its Admin API is asked, page after page, as an administrator."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from kembali.collect.connectors.contracts import Connector
from kembali.collect.connectors.errors import BadConnection, ShopRefuses
from kembali.collect.connectors.graphql import Said, ask_graphql, fields_of
from kembali.collect.connectors.paging import BEGIN, place_after, place_of
from kembali.collect.connectors.values import Check, Http, Page, SetupField, Shop
from kembali.collect.connectors.vendure.facts import SHAPES, fact_of
from kembali.collect.contracts import NewFact
from kembali.kernel.errors import KembaliError

_SIZE = 50
# Vendure does not date what becomes of an order: a new state, a payment, a refund leave its `updatedAt` as it was.
# So orders are read by when they were placed, and again and again while they are young.
_YOUNG, _GROWN = timedelta(days=1), timedelta(days=60)
_LATEST = "(options: { take: 1, sort: { createdAt: DESC } })"


class Vendure(Connector):
    """Orders, products and customers, asked for as an administrator."""

    platform = "vendure"
    title = "Vendure"
    streams = ("orders", "products", "customers")
    fields = (
        SetupField("username", "Administrator", "Best one of its own, whose role may read only."),
        SetupField("password", "Password", is_secret=True),
        SetupField("channel", "Channel token", "Where the shop has several channels.", is_needed=False),
    )

    def address_of(self, text: str) -> str:
        """Return the address of the Admin API; what lacks its path gets the usual one."""
        parts = urlsplit(text.strip().rstrip("/"))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadConnection(f"“{text[:80]}” is not an address.", hint="Enter https://api.shop.example/admin-api.")
        return f"{parts.scheme}://{parts.netloc}{parts.path or '/admin-api'}"

    def page(
        self, shop: Shop, http: Http, stream: str, *, since: datetime | None, cursor: str | None, at: datetime
    ) -> Page:
        """Return the next page of orders by when they were placed, of the rest by when it was changed.

        Once a day orders of the last 60 days and all else are read: a product's variants change without the product.
        """
        begin, place = _begin(stream, since, at), place_of(cursor)
        by = "orderPlacedAt" if stream == "orders" else "updatedAt"
        query = (
            f"query($after: DateTime!, $skip: Int!) {{ {stream}(options: {{ take: {_SIZE}, skip: $skip, "
            f"sort: {{ {by}: ASC }}, filter: {{ {by}: {{ after: $after }} }} }}) "
            f"{{ totalItems items {{ {fields_of(SHAPES[stream], history=_LATEST)} }} }} }}"
        )
        after = (place.after or begin).isoformat()
        found = _ask(shop, http, query, at, {"after": after, "skip": (place.page - 1) * _SIZE})[stream]
        page = Page(total=found["totalItems"], seen=len(found["items"]))
        for item in found["items"]:
            self.take(page, stream, item, source=shop.name, seen_at=at)
        if page.seen == _SIZE:
            page.cursor = place_after(place, begin, [datetime.fromisoformat(one[by]) for one in found["items"]]).text()
        return page

    def read_item(
        self,
        stream: str,
        item: Any,
        beside: Mapping[str, str],  # noqa: ARG002 - all is in the item
        *,
        source: str,
        seen_at: datetime,
    ) -> list[NewFact]:
        """Return what an order, product or customer tells."""
        return fact_of(stream, item, source, seen_at)

    def check(self, shop: Shop, http: Http, *, at: datetime) -> Iterator[Check]:
        """Look whether this administrator may see the orders."""
        try:
            count = _ask(shop, http, "{ orders { totalItems } }", at, {})["orders"]["totalItems"]
            yield Check("Orders", "ok", f"The shop answers: {count:,} orders.")
        except KembaliError as error:
            yield Check("Orders", "failed", error.message, error.hint)


def _begin(stream: str, since: datetime | None, at: datetime) -> datetime:
    if since is None:
        return BEGIN
    is_daily = since.date() < at.date()
    if stream == "orders":
        return since - (_GROWN if is_daily else _YOUNG)
    return BEGIN if is_daily else since


def _ask(shop: Shop, http: Http, query: str, at: datetime, variables: dict[str, object]) -> Any:
    """Return what a query answers; signed in anew where the session has ended."""
    if "session" in shop.remembered:
        try:
            return _post(shop, http, query, at, variables).data
        except ShopRefuses as error:
            if error.said != "FORBIDDEN":
                raise
    _sign_in(shop, http, at)
    return _post(shop, http, query, at, variables).data


def _sign_in(shop: Shop, http: Http, at: datetime) -> None:
    shop.remembered.pop("session", None)
    mutation = "mutation($name: String!, $word: String!) { login(username: $name, password: $word) { __typename } }"
    who: dict[str, object] = {"name": shop.settings.get("username"), "word": shop.secrets.get("password")}
    token = _post(shop, http, mutation, at, who).headers.get("vendure-auth-token")
    if not token:
        raise ShopRefuses("Vendure does not know this administrator or password.", hint="Enter them again.")
    shop.remembered["session"] = token


def _post(shop: Shop, http: Http, query: str, at: datetime, variables: dict[str, object]) -> Said:
    session, channel = shop.remembered.get("session"), shop.settings.get("channel")
    headers = {"authorization": f"Bearer {session}"} if session else {}
    headers |= {"vendure-token": channel} if channel else {}
    return ask_graphql(http, shop.address, query, headers=headers, at=at, variables=variables)
