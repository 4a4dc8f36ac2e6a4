"""Who comes back, from insight's stored reports: shares by month with their band, and the cohort table."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext

from kembali.insight import api as insight
from kembali.web import formatting
from kembali.web.pages.parts import Chart, CohortRow, Measured, Point

_MONTHS_SHOWN: Final = 24
_COHORTS_SHOWN: Final = 13
_COLUMNS_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class RepeatMonth:
    """The people who first bought in `month`, and the share of them who ordered again in time."""

    month: date
    people: int
    measured: Measured


def repeat_months(report: insight.Report | None, *, days: int) -> list[RepeatMonth]:
    """Return the months whose people have all had their `days`, the oldest first."""
    if report is None:
        return []
    over_by = report.as_of - timedelta(days=days)
    zone = get_current_timezone()
    found = []
    for row in report.rows:
        month = month_of(_int(row["cohort_month"]))
        if row["share"] is None or month_of(_int(row["cohort_month"]) + 1) > over_by.astimezone(zone).date():
            continue
        share, low, high = (_share(row[name]) for name in ("share", "share_low", "share_high"))
        found.append(RepeatMonth(month, _int(row["customer_count"]), Measured(share, low, high, "share")))
    return found


def latest_month(months: list[RepeatMonth]) -> RepeatMonth | None:
    """Return the newest month that can be judged."""
    return months[-1] if months else None


def repeat_chart(months: list[RepeatMonth], *, days: int) -> Chart | None:
    """Return the shares as a line with its band, None for fewer than two months."""
    shown = months[-_MONTHS_SHOWN:]
    if len(shown) < 2:
        return None
    first, last = shown[0], shown[-1]
    summary = gettext("From %(first)s in %(from)s to %(last)s in %(to)s.") % {
        "first": formatting.percent(first.measured.estimate),
        "from": formatting.month(first.month),
        "last": formatting.percent(last.measured.estimate),
        "to": formatting.month(last.month),
    }
    return Chart(
        key=f"repeat-{days}",
        title=gettext("Do people come back sooner?"),
        caption=gettext("ordered again within %(days)s days, by month of the first order, with 95 %% band")
        % {"days": days},
        summary=summary,
        unit="share",
        points=tuple(
            Point(formatting.month(one.month), one.measured.estimate, one.measured.low, one.measured.high)
            for one in shown
        ),
    )


def cohort_rows(report: insight.Report | None) -> tuple[CohortRow, ...]:
    """Return the newest cohorts with the share ordering again in each full month after the first, the oldest first.

    The month that has not ended yet is left out: it would look like a fall.
    """
    if report is None:
        return ()
    now = report.as_of.astimezone(get_current_timezone())
    current = now.year * 12 + now.month - 1
    cohorts: dict[int, dict[int, Decimal]] = {}
    sizes: dict[int, int] = {}
    for row in report.rows:
        start, later = _int(row["cohort_month"]), _int(row["months_later"])
        sizes[start] = _int(row["customer_count"])
        if 0 < later <= _COLUMNS_SHOWN and start + later < current:
            cohorts.setdefault(start, {})[later] = _share(row["share"])
    rows = [
        CohortRow(
            month_of(start), sizes[start], tuple(shares.get(later, Decimal(0)) for later in range(1, max(shares) + 1))
        )
        for start, shares in sorted(cohorts.items())
    ]
    return tuple(rows[-_COHORTS_SHOWN:])


def month_of(index: int) -> date:
    """Return the first day of a month counted from year 0, as insight's reports do."""
    return date(index // 12, index % 12 + 1, 1)


def _int(value: object) -> int:
    return int(str(value))


def _share(value: object) -> Decimal:
    return round(Decimal(str(value)), 4)
