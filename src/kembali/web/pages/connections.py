"""Settings → Connections: the shops whose orders come in by themselves, and connecting another one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.http import HttpRequest, HttpResponse

from kembali.web.pages.base import render_page
from kembali.web.pages.parts import Tag

ENTRY = "connections"


@dataclass(frozen=True, slots=True)
class StreamRow:
    """How far a kind of thing has been read; `total` None where the shop does not tell how many there are."""

    name: str
    done: int
    total: int | None
    is_read: bool


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """A connected shop in a list."""

    name: str
    title: str
    address: str
    state: Tag
    read_until: datetime | None
    last_hook_at: datetime | None
    has_webhooks: bool
    problem: str


@dataclass(frozen=True, slots=True)
class PlatformChoice:
    """A platform that can be connected."""

    platform: str
    title: str


@dataclass(frozen=True, slots=True)
class ConnectionsPage:
    """All connected shops, and what else could be one."""

    at: datetime
    sentence: str
    rows: tuple[ConnectionRow, ...]
    platforms: tuple[PlatformChoice, ...]
    may_change: bool
    setting: str = ENTRY


@dataclass(frozen=True, slots=True)
class TotalRow:
    """What the shop counts of one month."""

    month: str
    order_count: int
    total_minor: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class ConnectionPage:
    """One connected shop. `pixel`: what is pasted into the shop's own pixels, empty where there is none to paste."""

    at: datetime
    row: ConnectionRow
    sentence: str
    hook_url: str
    only_here: bool
    topics: tuple[str, ...]
    last_refused_hook_at: datetime | None
    next_at: datetime
    is_live: bool
    is_paused: bool
    streams: tuple[StreamRow, ...]
    totals: tuple[TotalRow, ...]
    pixel: str
    wants_pixel: bool
    may_change: bool
    setting: str = ENTRY


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One thing to enter. A secret's value is never sent back to the browser."""

    name: str
    label: str
    help: str
    is_secret: bool
    is_needed: bool
    placeholder: str
    value: str


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One thing that was looked at."""

    name: str
    state: Literal["ok", "failed", "not_asked"]
    words: str
    hint: str


@dataclass(frozen=True, slots=True)
class ConnectPage:
    """The form that connects a shop. `guide`: the template with the platform's own steps, empty without."""

    platform: str
    title: str
    guide: str
    scopes: str
    edge_url: str
    only_here: bool
    address: str
    name: str
    fields: tuple[FieldRow, ...]
    checks: tuple[CheckRow, ...]
    is_right: bool
    may_change: bool
    error: str = ""
    error_hint: str = ""
    setting: str = ENTRY


def render_list(request: HttpRequest, page: ConnectionsPage) -> HttpResponse:
    """Return the list."""
    return render_page(request, "web/connections.html", page, nav="settings")


def render_one(request: HttpRequest, page: ConnectionPage) -> HttpResponse:
    """Return one shop; while it is read, the page asks for itself again."""
    return render_page(request, "web/connection.html", page, nav="settings")


def render_form(request: HttpRequest, page: ConnectPage) -> HttpResponse:
    """Return the form; 422 when it carries an error."""
    return render_page(request, "web/connect.html", page, nav="settings", status=422 if page.error else 200)
