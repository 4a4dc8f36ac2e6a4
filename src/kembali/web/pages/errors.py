"""Pages for what went wrong: what happened, and what to do about it."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from kembali.kernel.errors import KembaliError
from kembali.web.pages.base import render_page


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """An error in words. `code` is the permanent, machine-readable name."""

    status: int
    title: str
    message: str
    hint: str
    code: str


def render(request: HttpRequest, page: ErrorPage) -> HttpResponse:
    """Return the page with its HTTP status."""
    return render_page(request, "web/error.html", page, nav="", status=page.status)


def error_page(error: KembaliError, status: int) -> ErrorPage:
    """Return what a room's error looks like to a person."""
    titles = {
        403: gettext("This is not open to you"),
        404: gettext("There is nothing here"),
        409: gettext("This has changed in the meantime"),
        422: gettext("This cannot be accepted"),
        503: gettext("Not available just now"),
    }
    return ErrorPage(status, titles.get(status, gettext("That did not work")), error.message, error.hint, error.code)
