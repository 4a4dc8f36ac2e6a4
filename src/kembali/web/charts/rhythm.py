"""A person's own rhythm: past orders as dots, today as a line, the expected next order with its 80 % interval."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from kembali.web.charts.scale import Scale
from kembali.web.pages.person import Rhythm

_AXIS = 58


@dataclass(frozen=True, slots=True)
class Strip:
    """The strip a rhythm is drawn on: its CSS class, its width in pixels, how many of the newest orders it shows."""

    kind: str
    width: int
    orders_shown: int


WIDE = Strip("wide", 640, 12)
NARROW = Strip("narrow", 300, 7)


def rhythm_band(rhythm: Rhythm, *, at: datetime, words: tuple[str, str], paper: Strip = WIDE) -> SafeString:
    """Return the rhythm as SVG, to scale in time.

    words: translated names of the today line and of the expected date.
    """
    shown = sorted(rhythm.ordered_at)[-paper.orders_shown :]
    seconds = [moment.timestamp() for moment in (*shown, at, rhythm.low_at, rhythm.high_at)]
    x = Scale(min(seconds), max(seconds), 12, paper.width - 12)
    moments = (rhythm.low_at, rhythm.high_at, rhythm.expected_at, at)
    low, high, expected, today = (x(one.timestamp()) for one in moments)
    dots = format_html_join(
        "", '<circle class="dot" cx="{}" cy="{}" r="5"/>', ((x(one.timestamp()), _AXIS) for one in shown)
    )
    return format_html(
        '<svg class="rhythm {}{}" viewBox="0 0 {} 104" role="img" aria-label="{}">'
        '<line class="axis" x1="0" x2="{}" y1="{}" y2="{}"/>'
        '<rect class="due" x="{}" y="{}" width="{}" height="28" rx="14"/>{}<circle class="next" cx="{}" cy="{}" r="5"/>'
        '<line class="today" x1="{}" x2="{}" y1="30" y2="86"/>'
        '<text class="tick" x="{}" y="22" text-anchor="{}">{}</text>'
        '<text class="tick strong" x="{}" y="102" text-anchor="{}">{}</text></svg>',
        paper.kind, " late" if rhythm.late else "", paper.width, rhythm.sentence, paper.width, _AXIS, _AXIS,
        low, _AXIS - 14, round(max(high - low, 6.0), 1), dots, expected, _AXIS,
        today, today, today, _anchor(today, paper.width), words[0], expected, _anchor(expected, paper.width), words[1],
    )  # fmt: skip


def _anchor(place: float, width: int) -> str:
    return "start" if place < 90 else "end" if place > width - 90 else "middle"
