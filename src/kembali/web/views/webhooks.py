"""Outgoing webhooks: who is told, whether it arrives, and sending again."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages as notes
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from kembali.collect import api as collect
from kembali.kernel.clock import parse_instant
from kembali.kernel.errors import KembaliError, Refused, Unavailable
from kembali.relay import api as relay
from kembali.web import formatting
from kembali.web.pages import webhooks as pages
from kembali.web.pages.parts import Tag
from kembali.web.paging import PAGE_SIZE, cursor_of
from kembali.web.requests import ShopRequest, zone_of
from kembali.web.views.keys import is_owner, key_id_of, needs_owner

_NONE = relay.Backlog(0, 0, 0)


def webhooks(request: ShopRequest) -> HttpResponse:
    """Show all endpoints; POST adds one and shows its secret, once."""
    if request.method == "POST":
        needs_owner(request)
        form = _entered(request)
        try:
            made, secret = relay.create_endpoint(
                form.url,
                kinds=form.kinds,
                description=form.description,
                with_history=form.with_history,
                at=request.at,
            )
        except (Refused, Unavailable) as error:
            return pages.render_list(request, _list(request, _with_error(form, error)))
        return pages.render_one(request, _one(request, made, secret=secret))
    return pages.render_list(
        request, _list(request, pages.EndpointForm("", "", (), with_history=False, all_kinds=_all_kinds()))
    )


def webhook(request: ShopRequest, endpoint_id: int) -> HttpResponse:
    """Show one endpoint with its log; POST does what its buttons say."""
    found = relay.endpoint_of(endpoint_id)
    if request.method != "POST":
        return pages.render_one(request, _one(request, found))
    needs_owner(request)
    action = request.POST.get("action", "")
    if action == "rotate":
        secret = relay.rotate_secret(endpoint_id, at=request.at)
        return pages.render_one(request, _one(request, relay.endpoint_of(endpoint_id), secret=secret))
    if action == "change":
        return _change(request, found)
    if action in _ACTIONS:
        _ACTIONS[action](request, endpoint_id)
    return redirect("web:webhooks") if action == "remove" else redirect("web:webhook", endpoint_id)


def delivery(request: ShopRequest, delivery_id: int) -> HttpResponse:
    """Show one delivery with its calls; POST sends it again."""
    found = relay.delivery_of(delivery_id)
    if request.method == "POST":
        needs_owner(request)
        relay.replay_delivery(delivery_id, at=request.at)
        notes.success(request, gettext("It is sent again within seconds."))
        return redirect("web:webhook-delivery", delivery_id)
    page = pages.DeliveryPage(
        at=request.at,
        row=_delivery(found),
        endpoint_id=found.endpoint_id,
        url=relay.endpoint_of(found.endpoint_id).url,
        due_at=found.due_at if found.state == "waiting" else None,
        attempts=tuple(
            pages.AttemptRow(
                number=one.number,
                at=one.at,
                duration_ms=one.duration_ms,
                answer=one.problem or str(one.status),
                body=one.answer,
                is_good=one.status is not None and 200 <= one.status < 300,
            )
            for one in relay.attempts_of(delivery_id)
        ),
        may_change=is_owner(request),
    )
    return pages.render_delivery(request, page)


def _change(request: ShopRequest, found: relay.Endpoint) -> HttpResponse:
    form = _entered(request)
    try:
        relay.change_endpoint(
            found.id, url=form.url, kinds=form.kinds, description=form.description, with_history=form.with_history
        )
    except (Refused, Unavailable) as error:
        return pages.render_one(request, _one(request, found, form=_with_error(form, error)))
    notes.success(request, gettext("Changed. What waits goes there, too."))
    return redirect("web:webhook", found.id)


def _test(request: ShopRequest, endpoint_id: int) -> None:
    found = relay.send_test(endpoint_id, at=request.at)
    if found.status is not None and 200 <= found.status < 300:
        notes.success(request, gettext("It answered %(status)s.") % {"status": found.status})
    else:
        said = found.problem or gettext("It answered %(status)s.") % {"status": found.status}
        notes.warning(request, gettext("The test was not taken: %(why)s") % {"why": said})


def _pause(request: ShopRequest, endpoint_id: int) -> None:
    relay.pause_endpoint(endpoint_id, at=request.at)


def _resume(_request: ShopRequest, endpoint_id: int) -> None:
    relay.resume_endpoint(endpoint_id)


def _remove(_request: ShopRequest, endpoint_id: int) -> None:
    relay.remove_endpoint(endpoint_id)


def _replay(request: ShopRequest, endpoint_id: int) -> None:
    since, until = (_instant(request, name) for name in ("since", "until"))
    if since is None:
        notes.warning(request, gettext("Say from when on."))
        return
    relay.start_replay(endpoint_id, since=since, until=until, at=request.at)
    notes.success(request, gettext("This is sent again, behind what is new."))


def _replay_one(request: ShopRequest, endpoint_id: int) -> None:
    found = relay.delivery_of(key_id_of(request.POST.get("delivery", "")))
    if found.endpoint_id == endpoint_id:
        relay.replay_delivery(found.id, at=request.at)
        notes.success(request, gettext("It is sent again within seconds."))


_ACTIONS: dict[str, Callable[[ShopRequest, int], None]] = {
    "test": _test,
    "pause": _pause,
    "resume": _resume,
    "remove": _remove,
    "replay": _replay,
    "replay-one": _replay_one,
}


def _instant(request: ShopRequest, name: str) -> datetime | None:
    text = request.POST.get(name, "").strip()
    return parse_instant(text, zone_of(request)) if text else None


def _all_kinds() -> tuple[str, ...]:
    return tuple(collect.kinds_seen())


def _entered(request: ShopRequest) -> pages.EndpointForm:
    return pages.EndpointForm(
        url=request.POST.get("url", "").strip(),
        description=request.POST.get("description", "").strip(),
        kinds=tuple(request.POST.getlist("kind")),
        with_history=bool(request.POST.get("with_history")),
        all_kinds=_all_kinds(),
    )


def _with_error(form: pages.EndpointForm, error: KembaliError) -> pages.EndpointForm:
    return pages.EndpointForm(
        form.url, form.description, form.kinds, form.with_history, form.all_kinds, error.message, error.hint
    )


def _list(request: ShopRequest, form: pages.EndpointForm) -> pages.WebhooksPage:
    backlogs = relay.backlogs()
    rows = tuple(_row(one, backlogs.get(one.id, _NONE)) for one in relay.list_endpoints())
    return pages.WebhooksPage(at=request.at, rows=rows, form=form, may_change=is_owner(request))


def _one(
    request: ShopRequest, found: relay.Endpoint, *, secret: str = "", form: pages.EndpointForm | None = None
) -> pages.WebhookPage:
    deliveries = relay.list_deliveries(found.id, before=cursor_of(request, "before"), limit=PAGE_SIZE)
    kinds = tuple(sorted({*_all_kinds(), *found.kinds}))
    former = found.former_secret_until
    return pages.WebhookPage(
        at=request.at,
        row=_row(found, relay.backlogs().get(found.id, _NONE)),
        is_open=found.state == "open",
        trouble=_trouble(found),
        former_until=former if former is not None and former > request.at else None,
        deliveries=tuple(_delivery(one) for one in deliveries),
        further_href=f"?before={deliveries[-1].id}" if len(deliveries) == PAGE_SIZE else "",
        replays=tuple(
            pages.ReplayRow(one.since, one.until, one.queued_count, one.finished_at is not None)
            for one in relay.list_replays(found.id)
        ),
        form=form or pages.EndpointForm(found.url, found.description, found.kinds, found.with_history, kinds),
        may_change=is_owner(request),
        secret=secret,
    )


def _row(one: relay.Endpoint, backlog: relay.Backlog) -> pages.EndpointRow:
    return pages.EndpointRow(
        endpoint_id=one.id,
        url=one.url,
        description=one.description,
        kinds=one.kinds,
        state=_state(one),
        waiting=backlog.waiting,
        delivered=backlog.delivered,
        failed=backlog.failed,
        delivered_at=one.delivered_at,
    )


def _state(one: relay.Endpoint) -> Tag:
    if one.state == "disabled":
        return Tag(gettext("▲ disabled"), "away")
    if one.state == "paused":
        return Tag(gettext("paused"), "hold")
    if one.failing_since is not None:
        return Tag(gettext("▲ does not take anything"), "away")
    return Tag(gettext("✓ open"), "back")


def _trouble(one: relay.Endpoint) -> str:
    if one.state == "disabled" and one.disabled_why == "gone":
        return gettext("It answered 410, which means: never again. What happens now is not kept for it.")
    if one.state == "disabled":
        return gettext("It took nothing for five days and was disabled. What happens now is not kept for it.")
    if one.failing_since is not None:
        return gettext("Nothing is lost: it is tried again, less and less often, for three days.")
    return ""


def _delivery(one: relay.Delivery) -> pages.DeliveryRow:
    states = {
        "waiting": Tag(gettext("waits"), "hold"),
        "delivered": Tag(gettext("✓ taken"), "back"),
        "failed": Tag(gettext("not taken"), "away"),
    }
    status = formatting.number(one.last_status) if one.last_status is not None else ""
    return pages.DeliveryRow(
        delivery_id=one.id,
        kind=one.kind,
        fact_seq=one.fact_seq,
        made_at=one.made_at,
        attempts=one.attempt_count,
        answer=one.last_problem or status,
        state=states[one.state],
        may_replay=one.fact_seq is not None,
    )
