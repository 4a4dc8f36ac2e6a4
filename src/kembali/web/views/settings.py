"""Settings' landing page."""

from django.http import HttpResponse
from django.utils.translation import gettext

from kembali.shop import api as shop
from kembali.web import formatting
from kembali.web.pages import settings as pages
from kembali.web.requests import ShopRequest, shop_of


def settings(request: ShopRequest) -> HttpResponse:
    """Show what the shop is and what can be set up."""
    found = shop_of(request)
    return pages.render(request, pages.SettingsPage(at=request.at, shop_facts=_facts(found) if found else ()))


def _facts(found: shop.ShopSettings) -> tuple[tuple[str, str], ...]:
    return (
        (gettext("Shop"), found.name),
        (gettext("Counts in"), found.currency),
        (gettext("Lives in the time zone"), found.time_zone),
        (gettext("Margin where no cost is known"), formatting.percent(found.default_margin_percent / 100, 0)),
    )
