"""The door to `segments`. Only `refresh` loads an engine, when called."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from kembali.segments.ast import AllOf, AnyOf, Bought, Compare, InSegment, Not, OneOf, Passed, Rule, from_data, to_data
from kembali.segments.contracts import SegmentsRefreshed, SegmentView, Size, Stay
from kembali.segments.definitions import define, install_shipped, remove
from kembali.segments.errors import BadRule, SegmentInUse, SegmentNotFound
from kembali.segments.queries import (
    find_segment,
    growth_of,
    list_segments,
    members_at,
    recent_moves,
    segments_of,
    sizes_at,
    stays_of,
)
from kembali.segments.registry import register

if TYPE_CHECKING:
    from kembali.lake.api import Lake

__all__ = [
    "AllOf",
    "AnyOf",
    "BadRule",
    "Bought",
    "Compare",
    "InSegment",
    "Not",
    "OneOf",
    "Passed",
    "Rule",
    "SegmentInUse",
    "SegmentNotFound",
    "SegmentView",
    "SegmentsRefreshed",
    "Size",
    "Stay",
    "define",
    "find_segment",
    "from_data",
    "growth_of",
    "install_shipped",
    "list_segments",
    "members_at",
    "recent_moves",
    "refresh",
    "register",
    "remove",
    "segments_of",
    "sizes_at",
    "stays_of",
    "to_data",
]


def refresh(lake: "Lake", *, at: datetime, changed: Sequence[int] | None) -> SegmentsRefreshed:
    """Bring memberships up to date at `at` (see `segments.services.refresh`)."""
    from kembali.segments import services

    return services.refresh(lake, at=at, changed=changed)
