"""What came in and was not understood, or could not be handled: kept, and read again after the cause is mended."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from kembali.web.pages.base import render_page
from kembali.web.pages.parts import Tag
from kembali.web.pages.people import Choice


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """A reason for which a source's events were rejected in the last days. `href` shows those that are kept."""

    source: str
    reason: str
    reason_code: str
    seen: int
    kept: int
    href: str


@dataclass(frozen=True, slots=True)
class RejectedEventRow:
    """One event or webhook as it came. `may_replay` is False for one that was cut or is replayed already."""

    event_id: int
    source: str
    call: str
    reason: str
    received_at: datetime
    raw: str
    state: Tag
    may_replay: bool


@dataclass(frozen=True, slots=True)
class ParkedTallyRow:
    """Facts that one of our own readers could not handle for one reason."""

    consumer: str
    reason: str
    count: int
    example_seq: int
    last_at: datetime
    is_asked: bool


@dataclass(frozen=True, slots=True)
class RejectedPage:
    """Rejected events (narrowed to `source` and `reason_code` if given), newest first, and facts that are parked."""

    at: datetime
    sentence: str
    days: int
    source: str
    reason_code: str
    sources: tuple[Choice, ...]
    reasons: tuple[ReasonRow, ...]
    rows: tuple[RejectedEventRow, ...]
    parked: tuple[ParkedTallyRow, ...]
    line_count: int
    further_href: str
    may_change: bool
    setting: str = "rejected"


def render(request: HttpRequest, page: RejectedPage) -> HttpResponse:
    """Return the page."""
    return render_page(request, "web/rejected.html", page, nav="settings")
