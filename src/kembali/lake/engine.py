"""DuckDB as kembali uses it: UTC, bounded memory, no downloads."""

from functools import cache
from pathlib import Path

import duckdb
import duckdb_extension_postgres_scanner
import ibis
from django.conf import settings
from ibis.backends.duckdb import Backend

from kembali.lake.contracts import ColumnType

_DUCKDB_TYPES: dict[ColumnType, str] = {
    "int16": "SMALLINT",
    "int64": "BIGINT",
    "float64": "DOUBLE",
    "bool": "BOOLEAN",
    "string": "VARCHAR",
    "date": "DATE",
    "timestamp": "TIMESTAMPTZ",
}
_IBIS_TYPES: dict[ColumnType, str] = {
    "int16": "int16",
    "int64": "int64",
    "float64": "float64",
    "bool": "boolean",
    "string": "string",
    "date": "date",
    "timestamp": "timestamp('UTC', 6)",
}


def connect(*, temp_dir: Path) -> Backend:
    """Return an Ibis backend on an empty in-memory DuckDB that spills to `temp_dir`."""
    backend = ibis.duckdb.connect(
        preserve_insertion_order=False,
        temp_directory=str(temp_dir),
        memory_limit=settings.KEMBALI.analytics_memory,
    )
    backend.con.execute("SET TimeZone = 'UTC'")
    return backend


@cache
def exporter(temp_dir: Path) -> Backend:
    """Return this process's DuckDB that can read PostgreSQL. Loading the scanner takes longer than a small export."""
    backend = connect(temp_dir=temp_dir)
    load_postgres(backend.con)
    return backend


def load_postgres(connection: duckdb.DuckDBPyConnection) -> None:
    """Load the scanner that reads PostgreSQL, from its wheel."""
    folder = Path(duckdb_extension_postgres_scanner.__file__).parent / "extensions"
    found = next(folder.glob("*/postgres_scanner.duckdb_extension"))
    connection.execute(f"LOAD {quote(str(found))}")


def duckdb_type(kind: ColumnType) -> str:
    """Return DuckDB's name of a column type."""
    return _DUCKDB_TYPES[kind]


def ibis_type(kind: ColumnType) -> str:
    """Return Ibis's name of a column type."""
    return _IBIS_TYPES[kind]


def quote(text: str) -> str:
    """Return `text` as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
