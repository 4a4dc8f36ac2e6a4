"""Values that several pages show: measurements, series for charts, tags, links. Plain and frozen."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Tone = Literal["plain", "back", "away", "hold", "sim"]
"""Colour and mark of a tag: `back` good, `away` needs care, `hold` uncertain, `sim` simulated."""

Unit = Literal["count", "share", "points", "money", "days"]
"""How a number is written. `share` and `points` are fractions of one, `money` is in minor units."""

Standing = Literal["better", "worse", "unsure", "too_little"]
"""What an interval says: clear of zero either way, across zero, or not enough data for an interval."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A short label with a tone. The label carries the meaning, the tone only repeats it."""

    label: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Measured:
    """An estimate with its interval. Both bounds are None where no interval can hold its promise."""

    estimate: Decimal
    low: Decimal | None
    high: Decimal | None
    unit: Unit

    @property
    def half_width(self) -> Decimal | None:
        """Half the interval's width: what stands after ±."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


@dataclass(frozen=True, slots=True)
class Point:
    """One position of a series: `label` for the table and axis, `low`/`high` its band."""

    label: str
    value: Decimal
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """A line over time. `key` names it in CSV links, `summary` says in words what the line shows (alt text)."""

    key: str
    title: str
    caption: str
    summary: str
    unit: Unit
    points: tuple[Point, ...]
    zero_label: str = ""


@dataclass(frozen=True, slots=True)
class CohortRow:
    """People whose first order fell in `month`, and the share that ordered again in each later month."""

    month: date
    people: int
    shares: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person in a list. `name` is what the shop knows them by, never empty."""

    customer_id: int
    name: str
    email: str
    country: str
    order_count: int
    net_minor: int
    stage: Tag
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pager:
    """Where a list goes on. Empty hrefs mean the end on that side."""

    previous_href: str = ""
    next_href: str = ""
    total: int | None = None
