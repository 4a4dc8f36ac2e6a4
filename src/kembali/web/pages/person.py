"""One person: what happened to them, and what is next."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from django.http import HttpRequest, HttpResponse

from kembali.web.pages.base import render_page
from kembali.web.pages.parts import Measured, Tag

TimelineTone = Literal["plain", "back", "away", "hold"]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Somebody's own buying rhythm; the expected next order stands with its 80 % interval.

    sentence: the rhythm in words. ordered_at: past purchases, any order.
    """

    sentence: str
    gap_mean_days: Decimal
    shop_gap_mean_days: Decimal | None
    ordered_at: tuple[datetime, ...]
    expected_at: datetime
    low_at: datetime
    high_at: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One fact as a line of the timeline. `detail` is plain text, never HTML."""

    at: datetime
    title: str
    detail: str = ""
    tone: TimelineTone = "plain"
    href: str = ""


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order, cancellation or adjustment. `net_minor` None: it counts for nothing by itself."""

    order_ref: str
    placed_at: datetime
    items: str
    state: Tag
    net_minor: int | None
    margin_minor: int | None
    margin_assumed: bool
    parcels: tuple[Tag, ...] = ()


@dataclass(frozen=True, slots=True)
class CartRow:
    """A cart or checkout that was begun and not finished. `amount` is money in words, empty where nobody told."""

    title: str
    changed_at: datetime
    items: str
    amount: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """A statement about the future, measured; `basis` says in words what it rests on."""

    label: str
    measured: Measured | None
    basis: str


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """Permission for one channel and purpose, with where and when it was given or withdrawn."""

    channel: str
    purpose: str
    state: Tag
    evidence: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class SegmentSpan:
    """A stay in a segment; `left_at` None means still inside."""

    key: str
    title: str
    entered_at: datetime
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class Gate:
    """One check of a receipt: its name, the value it saw, whether it let the message pass."""

    name: str
    value: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """Why a message went or did not go, and the smallest change that would have turned it."""

    at: datetime
    title: str
    outcome: Tag
    gates: tuple[Gate, ...]
    flip: str = ""
    message_href: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What a person is known by, one customer of theirs each. `take_out_href` empty: it cannot be taken out alone."""

    names: tuple[str, ...]
    tied_by: tuple[str, ...]
    order_count: int
    is_shared: bool
    take_out_href: str


@dataclass(frozen=True, slots=True)
class PersonPage:
    """Everything known about one person. Empty tuples and None are shown as such, never hidden."""

    at: datetime
    currency: str
    customer_id: int
    name: str
    stage: Tag
    place: str
    email: str
    phone: str
    first_seen_at: datetime
    order_count: int
    net_minor: int
    aov_minor: int | None
    rhythm: Rhythm | None
    predictions: tuple[Prediction, ...]
    timeline: tuple[TimelineItem, ...]
    timeline_next_href: str
    orders: tuple[OrderRow, ...]
    consents: tuple[ConsentRow, ...]
    segments: tuple[SegmentSpan, ...]
    planned: tuple[TimelineItem, ...]
    receipts: tuple[Receipt, ...]
    parts: tuple[Part, ...]
    merge_href: str = ""
    is_lost: bool = False
    carts: tuple[CartRow, ...] = ()


def render(request: HttpRequest, page: PersonPage) -> HttpResponse:
    """Return the profile."""
    return render_page(request, "web/person.html", page, nav="people")
