"""Webhooks, which answer “who is told of what, and does it arrive?”: endpoints, one of them, one delivery."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from kembali.web.pages.base import render_page
from kembali.web.pages.parts import Tag


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """One endpoint and how its deliveries of the last 30 days stand."""

    endpoint_id: int
    url: str
    description: str
    kinds: tuple[str, ...]
    state: Tag
    waiting: int
    delivered: int
    failed: int
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class EndpointForm:
    """What was entered, or what an endpoint is. `all_kinds`: those to choose from."""

    url: str
    description: str
    kinds: tuple[str, ...]
    with_history: bool
    all_kinds: tuple[str, ...]
    error: str = ""
    error_hint: str = ""


@dataclass(frozen=True, slots=True)
class WebhooksPage:
    """All endpoints."""

    at: datetime
    rows: tuple[EndpointRow, ...]
    form: EndpointForm
    may_change: bool
    setting: str = "webhooks"


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery in a list. `answer`: a status, or why there is none."""

    delivery_id: int
    kind: str
    fact_seq: int | None
    made_at: datetime
    attempts: int
    answer: str
    state: Tag
    may_replay: bool


@dataclass(frozen=True, slots=True)
class ReplayRow:
    """A time range that is sent once more."""

    since: datetime
    until: datetime
    queued: int
    is_done: bool


@dataclass(frozen=True, slots=True)
class WebhookPage:
    """One endpoint with its log. `secret` is a new one, shown this once; `former_until`: the old one signs along."""

    at: datetime
    row: EndpointRow
    is_open: bool
    trouble: str
    former_until: datetime | None
    deliveries: tuple[DeliveryRow, ...]
    further_href: str
    replays: tuple[ReplayRow, ...]
    form: EndpointForm
    may_change: bool
    secret: str = ""
    setting: str = "webhooks"


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One call and what came back."""

    number: int
    at: datetime
    duration_ms: int
    answer: str
    body: str
    is_good: bool


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """One delivery with its calls."""

    at: datetime
    row: DeliveryRow
    endpoint_id: int
    url: str
    due_at: datetime | None
    attempts: tuple[AttemptRow, ...]
    may_change: bool
    setting: str = "webhooks"


def render_list(request: HttpRequest, page: WebhooksPage) -> HttpResponse:
    """Return the endpoints; 422 where one was not made."""
    return render_page(request, "web/webhooks.html", page, nav="settings", status=422 if page.form.error else 200)


def render_one(request: HttpRequest, page: WebhookPage) -> HttpResponse:
    """Return one endpoint; 422 where it was not changed. A page with a secret in it is kept nowhere."""
    response = render_page(request, "web/webhook.html", page, nav="settings", status=422 if page.form.error else 200)
    if page.secret:
        response["Cache-Control"] = "no-store"
    return response


def render_delivery(request: HttpRequest, page: DeliveryPage) -> HttpResponse:
    """Return one delivery."""
    return render_page(request, "web/webhook_delivery.html", page, nav="settings")
