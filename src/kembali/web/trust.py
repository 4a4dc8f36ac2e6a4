"""What Home and Data & health say about the data: plain findings, each with how it stands."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from kembali.collect import api as collect
from kembali.insight import api as insight
from kembali.messages import api as messages
from kembali.shop import api as shop
from kembali.web import formatting
from kembali.web.naming import names_of
from kembali.web.pages.health import DemandRow, DoubleRow, LeftOutRow, OrderTotals, ProcessRow
from kembali.web.pages.home import TrustRow
from kembali.web.pages.parts import Link, Tag

_LATE = timedelta(minutes=45)
_WANTED = {
    "export": "A person wants all that is known of them",
    "erasure": "A person wants to be forgotten",
    "shop_erasure": "The shop wants all its data erased",
}
_MONTHS_SHOWN = 6
_MONTHS_TOLD = 3  # of each connected shop


def trust_rows(at: datetime, rejected_count: int) -> Iterator[TrustRow]:
    """Yield the few findings Home has room for."""
    health = reverse("web:health")
    if last := next(iter(collect.list_imports(limit=1)), None):
        lines = gettext("%(when)s, %(n)s lines")
        when = formatting.relative(last.started_at, at)
        state = Tag(gettext("✓ complete"), "back") if last.finished_at else Tag(gettext("running"), "hold")
        said = lines % {"when": when, "n": formatting.number(last.line_count)}
        yield TrustRow(last.file_name, said, state, health)
    if newest := collect.latest_fact():
        source, received_at = newest
        words = gettext("newest %(when)s, from %(source)s")
        said = words % {"when": formatting.relative(received_at, at), "source": source}
        yield TrustRow(gettext("Facts"), said, Tag(gettext("✓ kept"), "back"))
    yield _refreshed(at)
    if rejected_count:
        words = ngettext("one line was not understood", "%(n)s lines were not understood", rejected_count)
        tag = Tag(gettext("▲ %(n)s kept") % {"n": formatting.number(rejected_count)}, "away")
        said = words % {"n": formatting.number(rejected_count)}
        yield TrustRow(gettext("Rejected lines"), said, tag, f"{health}#rejected")
    else:
        yield TrustRow(gettext("Rejected lines"), gettext("everything was understood"), Tag("✓ 0", "back"), health)
    if waiting := collect.count_waiting_events():
        words = ngettext("one event was not understood", "%(n)s events were not understood", waiting)
        tag = Tag(gettext("▲ %(n)s kept") % {"n": formatting.number(waiting)}, "away")
        said = words % {"n": formatting.number(waiting)}
        yield TrustRow(gettext("Rejected events"), said, tag, reverse("web:rejected"))
    if doubled := sum(one.order_count for one in shop.possible_doubles()):
        words = ngettext("one order stands in two sources", "%(n)s orders stand in two sources", doubled)
        said = words % {"n": formatting.number(doubled)}
        yield TrustRow(gettext("Counted twice?"), said, Tag(gettext("▲ to decide"), "away"), health)
    if asked := shop.count_questions(at):
        words = ngettext("one pair may be one person, or two", "%(n)s pairs may be one person, or two", asked)
        tag = Tag(gettext("▲ %(n)s to decide") % {"n": formatting.number(asked)}, "hold")
        said = words % {"n": formatting.number(asked)}
        yield TrustRow(gettext("Who is who"), said, tag, reverse("web:to-decide"))


def _refreshed(at: datetime) -> TrustRow:
    row = refresh_row(at)
    return TrustRow(row.name, row.finding, row.state)


def process_rows(at: datetime, parked_count: int) -> Iterator[ProcessRow]:
    """Yield how the parts of the machinery stand."""
    yield refresh_row(at)
    if parked_count:
        words = ngettext("one thing could not be handled", "%(n)s things could not be handled", parked_count)
        parked = Tag(gettext("▲ %(n)s waiting") % {"n": parked_count}, "away")
        yield ProcessRow(gettext("Taking in what comes"), words % {"n": parked_count}, parked)
    else:
        yield _distance_row()
    unknown = len(messages.list_unknown(limit=1000))
    finding = (
        gettext("nobody knows whether they arrived; none is sent again by itself") if unknown else gettext("none lost")
    )
    state = Tag(gettext("▲ %(n)s unknown") % {"n": unknown}, "away") if unknown else Tag(gettext("✓ clear"), "back")
    yield ProcessRow(gettext("Hand-over of mails"), finding, state)
    if settings.KEMBALI.smtp_url is None:
        yield ProcessRow(gettext("Mail server"), gettext("built-in mailbox: nothing leaves"), Tag("SIMULATED", "sim"))
    else:
        yield ProcessRow(gettext("Mail server"), gettext("your own, by SMTP"), Tag(gettext("set"), "back"))


def _distance_row() -> ProcessRow:
    """Return how far the slowest reader of the log is behind."""
    name, behind = gettext("Taking in what comes"), collect.distances()[:1]
    if not behind or not behind[0][1]:
        return ProcessRow(name, gettext("everything that came was taken in"), Tag(gettext("✓ level"), "back"))
    consumer, waiting = behind[0]
    words = ngettext("one thing waits for %(who)s", "%(n)s things wait for %(who)s", waiting)
    if waiting >= collect.COUNTED_UP_TO:
        words = gettext("more than %(n)s things wait for %(who)s")
    said = words % {"n": formatting.number(waiting), "who": consumer}
    return ProcessRow(name, said, Tag(gettext("catching up"), "hold"))


def refresh_row(at: datetime) -> ProcessRow:
    """Return when insight was last refreshed, which also tells whether a worker runs."""
    name = gettext("Insight and segments")
    last = insight.last_refresh()
    if last is None:
        hint = gettext("never yet: kembali up, or kembali refresh, does it")
        return ProcessRow(name, hint, Tag(gettext("waiting"), "hold"))
    said = gettext("refreshed %(when)s") % {"when": formatting.relative(last.at, at)}
    if at - last.at > _LATE:
        return ProcessRow(
            name, gettext("%(said)s: does a worker run?") % {"said": said}, Tag(gettext("▲ late"), "away")
        )
    return ProcessRow(name, said, Tag(gettext("✓ fresh"), "back"))


def order_totals(currency: str) -> Iterator[OrderTotals]:
    """Yield sums per source, beside what its files said where they are all it had, then the newest months."""
    totals = [one for one in shop.order_totals() if one.currency == currency]
    told = _told_by_files(currency)
    for source in dict.fromkeys(one.source for one in totals):
        of_source = [one for one in totals if one.source == source]
        label = gettext("%(source)s, all in all") % {"source": source}
        yield _total(label, of_source, told.get(source))
    orders = [one for one in totals if one.kind == "order"]
    yield from _told_by_shops(orders, currency)
    for month in list(dict.fromkeys(one.month for one in orders))[:_MONTHS_SHOWN]:
        yield _total(formatting.month(month), [one for one in orders if one.month == month], None)


def _told_by_shops(orders: list[shop.OrderTotal], currency: str) -> Iterator[OrderTotals]:
    """Yield the newest months of each connected shop beside what it counts itself."""
    shown: dict[str, int] = {}
    for told in collect.list_shop_totals():
        if told.currency != currency or shown.get(told.source, 0) == _MONTHS_TOLD:
            continue
        shown[told.source] = shown.get(told.source, 0) + 1
        here = [one for one in orders if (one.source, one.month) == (told.source, told.month)]
        label = gettext("%(source)s, %(month)s") % {"source": told.source, "month": formatting.month(told.month)}
        went_on = any(one.last_placed_at > told.asked_at for one in here)
        yield replace(_total(label, here, told.total_minor), there_count=told.order_count, went_on=went_on)


def double_rows() -> Iterator[DoubleRow]:
    """Yield pairs of sources that tell of the same orders."""
    for one in shop.possible_doubles():
        yield DoubleRow(one.source, one.other_source, one.order_count, one.net_minor, ", ".join(one.examples))


def left_out_rows() -> Iterator[LeftOutRow]:
    """Yield whose orders are left out beside whose."""
    for one in shop.doubles_left_out():
        yield LeftOutRow(one.source, one.beside, one.order_count)


def _total(label: str, totals: Iterable[shop.OrderTotal], there_minor: int | None) -> OrderTotals:
    found = list(totals)
    return OrderTotals(label, sum(one.order_count for one in found), sum(one.gross_minor for one in found), there_minor)


def _told_by_files(currency: str) -> dict[str, int]:
    """Return the sum a source's file told, where one file is all that came from it: only then they must be equal."""
    imports = [one for one in collect.list_imports(limit=200) if one.finished_at and one.currency == currency]
    facts = {one.source: one.fact_count for one in collect.list_sources()}
    return {
        one.source: one.revenue_minor
        for one in imports
        if sum(other.source == one.source for other in imports) == 1 and facts.get(one.source) == one.order_count
    }


def demand_rows() -> Iterator[DemandRow]:
    """Yield what people and the shop demanded by law and nobody has answered, the oldest first."""
    found = collect.list_demands()
    owners = shop.find_customers([one.fact.identifiers for one in found])
    called = names_of({owner for owner in owners if owner is not None})
    for one, owner in zip(found, owners, strict=True):
        yield DemandRow(
            seq=one.fact.seq,
            wanted=gettext(_WANTED[one.wanted.request]),
            source=one.fact.source,
            person=Link(called[owner], reverse("web:person", args=[owner])) if owner is not None else None,
            asked_at=one.fact.occurred_at,
            fact_href=reverse("web:debugger-fact", args=[one.fact.seq]),
        )
