"""The connector for Shopify: what a person enters, what is asked for, what its webhooks are."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import msgspec

from kembali.collect.connectors.contracts import Connector, Webhooks
from kembali.collect.connectors.errors import BadConnection
from kembali.collect.connectors.shopify import hooks, nodes, questions
from kembali.collect.connectors.shopify.asking import TooCostly, ask, know_shop
from kembali.collect.connectors.shopify.checking import checks
from kembali.collect.connectors.shopify.goods import product_fact
from kembali.collect.connectors.shopify.orders import order_facts
from kembali.collect.connectors.shopify.people import consent_facts, profile_facts
from kembali.collect.connectors.shopify.subscribing import subscribe
from kembali.collect.connectors.values import About, Check, Delivery, Http, MonthTotal, Page, SetupField, Shop
from kembali.collect.contracts import NewFact, Reading
from kembali.kernel.clock import zone
from kembali.kernel.errors import Refused

_SHOP_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_SIZES = {"orders": 25, "customers": 100, "products": 25}
_QUESTIONS = {"orders": questions.ORDERS, "customers": questions.CUSTOMERS, "products": questions.PRODUCTS}
_MORE = {
    "orders": ("order", "lineItems", questions.ORDER_LINES),
    "products": ("product", "variants", questions.PRODUCT_VARIANTS),
}
_ASKED_FOR = "asked/"  # what was asked for and not understood is kept like a webhook
_ASKED = {f"{_ASKED_FOR}{stream}": stream for stream in _SIZES}
_BAD = (Refused, msgspec.MsgspecError, KeyError, TypeError, ValueError, AttributeError, RecursionError)


class ShopifyWebhooks(Webhooks):
    """What Shopify sends by itself."""

    def subscribe(self, shop: Shop, http: Http, *, hook_url: str, at: datetime) -> Sequence[str]:
        """See to it that all topics come to an address."""
        know_shop(shop, http, at)
        return subscribe(shop, http, hook_url=hook_url, at=at)

    def call_of(self, delivery: Delivery) -> str:
        """Return the topic."""
        return hooks.topic_of(delivery)

    def is_genuine(self, delivery: Delivery, shop: Shop) -> bool:
        """Return whether the app's secret signed this."""
        return hooks.is_genuine(delivery, shop)

    def is_greeting(self, delivery: Delivery) -> bool:  # noqa: ARG002 - Shopify sends none
        """Return False: Shopify signs everything."""
        return False

    def beside(self, delivery: Delivery, shop: Shop) -> Mapping[str, str]:
        """Return the delivery's own id and instant, and the shop's currency."""
        return hooks.beside_of(delivery, shop)

    def read(self, call: str, body: bytes, beside: Mapping[str, str], *, source: str, received_at: datetime) -> Reading:
        """Return what a webhook says."""
        try:
            if call in _ASKED:
                shop = Shop(name=source, address="", remembered=dict(beside))
                return Reading(facts=_FACTS[_ASKED[call]](msgspec.json.decode(body), shop, received_at))
            return Reading(facts=hooks.facts_of(call, body, beside, source=source, received_at=received_at))
        except _BAD as error:
            code = error.code if isinstance(error, Refused) else "not_understood"
            return Reading(rejected=[SHOPIFY.rejected(call, body, beside, source=source, code=code, reason=str(error))])

    def wakes(self, call: str) -> bool:
        """Return whether the shop must be asked to know more."""
        return call in hooks.WAKING


class Shopify(Connector):
    """Customers, products and orders with their parcels, by webhooks and by the GraphQL Admin API."""

    platform = "shopify"
    title = "Shopify"
    streams = ("customers", "products", "orders")
    webhooks = ShopifyWebhooks()
    fields = (
        SetupField("client_id", "Client id", "In the Dev Dashboard: your app, then Settings."),
        SetupField("client_secret", "Client secret", "Beside the client id.", is_secret=True),
    )

    def address_of(self, text: str) -> str:
        """Return `https://<shop>.myshopify.com`, whether the name, that address or the admin's was entered."""
        words = text.strip().rstrip("/").lower()
        if words.startswith("http://"):
            return words  # the one HTTP client decides: only where the owner allows addresses of their own network
        words = words.removeprefix("https://").removeprefix("admin.shopify.com/store/")
        name = words.partition("/")[0].removesuffix(".myshopify.com")
        if not _SHOP_NAME.fullmatch(name):
            raise BadConnection(
                f"“{text.strip()[:100]}” is not the address of a Shopify shop.",
                hint="Enter your-shop.myshopify.com: in the admin under Settings → Domains.",
            )
        return f"https://{name}.myshopify.com"

    def page(
        self, shop: Shop, http: Http, stream: str, *, since: datetime | None, cursor: str | None, at: datetime
    ) -> Page:
        """Return the next page of customers, products or orders, the longest unchanged first."""
        know_shop(shop, http, at)
        size = int(shop.remembered.get(f"size:{stream}", _SIZES[stream]))
        variables = {
            "first": size,
            "after": cursor,
            "query": f"updated_at:>={nodes.instant(since.astimezone(UTC))}" if since else None,
            "isFirst": cursor is None,
        }
        try:
            told = ask(shop, http, at, _QUESTIONS[stream], variables)
        except TooCostly:
            if size == 1:
                raise
            shop.remembered[f"size:{stream}"] = str(max(size // 2, 1))
            return self.page(shop, http, stream, since=since, cursor=cursor, at=at)
        found, place = told.data[stream]["nodes"], told.data[stream]["pageInfo"]
        page = Page(cursor=place["endCursor"] if place["hasNextPage"] else None, wait_s=told.wait_s, seen=len(found))
        if cursor is None:
            page.total = told.data[f"{stream}Count"]["count"]
        for node in found:
            self._read(shop, http, at, stream, node, page)
        return page

    def check(self, shop: Shop, http: Http, *, at: datetime) -> Iterator[Check]:
        """Look whether everything is right."""
        return checks(shop, http, at)

    def about(self, shop: Shop, http: Http, *, at: datetime) -> About | None:
        """Return the shop's name, currency and zone."""
        told = ask(shop, http, at, questions.SHOP).data["shop"]
        return About(str(told["name"]), str(told["currencyCode"]), str(told["ianaTimezone"]))

    def totals(self, shop: Shop, http: Http, *, months: Sequence[date], at: datetime) -> list[MonthTotal]:
        """Return how many orders the shop counts in these months of its own zone. Shopify does not tell their sum."""
        know_shop(shop, http, at)
        here = zone(shop.remembered["zone"])
        starts = [datetime.combine(month, time.min, here).astimezone(UTC) for month in months]
        ends = [*starts[1:], at.astimezone(UTC)]
        queries = {
            f"m{place}": f"processed_at:>={nodes.instant(start)} AND processed_at:<{nodes.instant(end)} AND test:false"
            for place, (start, end) in enumerate(zip(starts, ends, strict=True))
        }
        told = ask(shop, http, at, questions.order_counts(queries)).data
        return [
            MonthTotal(
                month=month,
                currency=shop.remembered["currency"],
                order_count=told[f"m{place}"]["count"],
                total_minor=None,
            )
            for place, month in enumerate(months)
        ]

    def _read(self, shop: Shop, http: Http, at: datetime, stream: str, node: dict[str, Any], page: Page) -> None:
        """Add what one thing says to a page, or it with the reason why it says nothing."""
        try:
            if stream in _MORE:
                _complete(shop, http, at, stream, node)
            page.facts += _FACTS[stream](node, shop, at)
        except _BAD as error:
            page.rejected.append(
                self.rejected(
                    f"{_ASKED_FOR}{stream}",
                    msgspec.json.encode(node),
                    {"currency": shop.remembered["currency"]},
                    source=shop.name,
                    code="not_understood",
                    reason=_words(error),
                )
            )


def _words(error: Exception) -> str:
    if isinstance(error, (Refused, msgspec.MsgspecError)):
        return str(error)
    return f"It is not of the shape that Shopify documents ({type(error).__name__}: {error})."


def _complete(shop: Shop, http: Http, at: datetime, stream: str, node: dict[str, Any]) -> None:
    """Ask for what did not fit into the page: more lines of an order, more variants of a product."""
    kind, name, question = _MORE[stream]
    place = node[name]["pageInfo"]
    while place["hasNextPage"]:
        told = ask(shop, http, at, question, {"id": node["id"], "after": place["endCursor"]}).data
        if not told[kind]:
            return  # deleted meanwhile
        node[name]["nodes"] += told[kind][name]["nodes"]
        place = told[kind][name]["pageInfo"]


def _order(node: Mapping[str, Any], shop: Shop, at: datetime) -> list[NewFact]:
    return list(order_facts(nodes.order_of(node), source=shop.name, observed_at=at))


def _customer(node: Mapping[str, Any], shop: Shop, at: datetime) -> list[NewFact]:
    customer, consents = nodes.customer_of(node)
    profile = profile_facts(customer, source=shop.name, at=at)
    return [*profile, *consent_facts(customer, consents, source=shop.name)]


def _product(node: Mapping[str, Any], shop: Shop, at: datetime) -> list[NewFact]:
    currency = shop.remembered["currency"]
    return [product_fact(nodes.product_of(node), source=shop.name, currency=currency, observed_at=at)]


_FACTS: Mapping[str, Callable[[Mapping[str, Any], Shop, datetime], list[NewFact]]] = {
    "orders": _order,
    "customers": _customer,
    "products": _product,
}

SHOPIFY = Shopify()
