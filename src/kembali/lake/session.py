"""An open lake: every registered table of one manifest as an Ibis table, and room for results on the way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend

from kembali.lake.contracts import LakeTable, Manifest, TableState
from kembali.lake.engine import connect, duckdb_type, quote
from kembali.lake.errors import LakeNotReady, UnknownLakeTable
from kembali.lake.files import base_dir, changed_dir, paths_of, read_manifest
from kembali.lake.registry import registered

Recipe = Callable[[], ir.Table]
_NOTES = "noted"
# Compiling an expression costs tens of milliseconds, many times what running it on a day's changes does.
_compiled: dict[str, str] = {}


class Lake:
    """Tables of one state of the lake on a DuckDB of this process. Not for two threads at once.

    `make` and `read` keep the compiled query of a recipe for the life of the process, so a recipe's text may depend on
    names of tables only: instants and numbers reach it through `note` and `noted`.
    """

    def __init__(self, backend: Backend, lake_dir: Path, manifest: Manifest) -> None:
        self.backend = backend
        self.manifest = manifest
        self._dir = lake_dir
        self._views: set[str] = set()
        self._made: set[str] = set()
        self._notes: dict[str, datetime | int] = {}

    def table(self, name: str) -> ir.Table:
        """Return a table: one made here by `put`, else the lake's, without its bookkeeping columns.

        Raises:
            UnknownLakeTable: nobody registered it.
        """
        if name in self._made:
            return self.backend.table(name)
        lake_table = _declared(name)
        return self.backend.table(self.view(name)).filter(ibis._.is_live).select(*lake_table.columns)

    def has(self, name: str) -> bool:
        """Return whether `put` made a table of this name."""
        return name in self._made

    def past_table(self, name: str, manifest: Manifest) -> ir.Table:
        """Return a table as it was at an earlier state.

        Raises:
            LakeNotReady: its files are gone.
        """
        lake_table = _declared(name)
        view = self.backend.table(self.past_view(name, manifest))
        return view.filter(ibis._.is_live).select(*lake_table.columns)

    def changed_rows(self, name: str, since: Manifest) -> ir.Table:
        """Return the rows of a table changed after an earlier state, dead ones too, with `is_live` (never too few)."""
        self.note(since_xid=since.horizon)
        rows = self.backend.table(self.view(name))
        return rows.filter(rows.row_xid >= self.noted("since_xid")).drop("row_xid")

    def view(self, name: str) -> str:
        """Make sure that a recipe finds a table of the lake; return the name of the view it reads."""
        return self._view(_declared(name), self.manifest, "now")

    def past_view(self, name: str, manifest: Manifest) -> str:
        """The same for a table as it was at an earlier state.

        Raises:
            LakeNotReady: its files are gone.
        """
        return self._view(_declared(name), manifest, "past")

    def put(self, name: str, rows: ir.Table | pa.Table) -> ir.Table:
        """Compute or take `rows` once and keep them here under `name`."""
        connection = self.backend.con
        if isinstance(rows, pa.Table):
            connection.register("_incoming", rows)
            connection.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS FROM _incoming')
            connection.unregister("_incoming")
        else:
            connection.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {self._sql(rows)}')
        self._made.add(name)
        return self.backend.table(name)

    def note(self, **values: datetime | int) -> None:
        """Write down instants (UTC) and whole numbers that recipes read with `noted`."""
        self._notes.update(values)
        columns = ", ".join(
            f'$value_{name}::{"TIMESTAMPTZ" if isinstance(value, datetime) else "BIGINT"} AS "{name}"'
            for name, value in self._notes.items()
        )
        self.backend.con.execute(
            f"CREATE OR REPLACE TEMP TABLE {_NOTES} AS SELECT {columns}",
            {f"value_{name}": value for name, value in self._notes.items()},
        )

    def noted(self, name: str) -> ir.Scalar:
        """Return what was noted, as an expression."""
        return self.backend.table(_NOTES)[name].as_scalar()

    def make(self, name: str, recipe: Recipe, *, key: str = "") -> None:
        """Compute a recipe and keep its rows here under `name`; compiled once per process, `name` and `key`."""
        self.backend.con.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {self._kept(name, recipe, key)}')
        self._made.add(name)

    def read(self, name: str, recipe: Recipe, *, key: str = "") -> pa.Table:
        """Compute a recipe and return its rows; compiled once per process, `name` and `key`."""
        return self.backend.con.execute(self._kept(f"{name}!", recipe, key)).to_arrow_table()

    def _kept(self, name: str, recipe: Recipe, key: str) -> str:
        known = f"{name}:{key}"
        if known not in _compiled:
            _compiled[known] = self._sql(recipe())
        return _compiled[known]

    def drop(self, *names: str) -> None:
        """Give back the memory of tables made by `put`."""
        for name in names:
            self.backend.con.execute(f'DROP TABLE IF EXISTS "{name}"')
            self._made.discard(name)

    def arrow(self, rows: ir.Table) -> pa.Table:
        """Compute `rows` and return them."""
        return self.backend.con.execute(self._sql(rows)).to_arrow_table()

    def _sql(self, rows: ir.Table) -> str:
        """Return DuckDB's query with the column types Ibis declares: a sum of BIGINT comes as HUGEINT otherwise."""
        mapper = self.backend.compiler.type_mapper
        casts = ", ".join(f'"{name}"::{mapper.to_string(kind)} AS "{name}"' for name, kind in rows.schema().items())
        return f"SELECT {casts} FROM ({ibis.to_sql(rows, dialect='duckdb')})"  # noqa: S608 - names of registered tables, quoted paths

    def _view(self, table: LakeTable, manifest: Manifest, prefix: str) -> str:
        state = manifest.tables.get(table.name)
        if state is None:
            raise LakeNotReady(f"The lake has no {table.name} yet.", hint="Run kembali refresh.")
        view = f"{prefix}_{table.name}"
        if view not in self._views:
            self.backend.con.execute(f'CREATE OR REPLACE TEMP VIEW "{view}" AS {rows_sql(self._dir, table, state)}')
            if prefix == "now":
                self._views.add(view)
        return view


def rows_sql(lake_dir: Path, table: LakeTable, state: TableState) -> str:
    """Return the DuckDB query of a table's rows at one state: the base without what changed, and what changed."""
    base = _read(paths_of(base_dir(lake_dir, table.name), state.base_version), table)
    if state.changed_version is None:
        return base
    changed = _read(paths_of(changed_dir(lake_dir, table.name), state.changed_version), table)
    return f'SELECT * FROM ({base}) b ANTI JOIN ({changed}) c USING ("{table.key}") UNION ALL {changed}'  # noqa: S608 - names of registered tables, quoted paths


def _read(paths: list[str], table: LakeTable) -> str:
    columns = {**table.columns, "is_live": "bool", "row_xid": "int64"}
    if not paths:
        nulls = ", ".join(f'NULL::{duckdb_type(kind)} AS "{name}"' for name, kind in columns.items())
        return f"SELECT {nulls} WHERE false"
    names = ", ".join(f'"{name}"' for name in columns)
    return f"SELECT {names} FROM read_parquet([{', '.join(map(quote, paths))}])"  # noqa: S608 - names of registered tables, quoted paths


def _declared(name: str) -> LakeTable:
    try:
        return registered()[name]
    except KeyError:
        raise UnknownLakeTable(f"There is no lake table “{name}”.") from None


@contextmanager
def open_lake(lake_dir: Path) -> Iterator[Lake]:
    """Open the lake's present state.

    Raises:
        LakeNotReady: nothing was exported yet.
    """
    manifest = read_manifest(lake_dir)
    if manifest is None:
        raise LakeNotReady("The lake has not been written yet.", hint="Run kembali refresh.")
    backend = connect(temp_dir=lake_dir / "spill")
    try:
        yield Lake(backend, lake_dir, manifest)
    finally:
        backend.disconnect()
