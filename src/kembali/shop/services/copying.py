"""Rows as COPY text and arrays as literals: several times faster than handing values to the driver one by one."""

import re
from collections.abc import Iterable
from datetime import datetime

import msgspec

from kembali.shop.services.locking import Cursor

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_ESCAPED = re.compile(r"[\\\t\n\r]")
_BLOCK = 64  # rows: small enough for PostgreSQL to work on one while the next is made


def text_field(value: str) -> str:
    """Return text as a COPY field."""
    return value.translate(_ESCAPES) if _ESCAPED.search(value) else value


def number_field(value: int | None) -> str:
    r"""Return a number as a COPY field, None as \N."""
    return "\\N" if value is None else str(value)


def instant_field(value: datetime) -> str:
    """Return an aware instant as a COPY field."""
    return value.isoformat()


def copy_rows(cursor: Cursor, statement: str, rows: Iterable[str]) -> None:
    """Run `COPY … FROM STDIN`; each row is its fields joined by tabs."""
    with cursor.copy(statement) as copy:
        block: list[str] = []
        for row in rows:
            block.append(row)
            if len(block) == _BLOCK:
                copy.write("\n".join(block) + "\n")
                block = []
        if block:
            copy.write("\n".join(block) + "\n")


def bigints(values: Iterable[int]) -> str:
    """Return whole numbers as a PostgreSQL array literal, to be cast to `bigint[]`."""
    return "{" + ",".join(map(str, values)) + "}"


def texts(values: Iterable[str]) -> str:
    """Return texts as a JSON array, to be unpacked by `jsonb_array_elements_text`."""
    return msgspec.json.encode(list(values)).decode()
