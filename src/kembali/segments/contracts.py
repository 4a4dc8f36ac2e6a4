"""The values that leave `segments`."""

from dataclasses import dataclass
from datetime import datetime

from kembali.kernel.ids import CustomerId, SegmentKey
from kembali.segments.ast import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentView:
    """A segment as a person reads it. `refreshed_at` None: members have not been counted yet."""

    key: SegmentKey
    name: str
    question: str
    rule: Rule
    sentence: str
    version: int
    refreshed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Size:
    """How many are in a segment at an instant, and how many entered and left in the days before."""

    member_count: int
    entered_count: int
    left_count: int


@dataclass(frozen=True, slots=True)
class Stay:
    """One interval of one customer in a segment; `left_at` None = still in."""

    key: SegmentKey
    customer_id: CustomerId
    entered_at: datetime
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class SegmentsRefreshed:
    """What a refresh did: intervals opened and closed, and how many of both became facts."""

    entered: int
    left: int
    facts: int
