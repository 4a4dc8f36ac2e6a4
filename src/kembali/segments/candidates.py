"""Whose memberships a refresh looks at, and where the rows of their attributes come from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from psycopg import Cursor, sql

from kembali.lake.api import SINCE, ColumnType, Lake, read_arrow
from kembali.segments import storing
from kembali.segments.ast import Bought, Passed, Rule, attributes_of, walk
from kembali.segments.registry import catalogue

_STORED, _CUSTOMERS, _LISTED = "segments_stored", "segments_customers", "segments_listed"


@dataclass(frozen=True, slots=True)
class Candidates:
    """customers: the lake table with their attributes. ids: customer_id of all, also without a row; None = everyone."""

    customers: str
    ids: pa.Table | None


def everyone(cursor: Cursor[tuple[object, ...]], lake: Lake, rules: Sequence[Rule]) -> Candidates:
    """Return all customers: their rows as insight has just left them in the lake, else as they are stored."""
    source = catalogue().source
    if lake.has(source.name):
        return Candidates(source.name, None)
    columns = _asked(rules)
    lake.put(_STORED, read_arrow(cursor, _rows(columns), columns))
    return Candidates(_with_recent(lake, columns) if lake.has(source.recent) else _STORED, None)


def movable(
    cursor: Cursor[tuple[object, ...]],
    lake: Lake,
    rules: Sequence[Rule],
    *,
    changed: Sequence[int],
    since: datetime,
    at: datetime,
) -> Candidates:
    """Return the changed customers and those whom time alone may have moved after `since` and up to `at`.

    Rows that insight has just left in the lake are taken from there: they may not be stored yet.
    """
    at_hand = lake.has(catalogue().source.recent)
    run_out = _run_out(lake, rules, since, at)
    listed = _listed(cursor, run_out if at_hand else [*changed, *run_out])
    columns = _asked(rules)
    # Looked for apart: joined by OR, either condition would be asked of everybody.
    conditions = [*listed, *_passing(rules, since, at)] or [sql.SQL("false")]
    parts = [sql.SQL("{} WHERE {}").format(_rows(columns), condition) for condition in conditions]
    lake.put(_STORED, read_arrow(cursor, sql.SQL(" UNION ").join(parts), columns))
    customers = _with_recent(lake, columns) if at_hand else _STORED
    lake.put(_LISTED, pa.table({"customer_id": pa.array([*changed, *run_out], pa.int64())}))

    def ids() -> ir.Table:
        return lake.table(customers).select("customer_id").union(lake.table(_LISTED), distinct=True)

    return Candidates(customers, lake.read("segments_ids", ids, key=customers))


def _with_recent(lake: Lake, columns: Iterable[str]) -> str:
    """Make a table of the stored rows, those just computed in place of the same customers' former ones."""
    fresh = catalogue().source.recent

    def rows() -> ir.Table:
        recent, stored = lake.table(fresh), lake.table(_STORED)
        kept = stored.anti_join(recent, "customer_id").select(*columns)
        return kept.union(recent.filter(recent.is_live).select(*columns))

    lake.make(_CUSTOMERS, rows, key=str(sorted(columns)))
    return _CUSTOMERS


def _asked(rules: Sequence[Rule]) -> dict[str, ColumnType]:
    """Return the columns the rules use."""
    known = catalogue()
    asked = {"customer_id", known.changed_at}.union(*(attributes_of(rule) for rule in rules))
    return {name: kind for name, kind in known.source.columns.items() if name in asked}


def _rows(columns: Iterable[str]) -> sql.Composed:
    source = sql.SQL(catalogue().source.select.replace(SINCE, "0"))
    return sql.SQL("SELECT {} FROM ({}) s").format(sql.SQL(", ").join(map(sql.Identifier, columns)), source)


def _listed(cursor: Cursor[tuple[object, ...]], ids: Sequence[int]) -> list[sql.Composable]:
    """Return the condition under which a customer is one of these, if there are any."""
    if not ids:
        return []
    rows = pa.table({"customer_id": pa.array(ids, pa.int64())})
    storing.stage(cursor, "segments_wanted", {"customer_id": "int64"}, rows)
    return [sql.SQL("customer_id IN (SELECT customer_id FROM segments_wanted)")]


def _passing(rules: Sequence[Rule], since: datetime, at: datetime) -> list[sql.Composable]:
    """Return the condition under which an instant of a rule has passed since the last refresh, if one can."""
    parts = {(part.attribute, part.plus_days) for rule in rules for part in walk(rule) if isinstance(part, Passed)}
    passed = [
        sql.SQL("({0} > {1} AND {0} <= {2})").format(
            sql.Identifier(attribute),
            sql.Literal(since - timedelta(days=plus_days)),
            sql.Literal(at - timedelta(days=plus_days)),
        )
        for attribute, plus_days in sorted(parts)
    ]
    return [sql.SQL(" OR ").join(passed)] if passed else []


def _run_out(lake: Lake, rules: Sequence[Rule], since: datetime, at: datetime) -> list[int]:
    """Return the customers one of whose purchases has left a counted window."""
    windows = sorted({part.within_days for rule in rules for part in walk(rule) if isinstance(part, Bought)})
    if not windows:
        return []
    purchases = lake.table(catalogue().purchases)
    left = [
        (purchases.placed_at > ibis.literal(since - timedelta(days=days), type="timestamp('UTC')"))
        & (purchases.placed_at <= ibis.literal(at - timedelta(days=days), type="timestamp('UTC')"))
        for days in windows
    ]
    ids: list[int] = (
        lake.arrow(purchases.filter(ibis.or_(*left)).select("customer_id").distinct()).column("customer_id").to_pylist()
    )
    return ids
