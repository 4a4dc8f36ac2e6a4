"""The values that leave the file reader: what a file looks like, what importing it would do, versions and rejects."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class FileShape:
    """How a file is written and how its columns would be understood; `missing_fields` empty means it can be read.

    `mapped` is field → column. `unmapped_columns` are kept as properties. `first_rows` are at most five records.
    """

    path: Path
    encoding: str
    delimiter: str
    format: str
    columns: tuple[str, ...]
    mapped: Mapping[str, str]
    unmapped_columns: tuple[str, ...]
    missing_fields: tuple[str, ...]
    first_rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectCount:
    """How many lines were rejected for one reason, with at most three sentences as examples."""

    code: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What importing the file would do; `lines` = `accepted` + `rejected`.

    lines: CSV records after the header; empty lines are only counted in `blank_lines`.
    orders: order versions; `orders_by_type` adds up to it.
    customers: distinct customers by their strongest identifier (number, else e-mail, else phone).
    revenue_minor: sum of all line totals (order totals where the file has no lines) in the shop's currency,
        cancellations and adjustments included as they are signed; other currencies in `other_revenue_minor`.
    exact_duplicates: accepted lines equal to an earlier one in every cell.
    several_times: orders whose lines carry more than one instant; the earliest was taken.
    first_placed_at, last_placed_at: UTC, None without orders.
    ambiguous_times, nonexistent_times: orders whose local time happened twice or never.
    """

    format: str
    currency: str
    time_zone: str
    lines: int
    blank_lines: int
    accepted: int
    rejected: int
    orders: int
    orders_by_type: Mapping[str, int]
    customers: int
    lines_without_customer: int
    revenue_minor: int
    other_revenue_minor: Mapping[str, int]
    first_placed_at: datetime | None
    last_placed_at: datetime | None
    exact_duplicates: int
    several_times: int
    ambiguous_times: int
    nonexistent_times: int
    incomplete_orders: int
    unmapped_columns: tuple[str, ...]
    rejects: tuple[RejectCount, ...]


class OrderVersion(NamedTuple):
    """One version of one order. `identifiers` and `payload` are JSON objects; `line_count` are lines of the file."""

    message_id: str
    order_ref: str
    type: str
    occurred_at: datetime
    identifiers: bytes
    payload: bytes
    line_count: int


class RejectedLine(NamedTuple):
    """A record that could not be understood, with its first physical line and its text, cut at 32 KB of UTF-8."""

    line_number: int
    code: str
    reason: str
    raw_text: str
