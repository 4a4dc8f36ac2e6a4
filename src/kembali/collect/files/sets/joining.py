"""Join the tables of a set into one file per kind, which then is imported like any other file."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from kembali.collect.files.ahead import ahead
from kembali.collect.files.errors import TableBroken
from kembali.collect.files.reasons import sentence_of
from kembali.collect.files.sets.base import FileSet, Table, TableAccount
from kembali.collect.files.sources import Source, open_source
from kembali.collect.files.workspace import MEMORY_LIMIT


def join_set(wanted: FileSet, paths: Mapping[str, Path], folder: Path) -> tuple[list[Path], list[TableAccount]]:
    """Write the set's joined files into `folder`; return them, and what each table held.

    paths: table → its file; tables that are not there are empty.

    Raises:
        TableBroken: a record of a table cannot be read. Nothing of the set can be imported before it is mended: what
            it would have been joined with is unknown.
    """
    spill = tempfile.mkdtemp(prefix="join-", dir=folder)
    connection = duckdb.connect(config={"temp_directory": spill, "memory_limit": MEMORY_LIMIT, "threads": "2"})
    try:
        rows = {table.name: _load(connection, table, paths.get(table.name)) for table in wanted.tables}
        joined = []
        for part in wanted.parts:
            if part.of[0] in paths:
                target = folder / part.name
                relation = connection.sql(part.select)
                relation.write_csv(str(target), header=True)
                joined.append(target)
    finally:
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)
    made = {path.name for path in joined}
    accounts = [
        TableAccount(
            file_name=path.name,
            table=name,
            rows=rows[name],
            parts=tuple(part.name for part in wanted.parts if name in part.of and part.name in made),
        )
        for name, path in paths.items()
    ]
    return joined, accounts


def _load(connection: duckdb.DuckDBPyConnection, table: Table, path: Path | None) -> int:
    """Make a table of texts; return its number of rows. Empty cells are NULL."""
    if path is None:
        schema = pa.schema([(name, pa.string()) for name in table.columns])
        connection.from_arrow(schema.empty_table()).create(table.name)
        return 0
    source = open_source(path, {})
    schema = pa.schema([(name, pa.string()) for name in source.columns])
    reader = pa.RecordBatchReader.from_batches(schema, _batches(source, schema))
    try:
        connection.from_arrow(reader).project("nullif(trim(COLUMNS(*)), '')").create(table.name)
    except duckdb.Error:
        _look_for_broken(source)
        raise
    found = connection.table(table.name).count("*").fetchone()
    return int(found[0]) if found else 0


def _batches(source: Source, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for chunk in ahead(source.chunks()):
        if chunk.broken:
            raise _broken(source, chunk.broken[0].first_line, chunk.broken[0].code, chunk.broken[0].value)
        if len(chunk.first_lines):
            yield pa.RecordBatch.from_arrays(chunk.columns, schema=schema)


def _look_for_broken(source: Source) -> None:
    """Raise for the first broken record: DuckDB hides what its reader raises behind an error of its own."""
    for chunk in source.chunks():
        for one in chunk.broken:
            raise _broken(source, one.first_line, one.code, one.value)


def _broken(source: Source, line: int, code: str, value: str) -> TableBroken:
    return TableBroken(
        f"{source.path.name}, line {line}: {sentence_of(code, value)}",
        hint="Mend the line, or export the table again: tables that belong together are imported together.",
    )
