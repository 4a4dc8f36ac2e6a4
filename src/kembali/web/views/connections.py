"""Connected shops: the list, one of them, and what may be done with it."""

import msgspec
from django.conf import settings
from django.contrib import messages as notes
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext, ngettext

from kembali.accounts import api as accounts
from kembali.collect import api as collect
from kembali.infra.http import Client
from kembali.kernel.errors import KembaliError
from kembali.web.auth import staff_of
from kembali.web.pages import connections as pages
from kembali.web.pages.parts import Tag
from kembali.web.requests import ShopRequest

_PIXELS = {"shopify": "web/connect/shopify_pixel.js"}


def connections(request: ShopRequest) -> HttpResponse:
    """Show every connected shop."""
    views = collect.list_connections()
    failing = [view.name for view in views if view.last_error and view.paused_at is None]
    if not views:
        sentence = gettext("No shop is connected yet.")
    elif failing:
        sentence = gettext("%(name)s needs you.") % {"name": failing[0]}
    else:
        sentence = ngettext("Your shop is connected.", "Your shops are connected.", len(views))
    page = pages.ConnectionsPage(
        at=request.at,
        sentence=sentence,
        rows=tuple(row_of(view) for view in views),
        platforms=tuple(pages.PlatformChoice(one.platform, one.title) for one in collect.CONNECTORS.values()),
        may_change=may_change(request),
    )
    return pages.render_list(request, page)


def connection(request: ShopRequest, name: str) -> HttpResponse:
    """Show one connected shop: how far it has been read, and how its webhooks do."""
    view = _found(name)
    pixel = _PIXELS.get(view.platform, "")
    page = pages.ConnectionPage(
        at=request.at,
        row=row_of(view),
        sentence=_sentence(view),
        hook_url=view.hook_url,
        only_here=settings.KEMBALI.edge_is_only_here,
        topics=view.hook_topics,
        last_refused_hook_at=view.last_refused_hook_at,
        next_at=view.due_at,
        is_live=view.paused_at is None and not view.last_error,
        is_paused=view.paused_at is not None,
        streams=tuple(
            pages.StreamRow(
                one.stream.replace("_", " "), one.done_count, one.total_count, one.backfilled_at is not None
            )
            for one in view.streams
        ),
        totals=tuple(
            pages.TotalRow(f"{total.month:%Y-%m}", total.order_count, total.total_minor, total.currency)
            for total in collect.list_shop_totals()
            if total.source == view.name
        ),
        pixel=_pixel(pixel) if pixel else "",
        wants_pixel=bool(pixel),
        may_change=may_change(request),
    )
    return pages.render_one(request, page)


def act(request: ShopRequest, name: str) -> HttpResponse:
    """Pause, resume, ask again, ask for webhooks or remove; then back to where it was asked for."""
    _found(name)
    action = request.POST.get("action", "")
    http = Client(allow_private=settings.KEMBALI.allow_private_addresses)
    try:
        match action:
            case "pause":
                collect.pause_shop(name, at=request.at)
                notes.success(request, gettext("It is not asked any more. Its webhooks are still taken."))
            case "resume":
                collect.resume_shop(name, at=request.at)
                notes.success(request, gettext("It is asked again, at once."))
            case "backfill":
                collect.start_backfill(name, at=request.at)
                notes.success(request, gettext("Everything is read again. What is known is not counted twice."))
            case "webhooks":
                topics = collect.order_webhooks(name, http=http, at=request.at)
                notes.success(request, gettext("The shop sends %(count)s kinds of webhooks.") % {"count": len(topics)})
            case "test":
                _tell(request, collect.check_connection(name, http=http, at=request.at))
            case "remove":
                collect.remove_shop(name)
                notes.success(request, gettext("The shop and its keys are forgotten. What came from it stays."))
                return redirect("web:connections")
            case _:
                raise Http404
    except KembaliError as error:
        notes.error(request, str(error))
    return redirect("web:connection", name)


def pixel_of(template: str, *, edge_url: str, key: str) -> str:
    """Return a pixel as it is pasted: JavaScript, not HTML."""
    words = {name: msgspec.json.encode(value).decode() for name, value in (("edge_url", edge_url), ("key", key))}
    return render_to_string(template, words)


def row_of(view: collect.ConnectionView) -> pages.ConnectionRow:
    """Return a shop as lists show it."""
    return pages.ConnectionRow(
        name=view.name,
        title=view.title,
        address=view.address.removeprefix("https://"),
        state=_state(view),
        read_until=view.read_until,
        last_hook_at=view.last_hook_at,
        has_webhooks=view.has_webhooks,
        problem=view.last_error,
    )


def may_change(request: ShopRequest) -> bool:
    """Return whether who is signed in may change anything."""
    staff = staff_of(request)
    return staff is not None and staff.role != staff.Role.VIEWER


def _found(name: str) -> collect.ConnectionView:
    view = collect.connection_of(name)
    if view is None:
        raise Http404
    return view


def _state(view: collect.ConnectionView) -> Tag:
    if view.paused_at is not None:
        return Tag(gettext("paused"), "hold")
    if view.last_error:
        return Tag(gettext("trouble"), "away")
    return Tag(gettext("reading its history"), "hold") if view.is_backfilling else Tag(gettext("well"), "back")


def _sentence(view: collect.ConnectionView) -> str:
    if view.paused_at is not None:
        return gettext("It is paused.")
    if view.last_error:
        return gettext("Something is wrong.")
    if view.is_backfilling:
        return gettext("Its history is coming in…")
    return gettext("Nothing of it is missing.")


def _pixel(template: str) -> str:
    """Return the pixel with the newest public key in it, empty where there is none."""
    tokens = [key.public_token for key in accounts.list_keys() if key.public_token and key.revoked_at is None]
    if not tokens:
        return ""
    return pixel_of(template, edge_url=settings.KEMBALI.edge_url, key=tokens[-1])


def _tell(request: ShopRequest, checks: list[collect.Check]) -> None:
    failed = [check for check in checks if check.state == "failed"]
    if failed:
        notes.error(request, f"{failed[0].name}: {failed[0].words} {failed[0].hint}")
    else:
        notes.success(
            request, gettext("Everything is right: %(count)s things were looked at.") % {"count": len(checks)}
        )
