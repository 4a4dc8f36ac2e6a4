"""One row of an interval table: dot, 95 % bar and the line of no difference."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString

from kembali.web.charts.scale import Scale
from kembali.web.pages.parts import Measured, Standing

_ZERO = 34.0  # every row keeps its zero at this place, so that the eye can compare rows of different units
_LEFT, _RIGHT = 3.0, 97.0


def interval_row(
    measured: Measured, standing: Standing, true_effect: Decimal | None = None, reach: float | None = None
) -> SafeString:
    """Return a wide, low SVG of the interval. The numbers stand beside it as text, so it is hidden from screen readers.

    true_effect: known only in demo shops; drawn as a ring.
    reach: value per percent of width, shared by rows of one scale (`needed_reach`); None fits this row alone.
    """
    if standing == "too_little":
        return format_html(
            '<svg class="iv-plot {}" height="24" aria-hidden="true" focusable="false">{}</svg>', standing, _zero_line()
        )
    per_percent = needed_reach([(measured, true_effect)]) if reach is None else reach
    x = Scale(0, per_percent or 1.0, _ZERO, _ZERO + 1)
    low, high = measured.low, measured.high
    bar = (
        SafeString("")
        if low is None or high is None
        else format_html('<line class="bar" x1="{0}%" x2="{1}%" y1="12" y2="12"/>', x(low), x(high))
    )
    ring = (
        SafeString("")
        if true_effect is None
        else format_html('<circle class="truth" cx="{}%" cy="12" r="6.5"/>', x(true_effect))
    )
    return format_html(
        '<svg class="iv-plot {}" height="24" aria-hidden="true" focusable="false">{}{}'
        '<circle class="est" cx="{}%" cy="12" r="4.5"/>{}</svg>',
        standing, _zero_line(), bar, x(measured.estimate), ring,
    )  # fmt: skip


def needed_reach(rows: Iterable[tuple[Measured, Decimal | None]]) -> float:
    """Return the smallest value per percent of width at which all rows fit, both sides of their common zero."""
    values = [
        float(value) for one, truth in rows for value in (one.low, one.high, one.estimate, truth) if value is not None
    ]
    right = [value / (_RIGHT - _ZERO) for value in values if value > 0]
    left = [-value / (_ZERO - _LEFT) for value in values if value < 0]
    return max(right + left, default=1.0)


def _zero_line() -> SafeString:
    return format_html('<line class="zero" x1="{0}%" x2="{0}%" y1="0" y2="24"/>', _ZERO)
