"""The built-in mailbox: what would have been sent. Everything in it is marked SIMULATED."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from kembali.web.pages.base import render_page
from kembali.web.pages.parts import Pager, Tag


@dataclass(frozen=True, slots=True)
class MailRow:
    """One message in the list."""

    message_id: int
    to_name: str
    to_email: str
    subject: str
    preview: str
    sent_at: datetime
    journey: str


@dataclass(frozen=True, slots=True)
class MailboxPage:
    """One page of messages, newest first, matching `query`."""

    at: datetime
    total: int
    query: str
    rows: tuple[MailRow, ...]
    pager: Pager


@dataclass(frozen=True, slots=True)
class MessagePage:
    """One message. `body_href` serves the HTML body alone, under a policy without scripts, for a sandboxed frame."""

    at: datetime
    message_id: int
    customer_id: int | None
    to_name: str
    to_email: str
    from_line: str
    reply_to: str
    subject: str
    sent_at: datetime
    state: Tag
    journey: str
    journey_href: str
    headers: tuple[tuple[str, str], ...]
    body_href: str
    text: str


def render_list(request: HttpRequest, page: MailboxPage) -> HttpResponse:
    """Return the list of messages."""
    return render_page(request, "web/mailbox.html", page, nav="mailbox")


def render_one(request: HttpRequest, page: MessagePage) -> HttpResponse:
    """Return one message with its body in a sandboxed frame."""
    return render_page(request, "web/message.html", page, nav="mailbox")
