"""A DuckDB of its own for one file: where its records, their meaning and its order versions stand. Deleted on close.

Tables live in memory up to `MEMORY_LIMIT` and spill into the work folder beyond it.
"""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kembali.collect.files.columns import Layout
from kembali.collect.files.records import Broken, Chunk
from kembali.collect.files.sql import statement
from kembali.kernel.errors import KembaliError

MEMORY_LIMIT = "1GB"
_EXTRAS = ("order_extras", "line_extras")
_FETCH = 50_000


class Workspace:
    """The staging database of one file."""

    def __init__(self, work_dir: Path) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="import-", dir=work_dir))
        self.connection = duckdb.connect(
            ":memory:",
            config={
                "temp_directory": str(self._folder),
                "memory_limit": MEMORY_LIMIT,
                "preserve_insertion_order": "false",
                "checkpoint_threshold": "1TB",  # nothing here outlives the process: never tidy up for the disk
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )
        self.connection.execute(statement("stage"))

    def close(self) -> None:
        """Drop everything; may be called twice."""
        self.connection.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def stage(self, incoming: Iterable[Chunk], layout: Layout) -> int:
        """Store the file as view `raw` (one row per well-formed record, all fields as text, '' and NULL both empty).

        Broken records go to `reject`. Returns the number of blank lines.
        """
        intake = _Intake(layout)
        reader = pa.RecordBatchReader.from_batches(intake.schema, intake.batches(incoming))
        try:
            self.connection.from_arrow(reader).create("cells")
        except duckdb.Error:
            if intake.failure is not None:
                raise intake.failure from None
            raise
        # Fields the file does not have are constants: the planner drops the joins and sums over them.
        empty = duckdb.ConstantExpression(None)
        missing = [
            empty.cast("VARCHAR").alias(name) for name in layout.kind.field_names if name not in intake.schema.names
        ]
        lists = [empty.cast("VARCHAR[]").alias(name) for name in _EXTRAS if name not in intake.schema.names]
        self.connection.table("cells").select(duckdb.StarExpression(), *missing, *lists).create_view("raw")
        self._reject(intake.broken)
        return intake.blank_lines

    def _reject(self, broken: Sequence[Broken]) -> None:
        rows = [(str(item.first_line), str(item.last_line), item.code, item.value, None) for item in broken]
        self.insert_words("reject", ("line", "last_line", "code", "value", "order_ref"), rows)

    def insert_words(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
        """Add rows of texts to a table, all of its columns in order; DuckDB casts them to the columns' types."""
        if rows:
            arrays = [pa.array(cells, pa.string()) for cells in zip(*rows, strict=True)]
            # Table names are this package's own words, never the file's.
            self.connection.from_arrow(pa.Table.from_arrays(arrays, names=list(columns))).insert_into(table)

    def texts(self, query: str) -> Iterator[list[str]]:
        """Yield the non-empty texts a one-column query returns, in batches."""
        cursor = self.connection.cursor()
        cursor.execute(query)
        while rows := cursor.fetchmany(_FETCH):
            yield [row[0] for row in rows]

    def count(self, query: str) -> int:
        """Return the single number a query gives."""
        row = self.connection.execute(query).fetchone()
        return int(row[0]) if row else 0


class _Intake:
    """Chunks of records → Arrow batches with one column per field the file has."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._fields = [name for name in layout.kind.field_names if name in layout.sources]
        self._extras = {
            name: positions
            for name, positions in zip(_EXTRAS, (layout.order_extras, layout.line_extras), strict=True)
            if positions
        }
        self.schema = pa.schema(
            [("line", pa.int64()), ("last_line", pa.int64())]
            + [(name, pa.string()) for name in self._fields]
            + [(name, pa.list_(pa.string())) for name in self._extras]
        )
        self.broken: list[Broken] = []
        self.blank_lines = 0
        self.failure: KembaliError | None = None

    def batches(self, incoming: Iterable[Chunk]) -> Iterator[pa.RecordBatch]:
        """Yield the rows; DuckDB hides errors raised in here behind its own, so the first is remembered."""
        try:
            for chunk in incoming:
                self.broken += chunk.broken
                self.blank_lines += chunk.blank_lines
                if len(chunk.first_lines):
                    yield self._batch(chunk)
        except KembaliError as error:
            self.failure = error
            raise

    def _batch(self, chunk: Chunk) -> pa.RecordBatch:
        cells, rows = chunk.columns, len(chunk.first_lines)
        fields = {name: [cells[position] for position in self._layout.sources[name]] for name in self._fields}
        parts = {name: [cells[position] for position in where] for name, where in self._layout.composed.items()}
        extras = [[cells[position] for position in positions] for positions in self._extras.values()]
        columns = [chunk.first_lines, chunk.last_lines]
        columns += [_composed(parts.get(name), _first_filled(sources)) for name, sources in fields.items()]
        columns += [_list_array(sources, rows) for sources in extras]
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)


def _first_filled(cells: Sequence[pa.Array]) -> pa.Array:
    result = cells[0]
    for following in cells[1:]:
        result = pc.if_else(pc.equal(result, ""), following, result)
    return result


def _composed(parts: Sequence[pa.Array] | None, own: pa.Array) -> pa.Array:
    """Return cells with what makes them unique in front of them; an empty one stays empty."""
    if parts is None:
        return own
    return pc.if_else(pc.equal(own, ""), own, pc.binary_join_element_wise(*parts, own, "/"))


def _list_array(cells: Sequence[pa.Array], rows: int) -> pa.Array:
    """Return one list per row with that row's cells of several string columns."""
    width = len(cells)
    by_row = np.arange(rows * width, dtype=np.int64).reshape(width, rows).T.ravel()
    starts = np.arange(0, rows * width + 1, width, dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(starts), pa.concat_arrays(list(cells)).take(pa.array(by_row)))
