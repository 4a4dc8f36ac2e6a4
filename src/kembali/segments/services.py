"""Bring memberships up to date: who fits each rule at a moment, as intervals and facts."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import ibis.expr.types as ir

from kembali.infra.database import one_transaction
from kembali.lake.api import Lake
from kembali.segments import storing
from kembali.segments.ast import Bought, Rule, walk
from kembali.segments.candidates import everyone, movable
from kembali.segments.compiling import BoughtColumns, Compiler, with_bought
from kembali.segments.contracts import SegmentsRefreshed
from kembali.segments.definitions import all_rules, install_shipped
from kembali.segments.models import Segment
from kembali.segments.moving import found, moves
from kembali.segments.registry import Catalogue, catalogue
from kembali.segments.rules import inlined


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A segment with its rule free of references."""

    row: Segment
    rule: Rule

    @property
    def is_news(self) -> bool:
        """Whether entering and leaving become facts: not on a first build and not after an edit."""
        return self.row.built_version == self.row.version


def refresh(lake: Lake, *, at: datetime, changed: Sequence[int] | None) -> SegmentsRefreshed:
    """Open and close memberships so that they say who fits every rule at `at`, and record each move as a fact.

    changed: customers whose attributes may have changed since the last refresh; None means all. Whoever a passing
        instant moves is found besides. A segment's first build and a build after an edit take everyone and record no
        facts. Idempotent. Moves commit in batches; one that was stopped in between goes on when it is called again.
    """
    install_shipped()
    rules = all_rules()
    everything = [_Compiled(row, inlined(rules[row.key], rules)) for row in Segment.objects.order_by("id")]
    fresh = [segment for segment in everything if not segment.is_news]
    kept = [segment for segment in everything if segment.is_news]
    done = SegmentsRefreshed(0, 0, 0)
    if fresh:
        done = _add(done, _refresh(lake, at, fresh, None))
    if kept:
        done = _add(done, _refresh(lake, at, kept, changed))
    return done


def _refresh(
    lake: Lake, at: datetime, segments: Sequence[_Compiled], changed: Sequence[int] | None
) -> SegmentsRefreshed:
    known = catalogue()
    rules = {segment.row.pk: segment.rule for segment in segments}
    with one_transaction() as cursor:
        asked = list(rules.values())
        if changed is None:
            who = everyone(cursor, lake, asked)
        else:
            since = min((segment.row.refreshed_at or at) for segment in segments)
            who = movable(cursor, lake, asked, changed=changed, since=since, at=at)
        lake.view(known.purchases)
        lake.note(at=at)
        plan = _Plan(lake, who.customers, known, rules)
        if changed is None and storing.is_empty():
            count = storing.load_all(lake.read("segments_everybody", plan.everybody, key=plan.key))
            _built(segments, at)
            return SegmentsRefreshed(count, 0, 0)
        with ThreadPoolExecutor(max_workers=1) as beside:
            inside = beside.submit(storing.open_stays, cursor, list(rules), who.ids)
            lake.make("segments_found", plan.fitting, key=plan.key)
        lake.put("segments_inside", inside.result())
        moving = lake.read("segments_moving", plan.moving, key=plan.key)
    facts = storing.move(moving, {s.row.pk: s.row.key for s in segments if s.is_news}, at=at)
    _built(segments, at)
    left = moving.num_rows - moving.column("left_at").null_count
    return SegmentsRefreshed(moving.num_rows - left, left, facts)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The recipes of a refresh: the same text while rules and tables are the same; the moment is noted in the lake."""

    lake: Lake
    customers: str
    known: Catalogue
    rules: Mapping[int, Rule]

    @property
    def key(self) -> str:
        return f"{self.customers} {self.known.changed_at} {sorted(self.rules.items())!r}"

    def everybody(self) -> ir.Table:
        return found(self._compiler(), self.rules).drop("out_from").order_by("customer_id", "segment_id")

    def fitting(self) -> ir.Table:
        return found(self._compiler(), self.rules)

    def moving(self) -> ir.Table:
        fitting, inside = (self.lake.table(name) for name in ("segments_found", "segments_inside"))
        return moves(self._compiler(), self.rules, fitting, inside).order_by("customer_id", "segment_id")

    def _compiler(self) -> Compiler:
        customers, at = self.lake.table(self.customers), self.lake.noted("at")
        bought: BoughtColumns = {}
        rules = list(self.rules.values())
        if any(isinstance(part, Bought) for rule in rules for part in walk(rule)):
            customers, bought = with_bought(customers, self.lake.table(self.known.purchases), rules, at=at)
        return Compiler(customers, at, self.known.changed_at, bought)


def _built(segments: Sequence[_Compiled], at: datetime) -> None:
    with one_transaction():
        for segment in segments:
            Segment.objects.filter(pk=segment.row.pk).update(built_version=segment.row.version, refreshed_at=at)


def _add(one: SegmentsRefreshed, other: SegmentsRefreshed) -> SegmentsRefreshed:
    return SegmentsRefreshed(one.entered + other.entered, one.left + other.left, one.facts + other.facts)
