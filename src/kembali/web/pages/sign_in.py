"""Signing in with a one-time link: GET shows a button, POST signs in."""

from dataclasses import dataclass
from typing import Literal

from django.http import HttpRequest, HttpResponse

from kembali.web.pages.base import render_page

NoLinkReason = Literal["missing", "expired", "used"]


@dataclass(frozen=True, slots=True)
class SignInPage:
    """A link that still works. The button posts to the page's own address, so the token is never repeated in it."""

    staff_name: str
    minutes_left: int


@dataclass(frozen=True, slots=True)
class NoLinkPage:
    """No usable link: `missing` (came without one), `expired` or `used`."""

    reason: NoLinkReason


def render(request: HttpRequest, page: SignInPage) -> HttpResponse:
    """Return the button."""
    return render_page(request, "web/sign_in.html", page, nav="")


def render_no_link(request: HttpRequest, page: NoLinkPage) -> HttpResponse:
    """Return how to get a new link; 410 for a spent one."""
    return render_page(
        request, "web/sign_in_no_link.html", page, nav="", status=200 if page.reason == "missing" else 410
    )
