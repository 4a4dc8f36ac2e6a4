"""A line with its interval band over time, as on Home and in Proof."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from kembali.web.charts.scale import Scale, extent, ticks
from kembali.web.measures import write
from kembali.web.pages.parts import Chart, Point


@dataclass(frozen=True, slots=True)
class Paper:
    """The sheet a chart is drawn on, in pixels; `left` is kept for scale values, `right` for the newest value."""

    kind: str
    width: int
    height: int
    left: int = 48
    right: int = 60
    top: int = 10
    bottom: int = 28


WIDE = Paper("wide", 580, 230)
NARROW = Paper("narrow", 280, 200, left=42, right=48)


def band_chart(chart: Chart, currency: str, paper: Paper = WIDE) -> SafeString:
    """Return the chart as SVG: grid lines with values, band, line, and the newest value written beside its dot."""
    points = chart.points
    if len(points) < 2:
        return SafeString("")
    low, high = extent(value for point in points for value in (point.value, point.low, point.high))
    if chart.zero_label:
        low, high = min(low, 0.0), max(high, 0.0)
    x = Scale(0, len(points) - 1, paper.left, paper.width - paper.right)
    y = Scale(low, high, paper.height - paper.bottom, paper.top)
    last = points[-1]
    return format_html(
        '<svg class="chart {}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}<polyline class="ln" points="{}"/>'
        '<circle class="dot" cx="{}" cy="{}" r="4"/><text class="now" x="{}" y="{}">{}</text>{}</svg>',
        paper.kind, paper.width, paper.height, chart.summary,
        _grid(chart, (low, high), y, paper, currency), _band(points, x, y), _zero(chart, y, paper),
        " ".join(f"{x(index)},{y(point.value)}" for index, point in enumerate(points)),
        x(len(points) - 1), y(last.value), paper.width - paper.right + 9, round(y(last.value) + 4.5, 1),
        write(last.value, chart.unit, currency, signed=bool(chart.zero_label)), _axis(points, x, paper),
    )  # fmt: skip


def _grid(chart: Chart, bounds: tuple[float, float], y: Scale, paper: Paper, currency: str) -> SafeString:
    values = [value for value in ticks(*bounds) if not (chart.zero_label and value == 0)]
    rows = (
        (
            paper.left,
            paper.width - paper.right,
            y(value),
            round(y(value) + 4, 1),
            write(Decimal(str(value)), chart.unit, currency),
        )
        for value in values
    )
    return format_html_join(
        "",
        '<line class="grid-line" x1="{0}" x2="{1}" y1="{2}" y2="{2}"/><text class="tick" x="0" y="{3}">{4}</text>',
        rows,
    )


def _band(points: tuple[Point, ...], x: Scale, y: Scale) -> SafeString:
    known = [
        (index, point.low, point.high)
        for index, point in enumerate(points)
        if point.low is not None and point.high is not None
    ]
    if not known:
        return SafeString("")
    upper = [f"{x(index)},{y(high)}" for index, _, high in known]
    lower = [f"{x(index)},{y(low)}" for index, low, _ in reversed(known)]
    return format_html('<polygon class="bd" points="{}"/>', " ".join(upper + lower))


def _zero(chart: Chart, y: Scale, paper: Paper) -> SafeString:
    if not chart.zero_label:
        return SafeString("")
    right = paper.width - paper.right
    return format_html(
        '<line class="zero" x1="{0}" x2="{1}" y1="{2}" y2="{2}"/>'
        '<text class="tick" x="{1}" y="{3}" text-anchor="end">{4}</text>',
        paper.left, right, y(0), round(y(0) + 15, 1), chart.zero_label,
    )  # fmt: skip


def _axis(points: tuple[Point, ...], x: Scale, paper: Paper) -> SafeString:
    last = len(points) - 1
    places = (
        ((0, "start"), (last // 2, "middle"), (last, "end"))
        if last > 3 and paper.width > 400
        else ((0, "start"), (last, "end"))
    )
    rows = ((x(index), paper.height - 4, anchor, points[index].label) for index, anchor in places)
    return format_html_join("", '<text class="tick" x="{}" y="{}" text-anchor="{}">{}</text>', rows)
