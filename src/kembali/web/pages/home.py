"""Home, which answers “what should I do today?”."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.http import HttpRequest, HttpResponse

from kembali.web.pages.base import render_page
from kembali.web.pages.parts import Chart, CohortRow, Link, Measured, Tag


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing worth doing today: what is so, why it matters, and where to act."""

    title: str
    reason: str
    action: Link


@dataclass(frozen=True, slots=True)
class TrustRow:
    """One line of the health card: what was checked, what was found, and how it stands."""

    what: str
    finding: str
    state: Tag
    href: str = ""


@dataclass(frozen=True, slots=True)
class HomePage:
    """What Home shows. None means: not measurable yet, with `…_why_not` saying what is missing.

    headline: the sentence the day starts with. proven_profit: minor units over `proof_days`.
    repeat_before: the same share a year earlier, None where the shop is younger.
    """

    at: datetime
    currency: str
    headline: str
    proven_profit: Measured | None
    proof_days: int
    proven_why_not: str
    repeat_share: Measured | None
    repeat_days: int
    repeat_before: Decimal | None
    returning_minor: int
    returning_share: Decimal | None
    slipping_count: int | None
    slipping_yearly_minor: int
    repeat_chart: Chart | None
    suggestions: tuple[Suggestion, ...]
    cohorts: tuple[CohortRow, ...]
    trust: tuple[TrustRow, ...]

    @property
    def repeat_change(self) -> Decimal | None:
        """How the share of people ordering again moved against a year before, as a fraction of one."""
        return (
            None
            if self.repeat_share is None or self.repeat_before is None
            else self.repeat_share.estimate - self.repeat_before
        )


def render(request: HttpRequest, page: HomePage) -> HttpResponse:
    """Return Home."""
    return render_page(request, "web/home.html", page, nav="home", charts=(page.repeat_chart,))


@dataclass(frozen=True, slots=True)
class FirstRunPage:
    """Home of a shop without any order yet."""

    at: datetime


def render_first_run(request: HttpRequest, page: FirstRunPage) -> HttpResponse:
    """Return Home for a shop that has imported nothing."""
    return render_page(request, "web/home_first_run.html", page, nav="home")
