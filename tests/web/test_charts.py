"""The server-made pictures are to scale, and admit what is not known."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from kembali.web.charts.band import NARROW, WIDE, band_chart
from kembali.web.charts.interval import interval_row, needed_reach
from kembali.web.charts.rhythm import rhythm_band
from kembali.web.charts.scale import Scale, ticks
from kembali.web.charts.spark import sparkline
from kembali.web.pages.parts import Chart, Measured, Point
from tests.web.samples.common import AT
from tests.web.samples.who import PERSON

D = Decimal
LIFT = Measured(D("0.06"), D("0.02"), D("0.10"), "points")


def _numbers(name: str, markup: str) -> list[float]:
    return [float(value) for value in re.findall(rf'{name}="([-0-9.]+)%?"', markup)]


def test_a_scale_maps_ends_to_ends_and_an_empty_domain_to_the_middle() -> None:
    assert [Scale(0, 10, 100, 0)(value) for value in (0, 5, 10)] == [100, 50, 0]
    assert Scale(3, 3, 0, 80)(3) == 40


def test_ticks_are_round_and_inside() -> None:
    assert ticks(0.211, 0.282) == (0.225, 0.25, 0.275)
    assert ticks(-19, 82) == (0, 50)
    assert ticks(5, 5) == (5,)


def test_a_sparkline_needs_two_values() -> None:
    assert sparkline([4], label="size") == ""
    assert 'aria-label="size &amp; more"' in sparkline([1, 2, 3], label="size & more")


def test_the_bar_of_an_interval_keeps_the_zero_in_its_place() -> None:
    row = interval_row(LIFT, "better")
    assert _numbers("x1", row)[0] == 34
    left, right = _numbers("x1", row)[1], _numbers("x2", row)[1]
    assert 34 < left < _numbers("cx", row)[0] < right == 97


def test_rows_of_one_scale_are_comparable_by_length() -> None:
    small = Measured(D("0.006"), D("0.002"), D("0.010"), "points")
    reach = needed_reach([(LIFT, None), (small, None)])
    long, short = interval_row(LIFT, "better", reach=reach), interval_row(small, "better", reach=reach)
    length_long = _numbers("x2", long)[1] - _numbers("x1", long)[1]
    length_short = _numbers("x2", short)[1] - _numbers("x1", short)[1]
    assert abs(length_long - 10 * length_short) < 1


def test_too_little_data_draws_neither_dot_nor_bar() -> None:
    row = interval_row(replace(LIFT, low=None, high=None), "too_little")
    assert "est" not in row
    assert "bar" not in row


def test_the_known_truth_is_a_ring_of_its_own() -> None:
    assert 'class="truth"' in interval_row(LIFT, "better", D("0.058"))
    assert 'class="truth"' not in interval_row(LIFT, "better")


def _chart(points: tuple[Point, ...], zero_label: str = "") -> Chart:
    return Chart("k", "Title", "caption", "A <line> rising", "share", points, zero_label)


def test_a_line_chart_has_its_words_and_every_label_escaped() -> None:
    points = (Point("<b>Jan</b>", D("0.2"), D("0.1"), D("0.3")), Point("Feb", D("0.25"), D("0.2"), D("0.3")))
    markup = band_chart(_chart(points), "EUR")
    assert 'aria-label="A &lt;line&gt; rising"' in markup
    assert "&lt;b&gt;Jan&lt;/b&gt;" in markup
    assert "25.0\u202f%" in markup
    assert 'class="bd"' in markup


def test_without_bounds_no_band_is_drawn_and_without_two_points_no_line() -> None:
    points = (Point("Jan", D("0.2")), Point("Feb", D("0.25")))
    assert 'class="bd"' not in band_chart(_chart(points), "EUR")
    assert band_chart(_chart(points[:1]), "EUR") == ""


def test_a_difference_always_shows_the_line_of_no_difference() -> None:
    points = (Point("day 1", D("0.2"), D("0.1"), D("0.3")), Point("day 2", D("0.25"), D("0.2"), D("0.3")))
    zero_at = _numbers("y1", re.findall(r'<line class="zero"[^>]*>', band_chart(_chart(points, "none"), "EUR"))[0])[0]
    assert zero_at == WIDE.height - WIDE.bottom


def test_wide_and_narrow_tell_the_same_story() -> None:
    points = tuple(Point(str(index), D(index)) for index in range(6))
    for paper in (WIDE, NARROW):
        line = re.findall(r'points="([^"]+)"', band_chart(_chart(points), "EUR", paper))[0]
        assert len(line.split()) == 6


def test_a_rhythm_draws_each_order_and_turns_when_the_interval_has_passed() -> None:
    rhythm = PERSON.rhythm
    assert rhythm is not None
    late = rhythm_band(rhythm, at=AT, words=("today", "expected"))
    assert late.count('class="dot"') == 11
    assert 'class="rhythm wide late"' in late
    assert rhythm.high_at < AT
    early = rhythm_band(replace(rhythm, late=False), at=AT - timedelta(days=50), words=("today", "expected"))
    assert 'class="rhythm wide"' in early
