"""Who is who, where a person decides: open questions, merging two people, taking one out again."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from kembali.web.pages.base import render_page


@dataclass(frozen=True, slots=True)
class SideCard:
    """One of two people who are compared. `orders` names the latest."""

    customer_id: int
    name: str
    identifiers: tuple[str, ...]
    order_count: int
    net_minor: int
    last_order_at: datetime | None
    orders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people side by side; `via` is what they share, empty where nothing is known to tie them."""

    first: SideCard
    second: SideCard
    via: tuple[str, ...]
    found_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ToDecidePage:
    """Open questions, the oldest first; `total` may be more than are shown."""

    at: datetime
    currency: str
    pairs: tuple[Pair, ...]
    total: int
    may_change: bool


@dataclass(frozen=True, slots=True)
class MergePage:
    """Two people before they are merged by hand; `pair` is None until the other one is named.

    problem: why what was typed names nobody, empty before.
    """

    currency: str
    customer_id: int
    name: str
    query: str
    found: tuple[SideCard, ...]
    pair: Pair | None
    problem: str
    may_change: bool


@dataclass(frozen=True, slots=True)
class TakeOutPage:
    """What leaves a person, and what stays, before it is done. `fact_count` facts go along with the orders."""

    customer_id: int
    root_id: int
    name: str
    leaving: tuple[str, ...]
    staying: tuple[str, ...]
    orders: tuple[str, ...]
    order_count: int
    fact_count: int
    may_change: bool


def render_questions(request: HttpRequest, page: ToDecidePage) -> HttpResponse:
    """Return the open questions."""
    return render_page(request, "web/to_decide.html", page, nav="people")


def render_merge(request: HttpRequest, page: MergePage) -> HttpResponse:
    """Return the two people before a merge."""
    return render_page(request, "web/merge.html", page, nav="people")


def render_take_out(request: HttpRequest, page: TakeOutPage) -> HttpResponse:
    """Return what would be taken apart."""
    return render_page(request, "web/take_out.html", page, nav="people")
