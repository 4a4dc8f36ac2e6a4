"""Settings: what the shop is, and where everything that can be set up stands."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from kembali.web.pages.base import render_page


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """The landing page: the shop's own facts, as label and words. Empty before the shop is set up."""

    at: datetime
    shop_facts: tuple[tuple[str, str], ...]


def render(request: HttpRequest, page: SettingsPage) -> HttpResponse:
    """Return the landing page."""
    return render_page(request, "web/settings.html", page, nav="settings")
