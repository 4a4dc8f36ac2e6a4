"""Parquet: columns with types, read by DuckDB. Rows are numbered from 1."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from kembali.collect.files.errors import FileDamaged
from kembali.collect.files.sources.base import FIRST_ROWS, Record, Records

if TYPE_CHECKING:
    from kembali.collect.files.records import Broken

_BATCH = 10_000


class Parquet(Records):
    """A Parquet file; every value as text, nested ones as JSON."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.encoding = "Parquet"
        self._select = ""
        self.columns = tuple(self._columns())
        self.first_rows = tuple(tuple(cells) for _, cells in islice(self.records([]), FIRST_ROWS))

    def records(self, broken: list[Broken]) -> Iterator[Record]:  # noqa: ARG002 - a row of Parquet is never broken
        """Yield each row's cells."""
        import duckdb  # noqa: PLC0415 - only a process that reads files pays for DuckDB

        line = 0
        try:
            with duckdb.connect(config={"memory_limit": "512MB", "threads": "1"}) as connection:
                cursor = connection.execute(self._select, {"path": str(self.path)})
                while rows := cursor.fetchmany(_BATCH):
                    for row in rows:
                        line += 1
                        yield line, [cell or "" for cell in row]
        except duckdb.Error as error:
            raise self._damaged(error) from error

    def _columns(self) -> Iterator[str]:
        import duckdb  # noqa: PLC0415 - only a process that reads files pays for DuckDB

        try:
            with duckdb.connect() as connection:
                described = connection.execute("DESCRIBE SELECT * FROM read_parquet($path)", {"path": str(self.path)})
                columns = [(str(name), str(type_)) for name, type_, *_ in described.fetchall()]
        except duckdb.Error as error:
            raise self._damaged(error) from error
        self._select = f"SELECT {', '.join(_as_text(*column) for column in columns)} FROM read_parquet($path)"  # noqa: S608 - quoted below
        for name, _ in columns:
            yield name.replace("\0", "")

    def _damaged(self, error: Exception) -> FileDamaged:
        words = str(error).splitlines()[0][:200]
        return FileDamaged(f"{self.path.name}: {words}", hint="Download or export the file again.")


def _as_text(name: str, type_: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    if type_.startswith("BLOB"):
        return f"''::VARCHAR AS {quoted}"
    nested = type_.startswith(("STRUCT", "MAP", "UNION")) or type_.endswith("]")
    return f"to_json({quoted})::VARCHAR" if nested else f"{quoted}::VARCHAR"
