"""The line that a shop pastes into its pages, and whether something came from them."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from kembali.web.pages.base import render_page


@dataclass(frozen=True, slots=True)
class SiteKeyRow:
    """A public key, ready to paste, and what came from its source; several keys may have one source."""

    source: str
    snippet: str
    snippet_with_consent: str
    created_at: datetime
    last_event_at: datetime | None
    event_count: int
    events_href: str


@dataclass(frozen=True, slots=True)
class SiteTrackingPage:
    """Public keys that are open, the newest first.

    `only_here`: the edge's address is one that no visitor of a shop can reach.
    """

    at: datetime
    keys: tuple[SiteKeyRow, ...]
    last_event_at: datetime | None
    edge_url: str
    only_here: bool
    may_change: bool
    setting: str = "site-tracking"


def render(request: HttpRequest, page: SiteTrackingPage) -> HttpResponse:
    """Return the page."""
    return render_page(request, "web/site_tracking.html", page, nav="settings")
