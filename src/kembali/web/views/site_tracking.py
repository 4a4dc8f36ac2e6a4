"""Site tracking: the key and the line for the shop's pages."""

from html import escape
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages as notes
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from kembali.accounts import api as accounts
from kembali.collect import api as collect
from kembali.web.auth import staff_of
from kembali.web.clock import wall_now
from kembali.web.pages import site_tracking as pages
from kembali.web.requests import ShopRequest

_FIRST_SOURCE = "site"


def site_tracking(request: ShopRequest) -> HttpResponse:
    """Show the lines to paste; POST makes a public key. Keys live by the wall clock."""
    if request.method == "POST":
        return _create(request)
    edge_url = settings.KEMBALI.edge_url
    seen = {one.source: one for one in collect.list_sources()}
    rows = tuple(
        _row(key, seen.get(f"public:{key.source}"), edge_url)
        for key in reversed(accounts.list_keys())
        if key.public_token and key.revoked_at is None
    )
    staff = staff_of(request)
    page = pages.SiteTrackingPage(
        at=request.at,
        keys=rows,
        last_event_at=max((row.last_event_at for row in rows if row.last_event_at), default=None),
        edge_url=edge_url,
        only_here=settings.KEMBALI.edge_is_only_here,
        may_change=staff is not None and staff.role != staff.Role.VIEWER,
    )
    return pages.render(request, page)


def _create(request: ShopRequest) -> HttpResponse:
    source = request.POST.get("source", "").strip() or _FIRST_SOURCE
    accounts.create_key(source, is_public=True, at=wall_now())
    notes.success(request, gettext("The key is made. Paste its line into your shop's theme."))
    return redirect("web:site-tracking")


def _row(key: accounts.KeyView, seen: collect.SourceHealth | None, edge_url: str) -> pages.SiteKeyRow:
    source = f"public:{key.source}"
    return pages.SiteKeyRow(
        source=key.source,
        snippet=_snippet(edge_url, key.public_token or ""),
        snippet_with_consent=_snippet(edge_url, key.public_token or "", ' data-consent="required"'),
        created_at=key.created_at,
        last_event_at=seen.last_received_at if seen else None,
        event_count=seen.fact_count if seen else 0,
        events_href=f"{reverse('web:debugger')}?{urlencode({'source': source})}",
    )


def _snippet(edge_url: str, token: str, said: str = "") -> str:
    return f'<script async src="{escape(edge_url)}/kembali.js" data-key="{escape(token)}"{said}></script>'
