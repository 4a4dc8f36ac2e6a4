"""Home: the sentence the day starts with, the figures behind it, and what to do today."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import NamedTuple

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from kembali.collect import api as collect
from kembali.insight import api as insight
from kembali.journeys import api as journeys
from kembali.kernel.ids import SegmentKey
from kembali.measure import api as measure
from kembali.segments import api as segments
from kembali.shop import api as shop
from kembali.web import formatting
from kembali.web.pages import home as pages
from kembali.web.pages.parts import Link, Measured
from kembali.web.repeating import RepeatMonth, cohort_rows, latest_month, repeat_chart, repeat_months
from kembali.web.requests import ShopRequest, currency_of
from kembali.web.trust import trust_rows

REPEAT_DAYS = 90
_MOST_COUNTED = 100_000
_SLIPPING = SegmentKey("idle_loyal")
_WIN_BACK = "win_back"


def home(request: ShopRequest) -> HttpResponse:
    """Show Home, or the first steps where there is no order yet."""
    at = request.at
    people_count = shop.count_people() if request.shop else 0
    if not people_count:
        return pages.render_first_run(request, pages.FirstRunPage(at))
    proofs = measure.list_proofs()
    size = segments.sizes_at(at, days=30).get(_SLIPPING)
    slipping = size.member_count if size else 0
    is_counted = insight.last_refresh() is not None
    months = repeat_months(insight.find_report("again_within_90_days"), days=REPEAT_DAYS)
    latest = latest_month(months)
    revenue = shop.revenue_between(at - timedelta(days=30), at)
    rejected_count = collect.count_rejected_lines()
    profit = _proven(proofs)
    page = pages.HomePage(
        at=at,
        currency=currency_of(request),
        headline=_headline(proofs, slipping, people_count),
        proven_profit=profit.measured if profit else None,
        proof_days=profit.days if profit else 60,
        proven_why_not=_why_not(proofs, currency_of(request)),
        repeat_share=latest.measured if latest else None,
        repeat_days=REPEAT_DAYS,
        repeat_before=_year_before(months, latest.month) if latest else None,
        returning_minor=revenue.returning_minor,
        returning_share=Decimal(revenue.returning_minor) / revenue.total_minor if revenue.total_minor else None,
        slipping_count=slipping if is_counted else None,
        slipping_yearly_minor=insight.yearly_worth_of(segments.members_at(_SLIPPING, at, limit=_MOST_COUNTED)),
        repeat_chart=repeat_chart(months, days=REPEAT_DAYS),
        suggestions=tuple(islice(_suggestions(proofs, slipping, rejected_count, at), 3)),
        cohorts=cohort_rows(insight.find_report("cohorts")),
        trust=tuple(trust_rows(at, rejected_count)),
    )
    return pages.render(request, page)


class _Proven(NamedTuple):
    """Extra margin that is proven, summed over flows: minor units, within `days` days of entering."""

    measured: Measured
    days: int


def _proven(proofs: list[measure.Proof]) -> _Proven | None:
    """Return the proven extra margin of the one flow with most of it, None where none is proven.

    Intervals of several flows cannot simply be added up, so the largest proven one stands alone.
    """
    found = []
    for proof in proofs:
        reading = proof.metrics.get(measure.Metric.MARGIN)
        if reading is None or not proof.ratio_fits or reading.standing is not measure.VerdictKind.IT_WORKED:
            continue
        bounds = (reading.estimate or 0.0, reading.low or 0.0, reading.high or 0.0)
        estimate, low, high = (_total(value, proof) for value in bounds)
        found.append(_Proven(Measured(estimate, low, high, "money"), proof.window_days))
    return max(found, key=lambda one: one.measured.estimate, default=None)


def _total(each: float, proof: measure.Proof) -> Decimal:
    return round(Decimal(str(each)) * proof.treated.people, 0)


def _why_not(proofs: list[measure.Proof], currency: str) -> str:
    counted = next((proof for proof in proofs if proof.counted_count), None)
    if counted is None:
        return gettext("No journey has been measured yet.")
    reading = counted.metrics.get(measure.Metric.MARGIN)
    if reading is None or reading.low is None or reading.high is None or not counted.ratio_fits:
        return gettext("“%(name)s”: not enough data yet.") % {"name": counted.flow_name}
    low, high = (
        formatting.money(_total(bound, counted), currency, whole=True, signed=True)
        for bound in (reading.low, reading.high)
    )
    words = gettext("“%(name)s”: between %(low)s and %(high)s so far; chance alone could do that.")
    return words % {"name": counted.flow_name, "low": low, "high": high}


def _headline(proofs: list[measure.Proof], slipping: int, people_count: int) -> str:
    worked = [
        round(proof.treated.people * (proof.metrics[measure.Metric.ORDERED_AGAIN].estimate or 0.0))
        for proof in proofs
        if proof.verdict is measure.VerdictKind.IT_WORKED
    ]
    if worked and (n := max(worked)) > 0:
        words = ngettext(
            "About one person came back who would not have.", "About %(n)s people came back who would not have.", n
        )
        return words % {"n": formatting.number(n)}
    if slipping:
        words = ngettext("One regular is past their own rhythm.", "%(n)s regulars are past their own rhythm.", slipping)
        return words % {"n": formatting.number(slipping)}
    if insight.last_refresh() is None:
        return gettext("The orders are in; who comes back is being worked out.")
    words = ngettext(
        "One person has bought here so far.",
        "The shop knows %(n)s people, and no regular is slipping away.",
        people_count,
    )
    return words % {"n": formatting.number(people_count)}


def _year_before(months: list[RepeatMonth], month: date) -> Decimal | None:
    wanted = month.replace(year=month.year - 1)
    return next((one.measured.estimate for one in months if one.month == wanted), None)


def _suggestions(
    proofs: list[measure.Proof], slipping: int, rejected_count: int, at: datetime
) -> Iterator[pages.Suggestion]:
    launched = {flow.key for flow in journeys.list_flows(at=at)}
    if slipping and _WIN_BACK not in launched:
        preview = measure.find_preview(_WIN_BACK)
        words = ngettext("One regular is past their own rhythm", "%(n)s regulars are past their own rhythm", slipping)
        reason = preview.sentence if preview else gettext("Ask them how their experience was.")
        yield pages.Suggestion(
            words % {"n": formatting.number(slipping)},
            reason,
            Link(gettext("Review"), reverse("web:journey", args=[_WIN_BACK])),
        )
    if parked := collect.count_parked():
        words = ngettext("One thing could not be handled", "%(n)s things could not be handled", parked)
        where = Link(gettext("Look"), reverse("web:health"))
        yield pages.Suggestion(words % {"n": parked}, gettext("They wait until the cause is mended."), where)
    for proof in proofs:
        reading = proof.metrics.get(measure.Metric.ORDERED_AGAIN)
        if reading and reading.days_more:
            words = gettext("“%(name)s” needs about %(days)s more days")
            yield pages.Suggestion(
                words % {"name": proof.flow_name, "days": reading.days_more},
                gettext("Not sure yet at this pace."),
                Link(gettext("Look"), reverse("web:proof", args=[proof.flow_key])),
            )
    if rejected_count:
        words = ngettext("One line was not understood", "%(n)s lines were not understood", rejected_count)
        where = Link(gettext("See why"), f"{reverse('web:health')}#rejected")
        yield pages.Suggestion(
            words % {"n": formatting.number(rejected_count)}, gettext("They are kept with their reason."), where
        )
