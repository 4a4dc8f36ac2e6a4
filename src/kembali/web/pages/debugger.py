"""The debugger, which answers “what is coming in, and whose is it?”: facts as they come, and one fact in full."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from kembali.web.pages.base import render_page
from kembali.web.pages.parts import Link, Tag
from kembali.web.pages.people import Choice


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact of the list, or something rejected: then its reason is `what`.

    href: its own page. person: None where nobody is known by its identifiers. lag: in words.
    """

    href: str
    received_at: datetime
    what: str
    detail: str
    kind: str
    source: str
    message_id: str
    lag: str
    person: Link | None
    tags: tuple[Tag, ...]


@dataclass(frozen=True, slots=True)
class DebuggerPage:
    """Facts that match what was asked, newest first.

    is_live: this page asks again by itself; `other_way` is the link that stops or starts it. `further_href` leads to
    older facts, empty at the log's beginning.
    """

    at: datetime
    query: str
    source: str
    kind: str
    sources: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    rows: tuple[FactRow, ...]
    is_live: bool
    other_way: Link | None
    further_href: str
    looked_through: bool
    setting: str = "debugger"


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """A consumer that could not handle the fact."""

    consumer: str
    reason: str
    parked_at: datetime


@dataclass(frozen=True, slots=True)
class FactPage:
    """One fact in full. `payload` is its JSON, indented."""

    at: datetime
    seq: int
    what: str
    kind: str
    source: str
    message_id: str
    occurred_at: datetime
    received_at: datetime
    lag: str
    identifiers: tuple[tuple[str, str], ...]
    person: Link | None
    parked: tuple[ParkedRow, ...]
    payload: str
    tags: tuple[Tag, ...]
    setting: str = "debugger"


def render_list(request: HttpRequest, page: DebuggerPage) -> HttpResponse:
    """Return the list; an htmx request picks its `#facts` out of it."""
    return render_page(request, "web/debugger.html", page, nav="settings")


def render_one(request: HttpRequest, page: FactPage) -> HttpResponse:
    """Return one fact."""
    return render_page(request, "web/debugger_fact.html", page, nav="settings")
