"""View models of the shopper pages. A GET never changes anything: mail scanners follow links."""

from dataclasses import dataclass
from typing import Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

Answer = Literal["good", "mixed", "bad"]


@dataclass(frozen=True, slots=True)
class UnsubscribePage:
    """Stopping mails. `state`: `ask` shows the button, `done` confirms, `unknown` is a link that does not verify.

    masked_email: such as `a…@example.com`; the page can be forwarded, so it never shows the whole address.
    """

    shop_name: str
    masked_email: str
    topic: str
    state: Literal["ask", "done", "unknown"]


@dataclass(frozen=True, slots=True)
class ExperiencePage:
    """“How was your experience?”: one choice and a free answer; `chosen` is what a tap in the mail preselected."""

    shop_name: str
    state: Literal["ask", "done", "unknown"]
    chosen: Answer | Literal[""] = ""


def render_unsubscribe(request: HttpRequest, page: UnsubscribePage) -> HttpResponse:
    """Return the page; 404 for a link that does not verify."""
    return render(request, "shopper/unsubscribe.html", {"page": page}, status=404 if page.state == "unknown" else 200)


def render_experience(request: HttpRequest, page: ExperiencePage) -> HttpResponse:
    """Return the page; 404 for a link that does not verify."""
    return render(request, "shopper/experience.html", {"page": page}, status=404 if page.state == "unknown" else 200)
