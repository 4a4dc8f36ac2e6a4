"""The values that leave the file reader: what a file looks like, what importing it would do, versions and rejects."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class FileShape:
    """How a file is written and how its columns would be understood; `missing_fields` empty means it can be read.

    source: who speaks in such files. mapped: field → column. unmapped_columns: kept as properties. first_rows: at most
        five records. usual: the currency and zone of nearly all such files.
    """

    path: Path
    encoding: str
    delimiter: str
    kind: str
    format: str
    source: str
    columns: tuple[str, ...]
    mapped: Mapping[str, str]
    unmapped_columns: tuple[str, ...]
    missing_fields: tuple[str, ...]
    first_rows: tuple[tuple[str, ...], ...]
    usual: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectCount:
    """How many lines were rejected for one reason, with at most three sentences as examples."""

    code: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What importing the file would do; `lines` = `accepted` + `rejected`. What only orders have is 0 for other kinds.

    kind: what its rows are: orders, customers, consents, products, events, shipments, reviews.
    lines: records after the header; empty lines are only counted in `blank_lines`.
    orders: order versions; `orders_by_type` adds up to it.
    customers: distinct customers by their strongest identifier (number, else e-mail, else phone).
    revenue_minor: sum of all line totals (order totals where the file has no lines) in the shop's currency,
        cancellations and adjustments included as they are signed; other currencies in `other_revenue_minor`.
    exact_duplicates: accepted lines equal to an earlier one in every cell.
    several_times: orders whose lines carry more than one instant; the earliest was taken.
    first_placed_at, last_placed_at: UTC, of orders; of other facts when they happened. None without any.
    ambiguous_times, nonexistent_times: orders whose local time happened twice or never.
    facts: kind → how many facts the file makes.
    consents: such as `email given opt_in` → how many statements of this channel, state and basis (of orders: people).
    """

    kind: str

    format: str
    currency: str
    time_zone: str
    lines: int
    blank_lines: int
    accepted: int
    rejected: int
    customers: int
    lines_without_customer: int
    first_placed_at: datetime | None
    last_placed_at: datetime | None
    exact_duplicates: int
    unmapped_columns: tuple[str, ...]
    rejects: tuple[RejectCount, ...]
    facts: Mapping[str, int]
    consents: Mapping[str, int]
    orders: int = 0
    orders_by_type: Mapping[str, int] = field(default_factory=dict)
    revenue_minor: int = 0
    other_revenue_minor: Mapping[str, int] = field(default_factory=dict)
    several_times: int = 0
    ambiguous_times: int = 0
    nonexistent_times: int = 0
    incomplete_orders: int = 0


class OrderVersion(NamedTuple):
    """One version of one order. `identifiers` and `payload` are JSON objects; `line_count` are lines of the file."""

    message_id: str
    order_ref: str
    type: str
    occurred_at: datetime
    identifiers: bytes
    payload: bytes
    line_count: int

    @property
    def kind(self) -> str:
        """The kind of its fact."""
        return "order.version"


class FileFact(NamedTuple):
    """One fact of a file that is not of orders. `line_count` stands on the first fact of what belongs together."""

    message_id: str
    kind: str
    occurred_at: datetime
    identifiers: bytes
    payload: bytes
    line_count: int


Known = OrderVersion | FileFact


class RejectedLine(NamedTuple):
    """A record that could not be understood, with its first physical line and its text, cut at 32 KB of UTF-8."""

    line_number: int
    code: str
    reason: str
    raw_text: str
