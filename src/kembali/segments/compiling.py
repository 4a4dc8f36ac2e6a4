"""Rules as Ibis expressions: who fits at a moment, and since when.

An instant that has passed is true since that instant; anything else a customer's row says is true since the row last
changed. All = the latest of its parts, any = the earliest of those that hold, not = the opposite of each part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import ibis
import ibis.expr.types as ir

from kembali.segments.ast import AllOf, AnyOf, Bought, Compare, InSegment, Not, OneOf, Passed, Rule, walk

_INSTANT = "timestamp('UTC')"
Instant: TypeAlias = datetime | ir.TimestampScalar
"""A UTC instant, or an expression for one."""
BoughtColumns: TypeAlias = Mapping[Bought, tuple[str, str]]


def scalar(instant: Instant) -> ir.TimestampScalar:
    """Return an instant as an expression."""
    return ibis.literal(instant, type=_INSTANT) if isinstance(instant, datetime) else instant


@dataclass(frozen=True, slots=True)
class Match:
    """holds: bool, never null. since: the instant it became so; null where it does not hold."""

    holds: ir.BooleanValue
    since: ir.TimestampValue


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles rules without references against one table of customers at one moment.

    customers: one row per customer with the attributes the rules use, `changed_at` and what `with_bought` added.
    """

    customers: ir.Table
    at: Instant
    changed_at: str
    bought: BoughtColumns

    def match(self, rule: Rule, *, holds: bool = True) -> Match:
        """Return where the rule holds (or, with `holds=False`, does not)."""
        match rule:
            case Not():
                return self.match(rule.that, holds=not holds)
            case AllOf() | AnyOf():
                parts = [self.match(part, holds=holds) for part in rule.of]
                return _every(parts) if isinstance(rule, AllOf) == holds else _some(parts)
            case Passed():
                return self._instant(rule, holds=holds)
            case Bought():
                return self._bought(rule, holds=holds)
            case Compare() | OneOf():
                return self._static(_comparison(self.customers, rule), holds=holds)
            case InSegment():
                raise TypeError("references are resolved before compiling")

    def _static(self, condition: ir.BooleanValue, *, holds: bool) -> Match:
        known = ibis.coalesce(condition, ibis.literal(value=False))
        return _matched(known if holds else ~known, self.customers[self.changed_at])

    def _instant(self, rule: Passed, *, holds: bool) -> Match:
        instant = self.customers[rule.attribute]
        latest = self.moment() - ibis.interval(days=rule.plus_days) if rule.plus_days else self.moment()
        passed = ibis.coalesce(instant <= latest, ibis.literal(value=False))
        if not holds:
            return _matched(~passed, self.customers[self.changed_at])
        return _matched(passed, instant + ibis.interval(days=rule.plus_days) if rule.plus_days else instant)

    def _bought(self, rule: Bought, *, holds: bool) -> Match:
        newest, reached = (self.customers[name] for name in self.bought[rule])
        runs_out = newest + ibis.interval(days=rule.within_days)
        enough = ibis.coalesce(runs_out > self.moment(), ibis.literal(value=False))
        if holds:
            return _matched(enough, reached)
        return _matched(~enough, ibis.coalesce(runs_out, self.customers[self.changed_at]))

    def moment(self) -> ir.TimestampScalar:
        """Return the moment as an expression."""
        return scalar(self.at)


def with_bought(
    customers: ir.Table, purchases: ir.Table, rules: Sequence[Rule], *, at: Instant
) -> tuple[ir.Table, BoughtColumns]:
    """Add what `Bought` parts ask: for each, the n-th newest purchase, and the n-th oldest within the days.

    purchases: customer_id int64, placed_at timestamp UTC.
    """
    wanted = sorted({part for rule in rules for part in walk(rule) if isinstance(part, Bought)}, key=repr)
    columns: dict[Bought, tuple[str, str]] = {}
    known = purchases.filter(purchases.placed_at <= scalar(at)).select("customer_id", "placed_at")
    for number, part in enumerate(wanted):
        names = (f"bought_{number}_newest", f"bought_{number}_reached")
        start = scalar(at) - ibis.interval(days=part.within_days)
        nth = part.at_least - 1
        newest = ibis.row_number().over(ibis.window(group_by="customer_id", order_by=ibis.desc("placed_at")))
        oldest = ibis.row_number().over(ibis.window(group_by=["customer_id", "inside"], order_by=ibis.asc("placed_at")))
        ranked = known.mutate(inside=known.placed_at > start).mutate(newest=newest, oldest=oldest)
        found = ranked.group_by("customer_id").aggregate(
            **{
                names[0]: ranked.placed_at.max(where=ranked.newest == nth),
                names[1]: ranked.placed_at.max(where=ranked.inside & (ranked.oldest == nth)),
            }
        )
        customers = customers.left_join(found, "customer_id").drop("customer_id_right")
        columns[part] = names
    return customers, columns


def _comparison(customers: ir.Table, rule: Compare | OneOf) -> ir.BooleanValue:
    column = customers[rule.attribute]
    if isinstance(rule, OneOf):
        return column.isin(rule.values)
    return {
        "=": column == rule.value,
        "!=": column != rule.value,
        "<": column < rule.value,
        "<=": column <= rule.value,
        ">": column > rule.value,
        ">=": column >= rule.value,
    }[rule.op]


def _matched(holds: ir.BooleanValue, since: ir.TimestampValue) -> Match:
    return Match(holds, ibis.ifelse(holds, since, ibis.null(_INSTANT)))


def _every(parts: Sequence[Match]) -> Match:
    holds = parts[0].holds
    for part in parts[1:]:
        holds = holds & part.holds
    return _matched(holds, ibis.greatest(*(part.since for part in parts)))


def _some(parts: Sequence[Match]) -> Match:
    holds = parts[0].holds
    for part in parts[1:]:
        holds = holds | part.holds
    return _matched(holds, ibis.least(*(part.since for part in parts)))
