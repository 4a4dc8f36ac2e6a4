"""Arrow tables into PostgreSQL by COPY BINARY, built column by column: no Python object per row."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from kembali.lake.contracts import ColumnType

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
POSTGRES_EPOCH_US = 946_684_800_000_000
_FIXED = {"int16": ">i2", "int64": ">i8", "float64": ">f8", "timestamp": ">i8", "bool": "?"}
_CHUNK_ROWS = 65_536

Columns = Mapping[str, ColumnType]
Array = npt.NDArray[Any]


def copy_arrow(
    cursor: psycopg.Cursor[Any], table: str, columns: Columns, rows: pa.Table, *, frozen: bool = False
) -> None:
    """Append `rows` to a PostgreSQL table whose columns have exactly the declared types, in the caller's transaction.

    Strings should have few distinct values: rows are written in groups of equal strings and equal nulls, so that each
    group is one fixed-width array. `frozen`: the table was made or emptied in this transaction; its rows are written as
    seen by everybody, and no later pass has to say so.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY{})").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns)), sql.SQL(", FREEZE" * frozen)
    )
    with cursor.copy(statement) as copy:
        copy.write(_HEADER)
        for start in range(0, rows.num_rows, _CHUNK_ROWS):
            for block in _blocks(columns, rows.slice(start, _CHUNK_ROWS).combine_chunks()):
                copy.write(block)
        copy.write(_TRAILER)


def _blocks(columns: Columns, rows: pa.Table) -> Iterator[bytes]:
    """Yield the rows as COPY BINARY, one block for each pattern of nulls and strings."""
    pattern = np.zeros(rows.num_rows, dtype=np.int64)
    values: dict[str, Array] = {}
    words: dict[str, list[bytes]] = {}
    nulls: dict[str, Array] = {}
    for name, kind in columns.items():
        column = rows.column(name)
        nulls[name] = pc.is_null(column).to_numpy()
        if kind == "string":
            encoded = pc.fill_null(column, "").combine_chunks().dictionary_encode()
            words[name] = [str(word).encode() for word in encoded.dictionary.to_pylist()]
            values[name] = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
            pattern = pattern * max(len(words[name]), 1) + values[name]
        else:
            values[name] = _numbers(kind, column)
        if column.null_count:
            pattern = pattern * 2 + nulls[name]
    for code in np.unique(pattern):
        chosen = np.flatnonzero(pattern == code)
        yield _block(columns, chosen, values, words, nulls)


def _block(
    columns: Columns,
    chosen: Array,
    values: Mapping[str, Array],
    words: Mapping[str, list[bytes]],
    nulls: Mapping[str, Array],
) -> bytes:
    first = int(chosen[0])
    fields: list[tuple[str, str]] = [("#", ">i2")]
    for name, kind in columns.items():
        fields.append((f"{name}#", ">i4"))
        if not nulls[name][first]:
            width = len(words[name][int(values[name][first])]) if kind == "string" else 0
            fields.append((name, f"V{width}" if kind == "string" else _FIXED[kind]))
    block = np.zeros(len(chosen), dtype=np.dtype([field for field in fields if field[1] != "V0"]))
    block["#"] = len(columns)
    for name, kind in columns.items():
        if nulls[name][first]:
            block[f"{name}#"] = -1
        elif kind == "string":
            word = words[name][int(values[name][first])]
            block[f"{name}#"] = len(word)
            if word:
                block[name] = np.void(word)
        else:
            block[f"{name}#"] = np.dtype(_FIXED[kind]).itemsize
            block[name] = values[name][chosen]
    return block.tobytes()


def _numbers(kind: ColumnType, column: pa.ChunkedArray) -> Array:
    if kind == "timestamp":
        micros = column.cast(pa.timestamp("us", "UTC")).cast(pa.int64())
        return np.asarray(pc.fill_null(micros, POSTGRES_EPOCH_US).to_numpy()) - POSTGRES_EPOCH_US
    filled = pc.fill_null(column, pa.scalar(False if kind == "bool" else 0, column.type))
    return np.asarray(filled.to_numpy())
