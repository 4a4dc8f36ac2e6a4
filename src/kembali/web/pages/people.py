"""People: find someone."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from kembali.web.pages.base import render_page
from kembali.web.pages.parts import Pager, PersonRow


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a menu: its value in the URL, its words, how many it holds."""

    value: str
    label: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """People matching `query` and `segment_key` (empty: everyone), one page of them."""

    currency: str
    people_count: int
    query: str
    segment_key: str
    segments: tuple[Choice, ...]
    rows: tuple[PersonRow, ...]
    pager: Pager
    question_count: int = 0


def render(request: HttpRequest, page: PeoplePage) -> HttpResponse:
    """Return the list; an htmx request picks its `#results` out of it."""
    return render_page(request, "web/people.html", page, nav="people")
