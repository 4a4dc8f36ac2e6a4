"""Proof, which answers “did it really work?”."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.http import HttpRequest, HttpResponse

from kembali.web.pages.base import render_page
from kembali.web.pages.parts import Chart, Measured, Standing, Tag


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """One outcome against the holdout. `note`: few words, as "not sure yet"; `true_effect`: only in demo shops."""

    label: str
    measured: Measured
    standing: Standing
    note: str = ""
    true_effect: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ProofRow:
    """One thing measured: its verdict in one sentence, its headline interval."""

    key: str
    title: str
    kind: str
    verdict: str
    headline: IntervalRow | None
    state: Tag
    people_count: int


@dataclass(frozen=True, slots=True)
class ProofsPage:
    """Everything that keeps a holdout."""

    at: datetime
    currency: str
    sentence: str
    rows: tuple[ProofRow, ...]


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One arm's plain figures. Means are minor units; None where nobody is in it yet."""

    label: str
    people_count: int
    ordered_share: Decimal | None
    orders_per_100: Decimal | None
    revenue_each_minor: Decimal | None
    profit_each_minor: Decimal | None


@dataclass(frozen=True, slots=True)
class CountRow:
    """A reason and how many people it concerns; `href` leads to them."""

    label: str
    count: int
    href: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The plain sentence in three pieces, so that the middle can carry the colour of its standing."""

    before: str
    core: str
    after: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class ProofPage:
    """One comparison with its holdout.

    sure_lines: what is proven and what needs how many more days. power: what was said before launch.
    truth: in demo shops the planted effect beside the measured one, in words; else empty.
    """

    at: datetime
    currency: str
    key: str
    title: str
    tag: Tag
    verdict: Verdict
    rows: tuple[IntervalRow, ...]
    groups: tuple[GroupRow, ...]
    horizon_days: int
    sure_lines: tuple[str, ...]
    power: str
    attribution: str
    daily: Chart | None
    not_asked: tuple[CountRow, ...]
    checks: tuple[Tag, ...]
    method: tuple[str, ...]
    truth: str
    journey_href: str


def render_list(request: HttpRequest, page: ProofsPage) -> HttpResponse:
    """Return everything measured."""
    return render_page(request, "web/proofs.html", page, nav="proof")


def render_one(request: HttpRequest, page: ProofPage) -> HttpResponse:
    """Return one comparison."""
    return render_page(request, "web/proof.html", page, nav="proof", charts=(page.daily,))
