"""Proof: every flow against its holdout."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from django.http import HttpResponse
from django.urls import reverse
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext, ngettext

from kembali.journeys import api as journeys
from kembali.kernel.ids import FlowKey
from kembali.measure import api as measure
from kembali.messages import api as messages
from kembali.web import formatting
from kembali.web.pages import proof as pages
from kembali.web.pages.parts import Chart, Point, Tag
from kembali.web.requests import ShopRequest, currency_of
from kembali.web.results import METRICS, interval_row, label_of, result_tag, standing_of
from kembali.web.truths import truth_beside


def proofs(request: ShopRequest) -> HttpResponse:
    """Show every launched flow with its verdict."""
    found = {proof.flow_key: proof for proof in measure.list_proofs()}
    flows = journeys.list_flows(at=request.at)
    page = pages.ProofsPage(
        at=request.at,
        currency=currency_of(request),
        sentence=_summary([found[flow.key] for flow in flows if flow.key in found]),
        rows=tuple(_row(flow, found.get(flow.key)) for flow in flows),
    )
    return pages.render_list(request, page)


def proof(request: ShopRequest, key: str) -> HttpResponse:
    """Show one flow against its holdout; before anybody was measured, that."""
    flow = journeys.flow_of(FlowKey(key))
    found = measure.find_proof(key)
    truth = measure.planted_truth(key)
    page = pages.ProofPage(
        at=request.at,
        currency=currency_of(request),
        key=key,
        title=flow.flow.name,
        tag=Tag(_age(flow, request.at)),
        verdict=_verdict(found),
        rows=tuple(_rows(found, truth)),
        groups=_groups(found),
        horizon_days=found.window_days if found else journeys.goal_days(flow.flow),
        sure_lines=_sure_lines(found),
        power=_power(key),
        attribution="",
        daily=_daily(found),
        not_asked=_not_asked(key),
        checks=tuple(_checks(found)),
        method=_method(),
        truth=truth_beside(found, truth),
        journey_href=reverse("web:journey", args=[key]),
    )
    return pages.render_one(request, page)


def _row(flow: journeys.FlowSummary, found: measure.Proof | None) -> pages.ProofRow:
    headline = found.metrics.get(measure.Metric.ORDERED_AGAIN) if found and found.counted_count else None
    return pages.ProofRow(
        key=flow.key,
        title=flow.name,
        kind=gettext("Journey, version %(n)s") % {"n": flow.version},
        verdict=found.sentence if found else gettext("Nobody has been on it long enough to be counted."),
        headline=interval_row(measure.Metric.ORDERED_AGAIN, headline, true_effect=None) if headline else None,
        state=result_tag(found),
        people_count=found.enrolled_count if found else 0,
    )


def _summary(found: list[measure.Proof]) -> str:
    if not found:
        return ""
    worked = sum(one.verdict is measure.VerdictKind.IT_WORKED for one in found)
    return ngettext(
        "%(worked)s of %(n)s measured journey is proven to bring people back.",
        "%(worked)s of %(n)s measured journeys are proven to bring people back.",
        len(found),
    ) % {"worked": worked, "n": len(found)}


def _age(flow: journeys.FlowView, at: datetime) -> str:
    days = max((at - flow.launched_at).days, 0)
    live = gettext("live") if flow.state == "live" else gettext("paused")
    return ngettext(
        "Journey · version %(version)s · %(state)s · %(n)s day",
        "Journey · version %(version)s · %(state)s · %(n)s days",
        days,
    ) % {"version": flow.version, "state": live, "n": days}


def _verdict(found: measure.Proof | None) -> pages.Verdict:
    if found is None:
        return pages.Verdict("", gettext("Nothing can be said yet."), "", "too_little")
    rest = "".join(f" {part}" for part in (found.finding, found.certainty) if part)
    return pages.Verdict("", found.opening, rest, standing_of(found.verdict))


def _rows(found: measure.Proof | None, truth: dict[str, float]) -> Iterator[pages.IntervalRow]:
    if found is None:
        return
    for metric in METRICS:
        if reading := found.metrics.get(metric):
            yield interval_row(metric, reading, true_effect=truth.get(metric.value))


def _groups(found: measure.Proof | None) -> tuple[pages.GroupRow, ...]:
    if found is None:
        return ()
    arms = ((gettext("Asked"), found.treated), (gettext("Holdout"), found.holdout))
    return tuple(
        pages.GroupRow(
            label=label,
            people_count=arm.people,
            ordered_share=_each(arm.ordered_again, arm.people),
            orders_per_100=_each(arm.orders * 100, arm.people),
            revenue_each_minor=_each(arm.revenue_minor, arm.people),
            profit_each_minor=_each(arm.margin_minor, arm.people),
        )
        for label, arm in arms
    )


def _each(total: int, people: int) -> Decimal | None:
    return Decimal(total) / people if people else None


def _sure_lines(found: measure.Proof | None) -> tuple[str, ...]:
    if found is None:
        return (gettext("The first people are counted once their time to order is over."),)
    lines = []
    for metric in METRICS:
        reading = found.metrics.get(metric)
        if reading is None:
            continue
        name = label_of(metric)
        if reading.low is None:
            reason = reading.reason.partition(": ")[2] or reading.reason
            lines.append(gettext("%(name)s: not enough data yet: %(reason)s.") % {"name": name, "reason": reason})
        elif reading.days_more == 0:
            lines.append(gettext("%(name)s: proven.") % {"name": name})
        elif reading.days_more:
            words = gettext("%(name)s: needs about %(days)s more days at this pace.")
            lines.append(words % {"name": name, "days": reading.days_more})
        else:
            lines.append(gettext("%(name)s: no date can be promised at this pace.") % {"name": name})
    return tuple(lines)


def _power(key: str) -> str:
    said = measure.power_said(key)
    return gettext("Said before launch: %(said)s") % {"said": said} if said else ""


def _daily(found: measure.Proof | None) -> Chart | None:
    days = [one for one in found.days if one.estimate is not None] if found else []
    if len(days) < 2:
        return None
    zone = get_current_timezone()
    return Chart(
        key="building-up",
        title=gettext("Building up, day by day"),
        caption=gettext("difference in points, with 95 % band"),
        summary=gettext("The difference in people ordering again, from the first day that could be judged to today."),
        unit="points",
        points=tuple(
            Point(formatting.day(one.at, zone), _decimal(one.estimate), _decimal(one.low), _decimal(one.high))
            for one in days
        ),
        zero_label=gettext("no difference"),
    )


def _decimal(value: float | None) -> Decimal:
    return round(Decimal(str(value or 0.0)), 4)


def _not_asked(key: str) -> tuple[pages.CountRow, ...]:
    words = {
        "consent": gettext("No permission for e-mail"),
        "has an address": gettext("No e-mail address"),
        "not suppressed": gettext("On the stop list"),
        "not held out": gettext("In the global holdout"),
        "expired": gettext("Too late: it could not go in time"),
        "cancelled": gettext("Called off: they ordered before"),
        "failed": gettext("The mail server refused it"),
        "unknown": gettext("Nobody knows whether it arrived"),
    }
    counts = messages.counts_by_state(key)
    rows = [pages.CountRow(words.get(why, why), n) for why, n in messages.reasons_not_sent(key).items()]
    if held := counts.get("would_send", 0):
        rows.insert(0, pages.CountRow(gettext("Mails the holdout would have got"), held))
    kept_out = journeys.step_counts(FlowKey(key)).get(journeys.ENTRANCE)
    if kept_out and (n := kept_out.decisions.get("not let in", 0)):
        rows.append(pages.CountRow(gettext("Not let in: conditions not met, or asked not long ago"), n))
    return tuple(rows)


def _checks(found: measure.Proof | None) -> Iterator[Tag]:
    if found is None or not found.counted_count:
        return
    yield (
        Tag(gettext("✓ groups as large as drawn"), "back")
        if found.ratio_fits
        else Tag(gettext("▲ groups do not fit"), "away")
    )
    if found.watching_count:
        words = gettext("%(n)s still within their %(days)s days")
        yield Tag(words % {"n": formatting.number(found.watching_count), "days": found.window_days})
    if found.crossed_count:
        yield Tag(gettext("%(n)s seen in both groups, left out") % {"n": found.crossed_count}, "hold")


def _method() -> tuple[str, ...]:
    return (
        gettext("Who is asked is drawn by lot when they enter, before anything else is looked at."),
        gettext("Everyone who entered counts once their time to order is over, whether the mail reached them or not."),
        gettext("Where an interval cannot keep its promise at this size, it is not shown."),
    )
