"""Rows out of PostgreSQL as Arrow, on the caller's connection and in its transaction."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.csv as pacsv

from kembali.lake.contracts import ColumnType
from kembali.lake.copying import POSTGRES_EPOCH_US

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


_BINARY: Mapping[ColumnType, str] = {"int16": ">i2", "int64": ">i8", "float64": ">f8", "bool": "?", "timestamp": ">i8"}
_ARRAY_HEADER_BYTES = 20
_HAS_NULLS = slice(4, 8)


def read_numbers(
    cursor: psycopg.Cursor[Any], query: psycopg.sql.Composed, columns: Mapping[str, ColumnType]
) -> pa.Table:
    """Return the rows of a query whose columns are the declared numbers and instants, by name, and never null.

    Each column comes as one array: a message per row, as COPY sends, costs more than all the rest.

    Raises:
        ValueError: a column holds a null.
    """
    arrays = psycopg.sql.SQL(", ").join(
        psycopg.sql.SQL("array_agg({})").format(psycopg.sql.Identifier(name)) for name in columns
    )
    # Django's own cursors know no binary results.
    with psycopg.Cursor(cursor.connection) as plain:
        plain.execute(psycopg.sql.SQL("SELECT {} FROM ({}) s").format(arrays, query), binary=True)
        result = plain.pgresult
        found = [result.get_value(0, position) if result else None for position in range(len(columns))]
    schema = arrow_schema(columns)
    if None in found:
        return schema.empty_table()
    return pa.table([_column(kind, data) for kind, data in zip(columns.values(), found, strict=True)], schema=schema)


def _column(kind: ColumnType, data: bytes | None) -> pa.Array:
    """Return the elements of an array in PostgreSQL's binary format: each has its width before it."""
    if data is None or any(data[_HAS_NULLS]):
        raise ValueError("a column of numbers holds a null")
    elements = np.frombuffer(data, [("width", ">i4"), ("value", _BINARY[kind])], offset=_ARRAY_HEADER_BYTES)
    values = elements["value"].astype(elements.dtype["value"].newbyteorder("="))
    if kind == "timestamp":
        return pa.array(values + POSTGRES_EPOCH_US).cast(_ARROW_TYPES[kind])
    return pa.array(values)


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
