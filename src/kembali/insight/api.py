"""The door to `insight`. What needs an engine is imported when called: web processes never load one."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING

from kembali.insight.contracts import ATTRIBUTES, CHANGED_AT, TRAITS, Attribute, LastRefresh, Refreshed, Report, Traits
from kembali.insight.queries import find_report, last_refresh, traits_of, yearly_worth_of

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kembali.lake.api import Lake

__all__ = [
    "ATTRIBUTES",
    "CHANGED_AT",
    "TRAITS",
    "Attribute",
    "LastRefresh",
    "Refreshed",
    "Report",
    "Traits",
    "crossings",
    "find_report",
    "last_refresh",
    "refreshing",
    "traits_at",
    "traits_of",
    "yearly_worth_of",
]


def refreshing(lake: "Lake", *, at: datetime, full: bool | None = None) -> AbstractContextManager[Refreshed]:
    """Bring traits and reports up to date with the lake as of `at` (see `insight.services.refreshing`)."""
    from kembali.insight import services

    return services.refreshing(lake, at=at, full=full)


def crossings(purchases: "ir.Table", *, start: datetime, end: datetime, min_orders: int) -> "ir.Table":
    """One row per wait that became clearly long in [start, end) (see `insight.rhythm.crossings`)."""
    from kembali.insight import rhythm

    return rhythm.crossings(purchases, start=start, end=end, min_orders=min_orders)


def traits_at(purchases: "ir.Table", *, as_of: datetime) -> "ir.Table":
    """One row per customer who bought before `as_of`: what insight would have said then (see `insight.traits`)."""
    from kembali.insight import traits

    return traits.traits(purchases, as_of=as_of)
