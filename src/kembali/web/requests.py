"""What a request carries here besides Django's own: the shop as it is, and the moment the page is about."""

from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from kembali.shop.api import ShopSettings
from kembali.web.clock import request_now


class ShopRequest(HttpRequest):
    """A request after `middleware.ShopMiddleware`. `shop` is None before the shop is set up; `at` is business time."""

    shop: ShopSettings | None
    at: datetime


def carry(request: HttpRequest, shop: ShopSettings | None) -> None:
    """Put the shop and its moment on a request."""
    ours = cast("ShopRequest", request)
    ours.shop = shop
    ours.at = request_now(shop)


def shop_of(request: HttpRequest) -> ShopSettings | None:
    """Return the shop a request carries; None where it is not set up, or an error came before it was looked up."""
    found: ShopSettings | None = getattr(request, "shop", None)
    return found


def currency_of(request: HttpRequest) -> str:
    """Return the shop's currency, empty before it has one."""
    found = shop_of(request)
    return found.currency if found else ""


def zone_of(request: HttpRequest) -> ZoneInfo:
    """Return the shop's zone, UTC before it has one."""
    found = shop_of(request)
    return ZoneInfo(found.time_zone if found else "UTC")
