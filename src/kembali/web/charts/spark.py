"""A sparkline: the shape of a series in the height of a line of text."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString

from kembali.web.charts.scale import Scale, extent


def sparkline(values: Sequence[Decimal | int], *, label: str, width: int = 120, height: int = 28) -> SafeString:
    """Return an SVG line with a dot at the newest value; empty text for fewer than two values.

    label: what the line shows, for those who cannot see it.
    """
    if len(values) < 2:
        return SafeString("")
    low, high = extent(Decimal(value) for value in values)
    x, y = Scale(0, len(values) - 1, 3, width - 4), Scale(low, high, height - 4, 4)
    points = " ".join(f"{x(index)},{y(value)}" for index, value in enumerate(values))
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">'
        '<polyline class="ln" points="{}"/><circle class="dot" cx="{}" cy="{}" r="2.5"/></svg>',
        width, height, width, height, label, points, x(len(values) - 1), y(values[-1]),
    )  # fmt: skip
