"""WooCommerce's REST API v3: where it is, how it is opened, and how a list is read that changes meanwhile."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from kembali.collect.connectors.asking import Answer, ask_json
from kembali.collect.connectors.errors import ShopAnswersNonsense, ShopRefuses
from kembali.collect.connectors.paging import BEGIN, Place, place_after
from kembali.collect.connectors.values import Http, Shop
from kembali.collect.connectors.woocommerce.shapes import instant_of

_ROOT = "/wc/v3/"
# Where a shop cannot be asked for what changed, orders of the last weeks are read again: few change later.
_RECENT = timedelta(days=31)
_SECOND = timedelta(seconds=1)


class Rest:
    """One shop's API. What it finds out about the shop stays in `shop.remembered`."""

    def __init__(self, shop: Shop, http: Http, at: datetime) -> None:
        self._shop = shop
        self._http = http
        self._at = at

    def get(self, path: str, **query: object) -> Answer:
        """Return what a path under `wc/v3` answers.

        Raises:
            Unavailable, Denied: as `ask_json`.
        """
        return self._ask("GET", path, query)

    def post(self, path: str, body: Mapping[str, object]) -> Answer:
        """Send something new."""
        return self._ask("POST", path, {}, body)

    def put(self, path: str, body: Mapping[str, object]) -> Answer:
        """Change something."""
        return self._ask("PUT", path, {}, body)

    def index(self) -> Answer:
        """Return what the site says about itself to anybody: its name, and which APIs it has."""
        return self._linked("GET", "/", {}, None, is_open=True)

    def _ask(
        self, method: str, path: str, query: Mapping[str, object], body: Mapping[str, object] | None = None
    ) -> Answer:
        """Ask with the keys in a header; where a server swallows that header, with the keys in the address."""
        remembered = self._shop.remembered
        try:
            return self._linked(method, _ROOT + path, query, body)
        except ShopRefuses as error:
            if error.status != 401 or remembered.get("keys") == "address":
                raise
        remembered["keys"] = "address"
        try:
            return self._linked(method, _ROOT + path, query, body)
        except ShopRefuses:
            del remembered["keys"]
            raise

    def _linked(
        self,
        method: str,
        route: str,
        query: Mapping[str, object],
        body: Mapping[str, object] | None,
        *,
        is_open: bool = False,
    ) -> Answer:
        """Ask by permalink; where the site has none, by `?rest_route=`."""
        remembered = self._shop.remembered
        if remembered.get("links") != "plain":
            try:
                answer = self._once(method, f"{self._shop.address}/wp-json{route}", query, body, is_open=is_open)
            except (ShopRefuses, ShopAnswersNonsense) as error:
                # Once seen to work it is no longer guessed at, but should it be gone, the next time.
                if getattr(error, "status", 404) not in (404, 301, 302) or remembered.pop("links", "") == "pretty":
                    raise
            else:
                remembered["links"] = "pretty"
                return answer
        plain = {"rest_route": route, **query}
        answer = self._once(method, f"{self._shop.address}/", plain, body, is_open=is_open)
        remembered["links"] = "plain"
        return answer

    def _once(
        self,
        method: str,
        url: str,
        query: Mapping[str, object],
        body: Mapping[str, object] | None,
        *,
        is_open: bool,
    ) -> Answer:
        headers: dict[str, str] = {}
        asked = {name: value for name, value in query.items() if value is not None}
        if not is_open:
            key, secret = self._shop.settings.get("key", ""), self._shop.secrets.get("secret", "")
            if self._shop.remembered.get("keys") == "address":
                asked |= {"consumer_key": key, "consumer_secret": secret}
            else:
                headers["authorization"] = basic(key, secret)
        full = f"{url}?{urlencode(asked)}" if asked else url
        answer = ask_json(self._http, method, full, headers=headers, at=self._at, body=body)
        self._look_at_the_clock(answer)
        return answer

    def _look_at_the_clock(self, answer: Answer) -> None:
        """Remember how far the shop's clock is ahead of ours: what changed is asked for by its clock."""
        try:
            theirs = parsedate_to_datetime(answer.headers.get("date", ""))
        except ValueError:
            return
        ahead_s = round((theirs.astimezone(UTC) - self._at).total_seconds())
        if abs(ahead_s) < 86_400:  # more is no clock that is wrong, but an answer out of some store
            self._shop.remembered["ahead_s"] = str(ahead_s)

    def changed(
        self, path: str, since: datetime | None, place: Place, *, size: int, **query: object
    ) -> tuple[list[Any], Place | None, int | None]:
        """Return the next page of what was modified since an instant, the place after it, and how many there are.

        Read in the order of modification, going on from the last instant seen: what is modified meanwhile moves to the
        end and comes again, and nothing is passed over. A shop that cannot do that (WooCommerce before 5.8) is read by
        its ids.
        """
        today, is_by_ids = self._at.date().isoformat(), place.after is None and place.page > 1
        if not is_by_ids and self._shop.remembered.get("by_ids_on") != today:  # an update may come any day
            try:
                return self._modified(path, since, place, size, query)
            except ShopRefuses as error:
                if error.status != 400 or "orderby" not in error.message:
                    raise
                self._shop.remembered["by_ids_on"] = today
        after = None if since is None else _gmt(since - _RECENT)
        answer = self.get(path, orderby="id", order="asc", per_page=size, page=place.page, after=after, **query)
        items = listed(answer)
        following = Place(page=place.page + 1) if len(items) >= size else None
        return items, following, total_of(answer)

    def _modified(
        self, path: str, since: datetime | None, place: Place, size: int, query: Mapping[str, object]
    ) -> tuple[list[Any], Place | None, int | None]:
        ahead = timedelta(seconds=int(self._shop.remembered.get("ahead_s", "0")))
        # “After” leaves out its own instant.
        begin = BEGIN if since is None else since + min(ahead, timedelta()) - _SECOND
        after = place.after or begin
        answer = self.get(
            path,
            orderby="modified",
            order="asc",
            modified_after=_gmt(after),
            dates_are_gmt="true",
            per_page=size,
            page=place.page,
            **query,
        )
        items = listed(answer)
        if len(items) < size:
            return items, None, total_of(answer)
        modified = (at for item in items if (at := _modified_at(item)) is not None)
        return items, place_after(place, begin, modified), total_of(answer)


def basic(key: str, secret: str) -> str:
    """Return keys as the header Authorization."""
    return "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()


def listed(answer: Answer) -> list[Any]:
    """Return the list a shop answered with.

    Raises:
        ShopAnswersNonsense: it is none.
    """
    if not isinstance(answer.json, list):
        raise ShopAnswersNonsense("The shop answers with something that is not a list.")
    return answer.json


def total_of(answer: Answer) -> int | None:
    """Return how many things the whole list has."""
    text = answer.headers.get("x-wp-total", "")
    return int(text) if text.isascii() and text.isdecimal() else None


def _modified_at(item: object) -> datetime | None:
    return instant_of(item.get("date_modified_gmt")) if isinstance(item, dict) else None


def _gmt(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
