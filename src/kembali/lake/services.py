"""Bring the lake up to date with PostgreSQL."""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from kembali.lake.contracts import SINCE, Exported, LakeTable, Manifest, TableState
from kembali.lake.engine import duckdb_type, exporter, quote
from kembali.lake.errors import LakeNotReady, LakeTableMismatch
from kembali.lake.files import base_dir, changed_dir, paths_of, read_manifest, write_manifest, write_rows
from kembali.lake.registry import registered
from kembali.lake.session import rows_sql

COMPACT_ABOVE = 0.10
_SMALL_ROWS = 1_000
_BATCH_ROWS = 100_000
_checked: set[tuple[str, frozenset[str]]] = set()


def export(lake_dir: Path, conninfo: str, *, rebuild: bool = False) -> Exported:
    """Copy what PostgreSQL has committed since the last export into the lake; the first time, everything.

    Reads only committed rows, on a connection of its own. Idempotent; a killed export leaves the former state. One
    export at a time per lake.

    Raises:
        LakeTableMismatch: a table's query does not return the declared columns.
    """
    lake_dir.mkdir(parents=True, exist_ok=True)
    tables = registered()
    with _alone(lake_dir):
        connection = exporter(lake_dir / "spill").con
        connection.execute(f"ATTACH {quote(conninfo)} AS pg (TYPE postgres, READ_ONLY)")
        try:
            return _export(connection, lake_dir, tables, rebuild=rebuild)
        finally:
            connection.execute("DETACH pg")


def _export(
    connection: duckdb.DuckDBPyConnection, lake_dir: Path, tables: Mapping[str, LakeTable], *, rebuild: bool
) -> Exported:
    # The horizon is read before the rows: what commits in between is copied now and once more next time.
    horizon = _horizon(connection)
    old = read_manifest(lake_dir)
    whole = rebuild or old is None or old.horizon > horizon or not _readable(lake_dir, old)
    states: dict[str, TableState] = {}
    rows: dict[str, int] = {}
    for table in tables.values():
        state = None if whole or old is None else old.tables.get(table.name)
        if state is None or old is None:
            states[table.name] = _write_base(connection, lake_dir, table)
            rows[table.name] = states[table.name].row_count
        else:
            states[table.name], rows[table.name] = _write_changed(connection, lake_dir, table, state, old.horizon)
    epoch = 1 if old is None else old.epoch + int(whole)
    write_manifest(lake_dir, Manifest(epoch, horizon, states))
    return Exported(whole, rows)


def _write_base(connection: duckdb.DuckDBPyConnection, lake_dir: Path, table: LakeTable) -> TableState:
    reader = connection.execute(f"{_source(connection, table, 0)} WHERE is_live").to_arrow_reader(_BATCH_ROWS)
    version = write_rows(base_dir(lake_dir, table.name), reader)
    return TableState(version, None, _count(connection, paths_of(base_dir(lake_dir, table.name), version)), 0)


def _write_changed(
    connection: duckdb.DuckDBPyConnection, lake_dir: Path, table: LakeTable, state: TableState, since: int
) -> tuple[TableState, int]:
    fresh: pa.Table = connection.execute(_source(connection, table, since)).to_arrow_table()
    if not fresh.num_rows:
        return state, 0
    connection.register("fresh", fresh)
    kept = TableState(state.base_version, None, 0, 0)
    if state.changed_version is None:
        changed = fresh
    else:
        paths = ", ".join(map(quote, paths_of(changed_dir(lake_dir, table.name), state.changed_version)))
        changed = connection.execute(
            f'SELECT * FROM read_parquet([{paths}]) ANTI JOIN fresh USING ("{table.key}") UNION ALL FROM fresh'  # noqa: S608 - names of registered tables, quoted paths
        ).to_arrow_table()
    if changed.num_rows <= max(COMPACT_ABOVE * state.row_count, _SMALL_ROWS):
        version = write_rows(changed_dir(lake_dir, table.name), changed)
        return TableState(state.base_version, version, state.row_count, changed.num_rows), fresh.num_rows
    # Dead rows stay in the base: whoever asks what changed must still hear of them.
    connection.register("changed", changed)
    merged = connection.execute(
        f'FROM ({rows_sql(lake_dir, table, kept)}) ANTI JOIN changed USING ("{table.key}") UNION ALL FROM changed'
    ).to_arrow_reader(_BATCH_ROWS)
    version = write_rows(base_dir(lake_dir, table.name), merged)
    count = _count(connection, paths_of(base_dir(lake_dir, table.name), version))
    return TableState(version, None, count, 0), fresh.num_rows


def _source(connection: duckdb.DuckDBPyConnection, table: LakeTable, since: int) -> str:
    """Return the DuckDB query of a table's rows in PostgreSQL, with exactly the declared columns and types."""
    query = f"postgres_query('pg', {quote(table.select.replace(SINCE, str(since)))})"
    columns = {**table.columns, "is_live": "bool", "row_xid": "int64"}
    if (table.select, frozenset(columns)) not in _checked:
        _check(connection, table, frozenset(columns))
    casts = ", ".join(f'"{name}"::{duckdb_type(kind)} AS "{name}"' for name, kind in columns.items())
    return f"SELECT {casts} FROM {query}"  # noqa: S608 - names of registered tables, quoted paths


def _check(connection: duckdb.DuckDBPyConnection, table: LakeTable, columns: frozenset[str]) -> None:
    """Compare what a table's query returns with what is declared, once per process."""
    query = f"postgres_query('pg', {quote(table.select.replace(SINCE, '0'))})"
    found = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {query}").fetchall()}  # noqa: S608 - names of registered tables, quoted paths
    if found != columns:
        raise LakeTableMismatch(f"The query of lake table {table.name} returns {sorted(found)}, not {sorted(columns)}.")
    _checked.add((table.select, columns))


def _readable(lake_dir: Path, manifest: Manifest) -> bool:
    try:
        for name, state in manifest.tables.items():
            paths_of(base_dir(lake_dir, name), state.base_version)
            if state.changed_version is not None:
                paths_of(changed_dir(lake_dir, name), state.changed_version)
    except LakeNotReady:
        return False
    return True


def _count(connection: duckdb.DuckDBPyConnection, paths: list[str]) -> int:
    if not paths:
        return 0
    found = connection.execute(f"SELECT count(*) FROM read_parquet([{', '.join(map(quote, paths))}])").fetchone()  # noqa: S608 - names of registered tables, quoted paths
    return int(found[0]) if found else 0


def _horizon(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the transaction id below which everything has committed or failed."""
    query = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS x"
    found = connection.execute("SELECT x FROM postgres_query('pg', ?)", [query]).fetchone()
    return int(found[0]) if found else 0


@contextmanager
def _alone(lake_dir: Path) -> Iterator[None]:
    with (lake_dir / "export.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
