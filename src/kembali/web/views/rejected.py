"""What was not understood, and having it read again."""

from datetime import timedelta

from django.contrib import messages as notes
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from kembali.collect import api as collect
from kembali.web import formatting
from kembali.web.auth import staff_of
from kembali.web.pages import rejected as pages
from kembali.web.pages.parts import Tag
from kembali.web.pages.people import Choice
from kembali.web.paging import PAGE_SIZE, cursor_of
from kembali.web.requests import ShopRequest

_DAYS = 30  # for as long events are kept
_MOST_ROUNDS = 5  # of 2,000 events in one request; what is left waits for the next press


def rejected(request: ShopRequest) -> HttpResponse:
    """Show what was not understood; POST has it read again."""
    if request.method == "POST":
        return _replay(request)
    source, reason_code = (request.GET.get(name, "").replace("\x00", "")[:200] for name in ("source", "reason"))
    tallies = collect.count_rejected_events(since=(request.at - timedelta(days=_DAYS)).date())
    found = collect.list_rejected_events(
        source=source or None, reason_code=reason_code or None, before_id=cursor_of(request, "before"), limit=PAGE_SIZE
    )
    parked = collect.tally_parked()
    waiting = collect.count_waiting_events()
    staff = staff_of(request)
    page = pages.RejectedPage(
        at=request.at,
        sentence=_sentence(waiting, sum(one.fact_count for one in parked)),
        days=_DAYS,
        source=source,
        reason_code=reason_code,
        sources=tuple(Choice(one, one) for one in sorted({one.source for one in tallies})),
        reasons=tuple(_reason(one) for one in tallies),
        rows=tuple(_row(one) for one in found),
        parked=tuple(
            pages.ParkedTallyRow(
                consumer=one.consumer,
                reason=one.reason,
                count=one.fact_count,
                example_seq=one.example_seq,
                last_at=one.last_at,
                is_asked=one.asked_count == one.fact_count,
            )
            for one in parked
        ),
        line_count=collect.count_rejected_lines(),
        further_href=_address(source, reason_code, before=found[-1].pk) if len(found) == PAGE_SIZE else "",
        may_change=staff is not None and staff.role != staff.Role.VIEWER,
    )
    return pages.render(request, page)


def _replay(request: ShopRequest) -> HttpResponse:
    source, reason_code = request.POST.get("source", ""), request.POST.get("reason", "")
    if consumer := request.POST.get("consumer"):
        asked = collect.ask_parked(consumer, reason=request.POST.get("parked_reason"), at=request.at)
        words = ngettext("One thing is handled again.", "%(n)s things are handled again.", asked)
        notes.success(request, words % {"n": formatting.number(asked)} + " " + gettext("Those that fail come back."))
        return redirect("web:rejected")
    ids = [int(one) for one in request.POST.getlist("event") if one.isascii() and one.isdecimal() and len(one) < 19]
    if not ids and not request.POST.get("all"):
        notes.warning(request, gettext("Choose the events to read again, or all of them."))
        return redirect(_address(source, reason_code))
    accepted, still = _read_again(request, ids, source, reason_code)
    words = gettext("%(accepted)s were taken in, %(still)s are still not understood.")
    told = words % {"accepted": formatting.number(accepted), "still": formatting.number(still)}
    (notes.success if accepted and not still else notes.warning)(request, told)
    return redirect(_address(source, reason_code))


def _read_again(request: ShopRequest, ids: list[int], source: str, reason_code: str) -> tuple[int, int]:
    """Return how many events are facts now, and how many are still rejected."""
    accepted = still = after = 0
    for _ in range(_MOST_ROUNDS):
        done = collect.replay_events(
            ids or None, at=request.at, source=source or None, reason_code=reason_code or None, after=after
        )
        accepted, still = accepted + done.accepted, still + done.rejected
        if done.last_id is None:
            break
        after = done.last_id
    return accepted, still


def _reason(one: collect.RejectedTally) -> pages.ReasonRow:
    return pages.ReasonRow(
        source=one.source,
        reason=one.reason_code.replace("_", " "),
        reason_code=one.reason_code,
        seen=one.seen_count,
        kept=one.kept_count,
        href=_address(one.source, one.reason_code) if one.kept_count else "",
    )


def _row(one: collect.RejectedEvent) -> pages.RejectedEventRow:
    if one.replayed_at is not None:
        state = Tag(gettext("✓ taken in since %(day)s") % {"day": f"{one.replayed_at:%Y-%m-%d}"}, "back")
    elif one.is_cut:
        state = Tag(gettext("cut: too large to read again"), "hold")
    else:
        state = Tag(gettext("waits"), "away")
    return pages.RejectedEventRow(
        event_id=one.pk,
        source=one.source,
        call=one.call,
        reason=one.reason,
        received_at=one.received_at,
        raw=bytes(one.raw).decode("utf-8", "replace"),
        state=state,
        may_replay=one.replayed_at is None and not one.is_cut,
    )


def _address(source: str, reason_code: str, *, before: int = 0) -> str:
    asked = {"source": source, "reason": reason_code, "before": str(before or "")}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{reverse('web:rejected')}{'?' if query else ''}{query}"


def _sentence(waiting: int, parked: int) -> str:
    if not waiting and not parked:
        return gettext("Everything that programs sent was understood.")
    parts = []
    if waiting:
        words = ngettext("one event was not understood", "%(n)s events were not understood", waiting)
        parts.append(words % {"n": formatting.number(waiting)})
    if parked:
        words = ngettext("one thing could not be handled", "%(n)s things could not be handled", parked)
        parts.append(words % {"n": formatting.number(parked)})
    told = gettext(" and ").join(parts)
    return gettext("%(what)s. Nothing of it is lost.") % {"what": told[:1].upper() + told[1:]}
