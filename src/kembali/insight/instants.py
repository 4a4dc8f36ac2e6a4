"""Arithmetic on instants that DuckDB and Spark do alike: whole seconds, no zone tables."""

from datetime import datetime
from typing import TypeAlias

import ibis
import ibis.expr.types as ir

SECONDS_PER_DAY = 86_400
Instant: TypeAlias = datetime | ir.TimestampScalar
"""A UTC instant, or an expression for one."""


def scalar(instant: Instant) -> ir.TimestampScalar:
    """Return an instant as an expression."""
    return ibis.literal(instant, type="timestamp('UTC')") if isinstance(instant, datetime) else instant


def epoch_seconds(instant: ir.TimestampValue) -> ir.IntegerValue:
    """Return whole seconds since 1970, rounded down (DuckDB's own function keeps the fraction)."""
    return instant.epoch_seconds().cast("float64").floor().cast("int64")


def instant_of(seconds: ir.IntegerValue) -> ir.TimestampValue:
    """Return the UTC instant of a whole number of seconds since 1970."""
    return seconds.as_timestamp("s").cast("timestamp('UTC')")


def month_index(day: ir.DateValue) -> ir.IntegerValue:
    """Return months since year 0, so that two months can be subtracted."""
    return (day.year().cast("int64") * 12 + day.month().cast("int64") - 1).cast("int64")


def month_start(month: ir.IntegerValue) -> ir.DateValue:
    """Return the first day of a `month_index`."""
    return ibis.date((month // 12).cast("int32"), (month % 12 + 1).cast("int32"), ibis.literal(1, "int32"))
