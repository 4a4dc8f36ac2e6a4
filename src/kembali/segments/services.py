"""Bring memberships up to date: who fits each rule at a moment, as intervals and facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from psycopg import Cursor, sql

from kembali.infra.database import one_transaction
from kembali.lake.api import SINCE, Lake, read_arrow
from kembali.segments import storing
from kembali.segments.ast import Bought, Passed, Rule, attributes_of, walk
from kembali.segments.compiling import BoughtColumns, Compiler, with_bought
from kembali.segments.contracts import SegmentsRefreshed
from kembali.segments.definitions import all_rules, install_shipped
from kembali.segments.models import Segment
from kembali.segments.moving import found, moves
from kembali.segments.registry import Catalogue, catalogue
from kembali.segments.rules import inlined

_TRAITS = "segments_traits"


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
        facts. Idempotent.
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
        candidates = None if changed is None else [*changed, *_run_out(lake, known, segments, at)]
        customers = _customers(cursor, lake, segments, at=at, candidates=candidates)
        lake.view(known.purchases)
        lake.note(at=at)
        plan = _Plan(lake, customers, known, rules)
        if changed is None and storing.is_empty():
            count = storing.load_all(lake.read("segments_everybody", plan.everybody, key=plan.key))
            _built(segments, at)
            return SegmentsRefreshed(count, 0, 0)
        among = None if candidates is None else _ids(lake, customers, candidates)
        lake.put("segments_inside", storing.open_stays(cursor, list(rules), among))
        lake.make("segments_found", plan.fitting, key=plan.key)
        moving = lake.read("segments_moving", plan.moving, key=plan.key)
        storing.apply(cursor, moving)
        facts = storing.record(news, at=at) if (news := {s.row.pk: s.row.key for s in segments if s.is_news}) else 0
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


def _customers(
    cursor: Cursor[tuple[object, ...]],
    lake: Lake,
    segments: Sequence[_Compiled],
    *,
    at: datetime,
    candidates: Sequence[int] | None,
) -> str:
    """Name the table of everyone's attributes, or of the candidates' and whoever's a passing instant may have moved.

    Everyone's are taken from the lake where insight has just left them, else from PostgreSQL.
    """
    known = catalogue()
    if candidates is None and lake.has(known.source.name):
        return known.source.name
    asked = {"customer_id", known.changed_at}.union(*(attributes_of(segment.rule) for segment in segments))
    columns = {name: kind for name, kind in known.source.columns.items() if name in asked}
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    query = sql.SQL("SELECT {} FROM ({}) s").format(names, _source(known))
    if candidates is not None:
        ids = pa.table({"customer_id": pa.array(candidates, pa.int64())})
        storing.stage(cursor, "segments_changed", {"customer_id": "int64"}, ids)
        listed = sql.SQL("customer_id IN (SELECT customer_id FROM segments_changed)")
        # Looked for apart: joined by OR, either condition would be asked of everybody.
        query = sql.SQL(" UNION ").join(
            sql.SQL("{} WHERE {}").format(query, condition) for condition in (listed, *_passing(segments, at))
        )
    lake.put(_TRAITS, read_arrow(cursor, query, columns))
    return _TRAITS


def _passing(segments: Sequence[_Compiled], at: datetime) -> list[sql.Composed]:
    """Return the condition under which an instant of a rule has passed since the last refresh, if one can."""
    since = min((segment.row.refreshed_at or at) for segment in segments)
    parts = {(p.attribute, p.plus_days) for s in segments for p in walk(s.rule) if isinstance(p, Passed)}
    passed = [
        sql.SQL("({0} > {1} AND {0} <= {2})").format(
            sql.Identifier(attribute),
            sql.Literal(since - timedelta(days=plus_days)),
            sql.Literal(at - timedelta(days=plus_days)),
        )
        for attribute, plus_days in sorted(parts)
    ]
    return [sql.SQL(" OR ").join(passed)] if passed else []


def _ids(lake: Lake, customers: str, candidates: Sequence[int]) -> pa.Table:
    """Return everyone whose stays may move: customer_id, also of those without a row any more."""
    lake.put("segments_listed", pa.table({"customer_id": pa.array(candidates, pa.int64())}))

    def everyone() -> ir.Table:
        return lake.table(customers).select("customer_id").union(lake.table("segments_listed"), distinct=True)

    return lake.read("segments_ids", everyone, key=customers)


def _run_out(lake: Lake, known: Catalogue, segments: Sequence[_Compiled], at: datetime) -> list[int]:
    """Return the customers one of whose purchases has left a counted window."""
    windows = sorted({part.within_days for part in _bought(segments)})
    if not windows:
        return []
    since = min((segment.row.refreshed_at or at) for segment in segments)
    purchases = lake.table(known.purchases)
    left = [
        (purchases.placed_at > ibis.literal(since - timedelta(days=days), type="timestamp('UTC')"))
        & (purchases.placed_at <= ibis.literal(at - timedelta(days=days), type="timestamp('UTC')"))
        for days in windows
    ]
    ids: list[int] = (
        lake.arrow(purchases.filter(ibis.or_(*left)).select("customer_id").distinct()).column("customer_id").to_pylist()
    )
    return ids


def _source(known: Catalogue) -> sql.SQL:
    return sql.SQL(known.source.select.replace(SINCE, "0"))


def _bought(segments: Sequence[_Compiled]) -> list[Bought]:
    return [part for segment in segments for part in walk(segment.rule) if isinstance(part, Bought)]


def _built(segments: Sequence[_Compiled], at: datetime) -> None:
    for segment in segments:
        Segment.objects.filter(pk=segment.row.pk).update(built_version=segment.row.version, refreshed_at=at)


def _add(one: SegmentsRefreshed, other: SegmentsRefreshed) -> SegmentsRefreshed:
    return SegmentsRefreshed(one.entered + other.entered, one.left + other.left, one.facts + other.facts)
