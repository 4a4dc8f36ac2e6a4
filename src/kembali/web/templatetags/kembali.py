"""Tags that write numbers and moments and draw the small charts; all work is done in `formatting` and `charts`."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext

from kembali.kernel.names import SHORT_NAME
from kembali.web import formatting, measures
from kembali.web.charts.band import NARROW, WIDE, band_chart
from kembali.web.charts.interval import interval_row, needed_reach
from kembali.web.charts.rhythm import NARROW as RHYTHM_NARROW
from kembali.web.charts.rhythm import WIDE as RHYTHM_WIDE
from kembali.web.charts.rhythm import rhythm_band
from kembali.web.charts.spark import sparkline
from kembali.web.icons import PATHS
from kembali.web.pages.parts import Chart, Measured, Standing, Unit
from kembali.web.pages.person import Rhythm
from kembali.web.pages.proof import IntervalRow
from kembali.web.settings_menu import SettingsGroup, shown_menu

register = template.Library()


@register.simple_tag
def short_name_pattern() -> str:
    """The pattern of a field for a short name."""
    return SHORT_NAME


@register.filter
def number(value: Decimal | int) -> str:
    """`1148` as `1,148`."""
    return formatting.number(value)


@register.filter
def one_decimal(value: Decimal) -> str:
    """`6.17` as `6.2`."""
    return formatting.number(value, 1)


@register.filter
def percent(share: Decimal, digits: int = 1) -> str:
    """`0.273` as `27.3 %`."""
    return formatting.percent(share, digits)


@register.filter
def percent_tight(share: Decimal) -> str:
    """`0.273` as `27%`: for the cells of heat tables, where the column says what it is."""
    return formatting.percent(share, 0).replace(formatting.THIN, "")


@register.filter
def points(share: Decimal) -> str:
    """A difference of shares in percentage points, unsigned: `−0.031` as `3.1`."""
    return formatting.number(abs(share) * 100, 1)


@register.filter
def address(email: str) -> SafeString:
    """An e-mail address that breaks after its `@` where it must."""
    local, at, domain = email.partition("@")
    return format_html("{}{}<wbr>{}", local, at, domain)


@register.filter
def money(minor: Decimal | int, currency: str) -> str:
    """`1420` with `EUR` as `€14.20`."""
    return formatting.money(minor, currency)


@register.filter
def money_whole(minor: Decimal | int, currency: str) -> str:
    """`418000` with `EUR` as `€4,180`."""
    return formatting.money(minor, currency, whole=True)


@register.filter
def day(moment: datetime | date) -> str:
    """The day in the active zone."""
    return formatting.day(moment, get_current_timezone())


@register.filter
def month(moment: date) -> str:
    """The month of a cohort: `Mar 2026`."""
    return formatting.month(moment)


@register.filter
def weekday(moment: datetime) -> str:
    """The day as one says it."""
    return formatting.weekday(moment, get_current_timezone())


@register.filter
def day_and_time(moment: datetime) -> str:
    """Day and clock time in the active zone."""
    return formatting.day_and_time(moment, get_current_timezone())


@register.filter
def duration(seconds: int) -> str:
    """A length of time in one unit."""
    return formatting.duration(seconds)


@register.simple_tag
def moment(value: datetime, at: datetime) -> SafeString:
    """How long before or after `at`, the exact moment in its title."""
    exact = formatting.day_and_time(value, get_current_timezone())
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', value.isoformat(), exact, formatting.relative(value, at)
    )


@register.simple_tag
def measured(value: Decimal, unit: Unit, currency: str) -> str:
    """One value in its unit."""
    return measures.write(value, unit, currency)


@register.simple_tag
def measured_signed(value: Decimal, unit: Unit, currency: str) -> str:
    """One difference in its unit, with its sign."""
    return measures.write(value, unit, currency, signed=True)


@register.simple_tag
def measured_range(value: Measured, currency: str, signed: bool = False) -> str:
    """The interval, both ends."""
    return measures.write_range(value, currency, signed=signed)


@register.simple_tag
def line_chart(chart: Chart, currency: str) -> SafeString:
    """A line with its band, drawn twice: the style sheet shows the one whose letters keep their size."""
    return band_chart(chart, currency, WIDE) + band_chart(chart, currency, NARROW)


@register.simple_tag
def interval_plot(
    value: Measured, standing: Standing, true_effect: Decimal | None = None, among: Sequence[IntervalRow] = ()
) -> SafeString:
    """Dot and bar of one interval row; rows of the same unit `among` those beside it share its scale."""
    peers = [
        (row.measured, row.true_effect)
        for row in among
        if row.measured.unit == value.unit and row.standing != "too_little"
    ]
    return interval_row(value, standing, true_effect, needed_reach(peers) if peers else None)


@register.simple_tag
def spark(values: Sequence[int], label: str) -> SafeString:
    """A sparkline with its words."""
    return sparkline(values, label=label)


@register.simple_tag
def rhythm_plot(rhythm: Rhythm, at: datetime) -> SafeString:
    """A person's own rhythm to scale, wide and narrow."""
    zone = get_current_timezone()
    expected = formatting.day(rhythm.expected_at, zone)
    words = (gettext("today"), gettext("expected %(day)s") % {"day": expected})
    return rhythm_band(rhythm, at=at, words=words, paper=RHYTHM_WIDE) + rhythm_band(
        rhythm, at=at, words=words, paper=RHYTHM_NARROW
    )


@register.filter
def heat(share: Decimal) -> str:
    """The tint class of a heat cell: `v0` to `v20`, stretched so that usual retention shares differ to the eye."""
    return f"v{min(20, round(float(share) ** 0.5 * 20))}"


@register.simple_tag
def icon(name: str) -> SafeString:
    """One line icon, hidden from screen readers: words stand beside it."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">'
        '<path d="{}"/></svg>',
        PATHS[name],
    )


@register.simple_tag
def settings_menu() -> tuple[SettingsGroup, ...]:
    """What stands under Settings."""
    return shown_menu()
