"""Rows out of PostgreSQL as Arrow, on the caller's connection and in its transaction."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.csv as pacsv

from kembali.lake.contracts import ColumnType

_ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    "int16": pa.int16(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "string": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
}


def arrow_schema(columns: Mapping[str, ColumnType]) -> pa.Schema:
    """Return the Arrow schema of declared columns."""
    return pa.schema([(name, _ARROW_TYPES[kind]) for name, kind in columns.items()])


def read_arrow(
    cursor: psycopg.Cursor[Any],
    query: psycopg.sql.Composed,
    columns: Mapping[str, ColumnType],
    parameters: Sequence[object] = (),
) -> pa.Table:
    """Return the rows of a query whose columns are the declared ones, in order. Empty text reads as null."""
    buffer = BytesIO()
    cursor.execute("SET LOCAL timezone = 'UTC'")
    with cursor.copy(psycopg.sql.SQL("COPY ({}) TO STDOUT (FORMAT CSV)").format(query), parameters) as copy:
        for data in copy:
            buffer.write(data)
    schema = arrow_schema(columns)
    if not buffer.tell():
        return schema.empty_table()
    buffer.seek(0)
    return pacsv.read_csv(
        buffer,
        read_options=pacsv.ReadOptions(column_names=list(columns)),
        convert_options=pacsv.ConvertOptions(
            column_types=schema,
            null_values=[""],
            strings_can_be_null=True,
            true_values=["t"],
            false_values=["f"],
            timestamp_parsers=["%Y-%m-%d %H:%M:%S%z", pacsv.ISO8601],
        ),
    )
