"""Journeys, which answer “where are people, and why?”."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from django.http import HttpRequest, HttpResponse

from kembali.web.pages.base import render_page
from kembali.web.pages.parts import Pager, Tag

Status = Literal["draft", "live", "paused"]


@dataclass(frozen=True, slots=True)
class JourneyRow:
    """A journey in the list. `result` is what Proof says of it, in a few words."""

    key: str
    title: str
    purpose: str
    status: Status
    inside_count: int
    entered_count: int
    came_back_count: int
    result: Tag


@dataclass(frozen=True, slots=True)
class JourneysPage:
    """All journeys; entered and came back count the last `days` days."""

    at: datetime
    days: int
    rows: tuple[JourneyRow, ...]


@dataclass(frozen=True, slots=True)
class StepCount:
    """How many people a step holds or has passed; `href` leads to them."""

    label: str
    count: int
    href: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """One way out of a branch: its condition in words, the steps that follow."""

    condition: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the tree. `day` is when it is reached counted from the start: "start", "3 h", "day 5", "any time"."""

    key: str
    day: str
    title: str
    detail: str
    counts: tuple[StepCount, ...] = ()
    tag: Tag | None = None
    lanes: tuple[Lane, ...] = ()
    preview_href: str = ""


@dataclass(frozen=True, slots=True)
class JourneyPage:
    """One journey: the flow as a tree with people per step, and what can be done with it.

    waiting_count: people inside, told before publishing or pausing. power: what could be proven at this size, in words.
    """

    at: datetime
    key: str
    title: str
    sentence: str
    status: Status
    version: int
    draft_version: int | None
    launched_at: datetime | None
    days: int
    inside_count: int
    entered_count: int
    came_back_count: int
    holdout_share: Decimal
    result: Tag
    proof_href: str
    power: str
    steps: tuple[Step, ...]
    waiting_count: int
    source_yaml: str


@dataclass(frozen=True, slots=True)
class StepPerson:
    """Somebody at a step, and the reason they wait, passed or were skipped."""

    customer_id: int
    name: str
    arm: Literal["treated", "holdout"]
    state: Tag
    since: datetime
    due_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class StepPeoplePage:
    """The people of one step of a journey."""

    at: datetime
    journey_key: str
    journey_title: str
    step_title: str
    state: str
    states: tuple[StepCount, ...]
    rows: tuple[StepPerson, ...]
    pager: Pager


def render_list(request: HttpRequest, page: JourneysPage) -> HttpResponse:
    """Return the list of journeys."""
    return render_page(request, "web/journeys.html", page, nav="journeys")


def render_one(request: HttpRequest, page: JourneyPage) -> HttpResponse:
    """Return one journey's tree."""
    return render_page(request, "web/journey.html", page, nav="journeys")


def render_step(request: HttpRequest, page: StepPeoplePage) -> HttpResponse:
    """Return the people of one step."""
    return render_page(request, "web/journey_step.html", page, nav="journeys")
