"""The door to `lake`. What it opens onto DuckDB is imported when called: web processes never load an engine."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kembali.lake.contracts import SINCE, ColumnType, Exported, LakeTable, Manifest
from kembali.lake.errors import LakeNotReady, LakeTableMismatch, UnknownLakeTable
from kembali.lake.registry import register, registered

if TYPE_CHECKING:
    import psycopg
    import pyarrow as pa

    from kembali.lake.session import Lake
else:
    Lake = object

__all__ = [
    "SINCE",
    "ColumnType",
    "Exported",
    "Lake",
    "LakeNotReady",
    "LakeTable",
    "LakeTableMismatch",
    "Manifest",
    "UnknownLakeTable",
    "copy_arrow",
    "export",
    "open_lake",
    "read_arrow",
    "read_numbers",
    "register",
    "registered",
]


def export(lake_dir: Path, conninfo: str, *, rebuild: bool = False) -> Exported:
    """Copy what PostgreSQL has committed since the last export into the lake (see `lake.services.export`)."""
    from kembali.lake import services

    return services.export(lake_dir, conninfo, rebuild=rebuild)


@contextmanager
def open_lake(lake_dir: Path) -> Iterator["Lake"]:
    """Open the lake's present state as Ibis tables by name (see `lake.session.Lake`).

    Raises:
        LakeNotReady: nothing was exported yet.
    """
    from kembali.lake import session

    with session.open_lake(lake_dir) as lake:
        yield lake


def copy_arrow(
    cursor: "psycopg.Cursor[Any]",
    table: str,
    columns: Mapping[str, ColumnType],
    rows: "pa.Table",
    *,
    frozen: bool = False,
) -> None:
    """Append Arrow rows to a PostgreSQL table (see `lake.copying.copy_arrow`)."""
    from kembali.lake import copying

    copying.copy_arrow(cursor, table, columns, rows, frozen=frozen)


def read_arrow(
    cursor: "psycopg.Cursor[Any]",
    query: "psycopg.sql.Composed",
    columns: Mapping[str, ColumnType],
    parameters: Sequence[object] = (),
) -> "pa.Table":
    """Return the rows of a PostgreSQL query as Arrow (see `lake.reading.read_arrow`)."""
    from kembali.lake import reading

    return reading.read_arrow(cursor, query, columns, parameters)


def read_numbers(
    cursor: "psycopg.Cursor[Any]", query: "psycopg.sql.Composed", columns: Mapping[str, ColumnType]
) -> "pa.Table":
    """Return the rows of a PostgreSQL query of numbers and instants as Arrow (see `lake.reading.read_numbers`)."""
    from kembali.lake import reading

    return reading.read_numbers(cursor, query, columns)
