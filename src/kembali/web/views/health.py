"""Data & health: sources, sums, imports, what was not understood, and whether everything runs."""

from django.contrib import messages as notes
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext

from kembali.collect import api as collect
from kembali.shop import api as shop
from kembali.web import formatting
from kembali.web.auth import staff_of
from kembali.web.pages import health as pages
from kembali.web.pages.parts import Pager, Tag
from kembali.web.requests import ShopRequest, currency_of
from kembali.web.sources import source_rows
from kembali.web.trust import demand_rows, double_rows, left_out_rows, order_totals, process_rows

_REJECTED_SHOWN = 25


def health(request: ShopRequest) -> HttpResponse:
    """Show the state of the data."""
    at = request.at
    rejected_count, parked_count = collect.count_rejected_lines(), collect.count_parked()
    sources, found, staff = tuple(source_rows(at)), tuple(double_rows()), staff_of(request)
    page = pages.HealthPage(
        at=at,
        currency=currency_of(request),
        sentence=_sentence(
            rejected_count,
            collect.count_waiting_events(),
            parked_count,
            sum(one.order_count for one in found),
            has_sources=bool(sources),
        ),
        sources=sources,
        totals=tuple(order_totals(currency_of(request))),
        doubles=found,
        left_out=tuple(left_out_rows()),
        demands=tuple(demand_rows()),
        may_change=staff is not None and staff.role != staff.Role.VIEWER,
        imports=tuple(
            pages.ImportRow(
                import_id=one.pk,
                file_name=one.file_name,
                imported_at=one.started_at,
                lines=one.line_count,
                accepted=one.accepted_count,
                merged=one.merged_count,
                rejected=one.rejected_count,
                state=Tag(gettext("done"), "back") if one.finished_at else Tag(gettext("not finished"), "hold"),
            )
            for one in collect.list_imports()
        ),
        processes=tuple(process_rows(at, parked_count)),
        rejected_total=rejected_count,
        rejected=tuple(
            pages.RejectedRow(
                reject_id=one.pk,
                source=one.file_import.file_name,
                where=gettext("line %(n)s") % {"n": formatting.number(one.line_number)},
                reason=one.reason,
                excerpt=one.raw[:200],
                received_at=one.file_import.started_at,
            )
            for one in collect.list_rejected_lines(limit=_REJECTED_SHOWN)
        ),
        pager=Pager(),
    )
    return pages.render(request, page)


def doubles(request: ShopRequest) -> HttpResponse:
    """Leave the orders of one source out beside another's, or count them again."""
    source, beside = (request.POST.get(name, "").replace("\x00", "")[:200] for name in ("source", "beside"))
    if request.POST.get("answer") == "back":
        count = shop.take_doubles_back(source, beside=beside, at=request.at)
        said = ngettext("One order counts again.", "%(n)s orders count again.", count)
    else:
        count = shop.leave_out_doubles(source, beside=beside, at=request.at)
        said = ngettext(
            "One order of %(source)s leaves the sums within seconds.",
            "%(n)s orders of %(source)s leave the sums within seconds.",
            count,
        )
    notes.success(request, said % {"n": formatting.number(count), "source": source})
    return redirect("web:health")


def demands(request: ShopRequest) -> HttpResponse:
    """Write down that a demand by law was answered."""
    asked, staff = request.POST.get("seq", ""), staff_of(request)
    seq = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else 0
    collect.answer_demand(seq, by=staff.email if staff else "", at=request.at)
    notes.success(request, gettext("Written down as answered."))
    return redirect("web:health")


def _sentence(rejected_count: int, event_count: int, parked_count: int, double_count: int, *, has_sources: bool) -> str:
    if not has_sources:
        return gettext("There is nothing to check yet.")
    if double_count:
        words = ngettext(
            "One order stands in two sources: is it counted twice?",
            "%(n)s orders stand in two sources: are they counted twice?",
            double_count,
        )
        return words % {"n": formatting.number(double_count)}
    if parked_count:
        words = ngettext("One thing could not be handled.", "%(n)s things could not be handled.", parked_count)
        return words % {"n": formatting.number(parked_count)}
    if rejected_count:
        words = ngettext(
            "Every line is accounted for; one was not understood.",
            "Every line is accounted for; %(n)s were not understood.",
            rejected_count,
        )
        return words % {"n": formatting.number(rejected_count)}
    if event_count:
        words = ngettext(
            "Every line is accounted for; one event of a program was not understood.",
            "Every line is accounted for; %(n)s events of programs were not understood.",
            event_count,
        )
        return words % {"n": formatting.number(event_count)}
    return gettext("The numbers can be trusted: everything that came is accounted for.")
