"""Keys, which answer “which programs may do what?”."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from kembali.web.pages.base import render_page
from kembali.web.pages.parts import Tag


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key. `public_token` is empty for a secret one; `works_until`: another takes its place.

    is_open: it may be replaced or withdrawn.
    """

    key_id: int
    source: str
    public_token: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    state: Tag
    is_open: bool
    works_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ScopeChoice:
    """Something a key may be allowed, and what that means."""

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class KeysPage:
    """All keys. `token` is a new one, shown this once; `error` says why none was made."""

    at: datetime
    rows: tuple[KeyRow, ...]
    scopes: tuple[ScopeChoice, ...]
    may_change: bool
    token: str = ""
    token_note: str = ""
    error: str = ""
    error_hint: str = ""
    setting: str = "keys"


def render(request: HttpRequest, page: KeysPage) -> HttpResponse:
    """Return the keys. A page with a token in it is kept nowhere."""
    status = 422 if page.error else 200
    response = render_page(request, "web/keys.html", page, nav="settings", status=status)
    if page.token:
        response["Cache-Control"] = "no-store"
    return response
