"""Segments: who exactly, and how many."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from kembali.web.pages.base import render_page
from kembali.web.pages.parts import Chart, Link, Pager, PersonRow


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A segment in the list. `trend` is its size at equal distances in time, oldest first.

    entered_count, left_count: None while they were not counted all those days.
    """

    key: str
    title: str
    sentence: str
    member_count: int
    entered_count: int | None
    left_count: int | None
    trend: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SegmentsPage:
    """All segments; entered and left count the last `days` days. `refreshed_at` None: never yet."""

    at: datetime
    days: int
    people_count: int
    refreshed_at: datetime | None
    rows: tuple[SegmentRow, ...]


@dataclass(frozen=True, slots=True)
class ReachStep:
    """One step from all members to those a message can reach; `lost` is how many fell away here."""

    label: str
    count: int
    lost: int


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody entering or leaving."""

    customer_id: int
    name: str
    at: datetime
    entered: bool
    why: str


@dataclass(frozen=True, slots=True)
class SegmentPage:
    """One segment: its rule read aloud, its people, how it grew, who uses it."""

    at: datetime
    currency: str
    key: str
    title: str
    sentence: str
    rule_yaml: str
    member_count: int
    days: int
    entered_count: int | None
    left_count: int | None
    growth: Chart | None
    reach: tuple[ReachStep, ...]
    moves: tuple[Move, ...]
    just_inside: tuple[PersonRow, ...]
    just_outside: tuple[PersonRow, ...]
    used_by: tuple[Link, ...]
    members: tuple[PersonRow, ...]
    pager: Pager


def render_list(request: HttpRequest, page: SegmentsPage) -> HttpResponse:
    """Return the list of segments."""
    return render_page(request, "web/segments.html", page, nav="segments")


def render_one(request: HttpRequest, page: SegmentPage) -> HttpResponse:
    """Return one segment."""
    return render_page(request, "web/segment.html", page, nav="segments", charts=(page.growth,))
