"""The HTTP API in words, which answers “how does my program talk to kembali?”. Made of its own description."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from kembali.web.pages.base import render_page


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One thing a call takes, in its address or its body."""

    name: str
    type: str
    is_needed: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call: `path` with its parameters in braces, the scope its key needs."""

    method: str
    path: str
    scope: str
    meaning: str
    parameters: tuple[ParameterRow, ...]
    body: tuple[ParameterRow, ...]
    body_note: str


@dataclass(frozen=True, slots=True)
class CallGroup:
    """Calls about one thing."""

    name: str
    calls: tuple[CallRow, ...]


@dataclass(frozen=True, slots=True)
class ApiDocsPage:
    """The whole API."""

    base_url: str
    groups: tuple[CallGroup, ...]
    setting: str = "api-docs"


def render(request: HttpRequest, page: ApiDocsPage) -> HttpResponse:
    """Return the API in words."""
    return render_page(request, "web/api_docs.html", page, nav="settings")
