"""Data & health, which answers “can I trust my numbers?”."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from kembali.web.pages.base import render_page
from kembali.web.pages.parts import Link, Pager, Tag


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source of facts. `lag`: how late they come, in words, empty where all is history. `volume`: facts a day."""

    name: str
    kind: str
    last_fact_at: datetime | None
    lag: str
    fact_count: int
    volume: tuple[int, ...]
    state: Tag


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One import of a file: every line accounted for."""

    import_id: int
    file_name: str
    imported_at: datetime
    lines: int
    accepted: int
    merged: int
    rejected: int
    state: Tag


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """Input that could not be understood, kept with its reason. `excerpt` is shown as text."""

    reject_id: int
    source: str
    where: str
    reason: str
    excerpt: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class OrderTotals:
    """Orders and their sum here and, where the source tells them, there.

    went_on: an order came after the source was asked. What it counted then is shown, and says nothing about now.
    """

    label: str
    order_count: int
    here_minor: int
    there_minor: int | None
    there_count: int | None = None
    went_on: bool = False

    @property
    def agrees(self) -> bool | None:
        """Whether both say the same; None where there is nothing to compare with."""
        if self.went_on or (self.there_count is None and self.there_minor is None):
            return None
        return self.there_count in {None, self.order_count} and self.there_minor in {None, self.here_minor}


@dataclass(frozen=True, slots=True)
class DoubleRow:
    """Orders that two sources tell of with equal numbers: most likely counted twice."""

    source: str
    other_source: str
    order_count: int
    net_minor: int
    examples: str


@dataclass(frozen=True, slots=True)
class LeftOutRow:
    """Orders of a source that do not count, because `beside` tells of the same purchases."""

    source: str
    beside: str
    order_count: int


@dataclass(frozen=True, slots=True)
class DemandRow:
    """What somebody may demand by law and nobody has answered. `fact_href`: all that came with it."""

    seq: int
    wanted: str
    source: str
    person: Link | None
    asked_at: datetime
    fact_href: str


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """A part of the machinery and how it stands: worker, lake, each consumer's distance from the log's end."""

    name: str
    finding: str
    state: Tag


@dataclass(frozen=True, slots=True)
class HealthPage:
    """The state of the data. `sentence` answers the question before any table does."""

    at: datetime
    currency: str
    sentence: str
    sources: tuple[SourceRow, ...]
    totals: tuple[OrderTotals, ...]
    doubles: tuple[DoubleRow, ...]
    left_out: tuple[LeftOutRow, ...]
    demands: tuple[DemandRow, ...]
    may_change: bool
    imports: tuple[ImportRow, ...]
    processes: tuple[ProcessRow, ...]
    rejected_total: int
    rejected: tuple[RejectedRow, ...]
    pager: Pager


def render(request: HttpRequest, page: HealthPage) -> HttpResponse:
    """Return Data & health."""
    return render_page(request, "web/health.html", page, nav="health")
