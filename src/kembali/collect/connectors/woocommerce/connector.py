"""The connector for WooCommerce: what a person enters, what is checked, what is asked for."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from kembali.collect.connectors.contracts import Connector
from kembali.collect.connectors.errors import BadConnection, ShopRefuses
from kembali.collect.connectors.paging import BEGIN, Place, place_of
from kembali.collect.connectors.values import About, Check, Http, MonthTotal, Page, SetupField, Shop
from kembali.collect.connectors.woocommerce.checking import checks
from kembali.collect.connectors.woocommerce.reading import beside_of, facts_of
from kembali.collect.connectors.woocommerce.rest import Rest, listed, total_of
from kembali.collect.connectors.woocommerce.shapes import instant_of
from kembali.collect.connectors.woocommerce.webhooks import WooWebhooks
from kembali.collect.contracts import NewFact

_SIZE = 50  # orders or people a page: shops live on small servers
_DRAFTS_LAST = timedelta(days=3)  # WooCommerce counts drafts of the checkout as orders, and clears them away daily
_PRODUCTS = 20  # each with variations is one question more


class WooCommerce(Connector):
    """Orders (deleted ones too), products and accounts, by webhooks and by asking."""

    platform = "woocommerce"
    title = "WooCommerce"
    streams = ("orders", "deleted_orders", "products", "deleted_products", "customers")
    webhooks = WooWebhooks()
    fields = (
        SetupField("key", "Consumer key", "WooCommerce → Settings → Advanced → REST API.", placeholder="ck_…"),
        SetupField("secret", "Consumer secret", "Shown once, beside the key.", is_secret=True, placeholder="cs_…"),
        SetupField(
            "statuses",
            "Your own order statuses",
            "What statuses of plugins mean, such as shipped=paid, in-production=paid.",
            is_needed=False,
        ),
        SetupField(
            "consent_field",
            "Newsletter box at the checkout",
            "The key under which the order keeps its tick; empty: no permission is read from orders.",
            is_needed=False,
            placeholder="_wc_other/my-shop/newsletter",
        ),
        SetupField(
            "consent_wording", "The words beside that box", "They are kept as proof of the permission.", is_needed=False
        ),
        SetupField(
            "hook_secret",
            "Secret of webhooks made by hand",
            "Only where kembali may not make them itself.",
            is_secret=True,
            is_needed=False,
        ),
    )

    def address_of(self, text: str) -> str:
        """Return a shop's address: with its scheme, without what leads into the API or the dashboard."""
        address = text.strip().rstrip("/")
        address = address if "://" in address else f"https://{address}"
        for inner in ("/wp-json", "/wp-admin", "/index.php", "/?rest_route="):
            address = address.partition(inner)[0]
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
            raise BadConnection(
                f"“{text.strip()[:80]}” is not a shop's address.", hint="Enter https://www.shop.example."
            )
        return address.rstrip("/")

    def page(
        self, shop: Shop, http: Http, stream: str, *, since: datetime | None, cursor: str | None, at: datetime
    ) -> Page:
        """Return the next page of orders, deleted orders, products or accounts.

        Variations can change without their product, and accounts cannot be asked for by their changes: products and
        accounts are read completely once a day.
        """
        rest, place = Rest(shop, http, at), place_of(cursor)
        if stream in ("products", "customers") and cursor is None and since is not None and since.date() < at.date():
            since = None
        path = stream.removeprefix("deleted_")
        if path == "products":
            _currency(shop, rest)
        if path == "customers":
            items, following, total = _accounts(rest, since, place)
        else:
            size = _PRODUCTS if path == "products" else _SIZE
            status = "trash" if path != stream else None
            items, following, total = rest.changed(path, since, place, size=size, status=status)
        page = Page(cursor=following.text() if following else None, total=total, seen=len(items))
        for item in items:
            whole = _with_variations(rest, item) if path == "products" else item
            self.take(page, path, whole, source=shop.name, seen_at=at, beside=beside_of(shop))
        return page

    def read_item(
        self, stream: str, item: Any, beside: Mapping[str, str], *, source: str, seen_at: datetime
    ) -> list[NewFact]:
        """Return what an order, product or account tells."""
        return facts_of(stream.removesuffix("s"), item, beside, source=source, seen_at=seen_at)

    def check(self, shop: Shop, http: Http, *, at: datetime) -> Iterator[Check]:
        """Look at the address, the keys and their rights, the statuses of orders, and the webhooks."""
        return checks(shop, Rest(shop, http, at))

    def about(self, shop: Shop, http: Http, *, at: datetime) -> About | None:
        """Return the shop's name, currency and zone, None where WordPress knows only hours from UTC."""
        rest = Rest(shop, http, at)
        site = rest.index().json
        if not isinstance(site, dict) or not site.get("timezone_string"):
            return None
        return About(str(site.get("name", "")), _currency(shop, rest), str(site["timezone_string"]))

    def totals(self, shop: Shop, http: Http, *, months: Sequence[date], at: datetime) -> list[MonthTotal]:
        """Return how many orders the shop has of each month; their sum it does not tell."""
        rest = Rest(shop, http, at)
        currency = _currency(shop, rest)
        found = []
        for month in months:
            following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
            count = _count(rest, month, following)
            if count is not None and following > at.date() - _DRAFTS_LAST:
                count -= _count(rest, month, following, status="checkout-draft") or 0
            if count is not None:
                found.append(MonthTotal(month=month, currency=currency, order_count=count, total_minor=None))
        return found


def _count(rest: Rest, begin: date, end: date, status: str | None = None) -> int | None:
    """Return how many orders were placed between two days of the shop's own zone, deleted ones left out."""
    before = datetime.combine(end, time.min).isoformat()
    try:
        return total_of(rest.get("orders", per_page=1, after=_before_midnight(begin), before=before, status=status))
    except ShopRefuses as error:
        if error.status != 400 or status is None:
            raise
        return 0  # a WooCommerce that does not know this status has no such orders


def _currency(shop: Shop, rest: Rest) -> str:
    """Return the shop's currency, asked for once: products do not tell theirs."""
    if "currency" not in shop.remembered:
        answer = rest.get("data/currencies/current").json
        shop.remembered["currency"] = str(answer.get("code", "")) if isinstance(answer, dict) else ""
    return shop.remembered["currency"]


def _accounts(rest: Rest, since: datetime | None, place: Place) -> tuple[list[Any], Place | None, int | None]:
    """Return a page of all accounts (`place.after` says so on later pages), or of the new ones, the latest first."""
    is_complete = since is None or place.after is not None
    by = {"orderby": "id", "order": "asc"} if is_complete else {"orderby": "registered_date", "order": "desc"}
    answer = rest.get("customers", role="all", per_page=_SIZE, page=place.page, **by)
    items = listed(answer)
    if is_complete:
        following = Place(after=BEGIN, page=place.page + 1)
        return items, following if len(items) >= _SIZE else None, total_of(answer)
    made = [instant_of(one.get("date_created_gmt")) for one in items if isinstance(one, dict)]
    is_last = len(items) < _SIZE or any(at is not None and since is not None and at < since for at in made)
    return items, None if is_last else Place(page=place.page + 1), None


def _with_variations(rest: Rest, item: Any) -> Any:
    """Return a product with its variations, asked for one product at a time: the list has only their ids."""
    if not isinstance(item, dict) or not item.get("variations") or not isinstance(item.get("id"), int):
        return item
    found: list[Any] = []
    for page in range(1, 11):
        answer = listed(rest.get(f"products/{item['id']}/variations", per_page=100, page=page, orderby="id"))
        found += answer
        if len(answer) < 100:
            break
    return item | {"variations": found}


def _before_midnight(day: date) -> str:
    """Return the last second before a day: “after” excludes its own instant."""
    return datetime.fromtimestamp(datetime.combine(day, time.min, UTC).timestamp() - 1, UTC).strftime(
        "%Y-%m-%dT%H:%M:%S"
    )
