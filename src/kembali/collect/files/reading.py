"""The way in: look at an order file, then read it into order versions, rejects and an account of every line.

Importing this module loads neither DuckDB nor Arrow; reading a file does.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kembali.collect.files.columns import Layout, layout_of, parse_mapping
from kembali.collect.files.contracts import DryRun, FileShape, OrderVersion, RejectCount, RejectedLine
from kembali.collect.files.dialect import detect_delimiter, first_records, header_of, sample_of
from kembali.collect.files.errors import ColumnsNotUnderstood
from kembali.collect.files.known_lines import known_line_count, order_lines, unknown_lines
from kembali.collect.files.text import detect_encoding, encoding_named

if TYPE_CHECKING:
    from kembali.collect.files.order_file import OrderFile

__all__ = [
    "DryRun",
    "FileShape",
    "OrderVersion",
    "RejectCount",
    "RejectedLine",
    "inspect",
    "known_line_count",
    "order_lines",
    "parse_mapping",
    "read_orders",
    "unknown_lines",
]

_FIRST_ROWS = 5


def inspect(path: Path, *, mapping: Mapping[str, str] | None = None) -> FileShape:
    """Return how the file is written and how its columns would be understood. Reads only its beginning if it is ASCII.

    Args:
        mapping: field → column, which overrules what is recognised; also `encoding`, `date_order`, `decimal` and
            `status.<word>`.

    Raises:
        FileMissing, FileEmpty, FileDamaged: the file cannot be read at all.
        BadMapping: the mapping names something that does not exist.
    """
    return _look(path, mapping)[0]


def read_orders(
    path: Path,
    *,
    currency: str,
    time_zone: str,
    mapping: Mapping[str, str] | None = None,
    observed_at: datetime,
    work_dir: Path,
) -> "OrderFile":
    """Return the file, read and understood; close it after use (it is a context manager).

    Memory stays bounded: what does not fit spills into `work_dir`. Nothing is written anywhere else.

    Args:
        currency: of amounts whose order names no currency, ISO 4217.
        time_zone: IANA zone of times without offset.
        mapping: as in `inspect`.
        observed_at: aware instant of this import; in every payload, not part of the message id.

    Raises:
        ColumnsNotUnderstood: a needed field has no column.
        DatesNotUnderstood: day and month could be either way round.
        FileMissing, FileEmpty, FileDamaged, BadMapping, BadCurrency, BadTimeZone.
    """
    # Web and edge processes import this module; only a reading process pays for DuckDB and Arrow.
    from kembali.collect.files.order_file import OrderFile  # noqa: PLC0415

    shape, layout, header_lines = _look(path, mapping)
    if shape.missing_fields:
        raise ColumnsNotUnderstood(path.name, missing=shape.missing_fields, columns=shape.columns)
    return OrderFile(
        shape=shape,
        layout=layout,
        header_lines=header_lines,
        currency=currency,
        time_zone=time_zone,
        observed_at=observed_at,
        work_dir=work_dir,
    )


def _look(path: Path, mapping: Mapping[str, str] | None) -> tuple[FileShape, Layout, int]:
    wanted = (mapping or {}).get("encoding")
    encoding = encoding_named(wanted) if wanted else detect_encoding(path)
    lines = sample_of(path, encoding)
    delimiter = detect_delimiter(lines)
    columns, header_lines = header_of(lines, delimiter)
    layout = layout_of(columns, mapping)
    shape = FileShape(
        path=path,
        encoding=encoding,
        delimiter=delimiter,
        format=layout.format.name,
        columns=columns,
        mapped=layout.mapped,
        unmapped_columns=layout.unmapped,
        missing_fields=layout.missing,
        first_rows=tuple(tuple(record) for record in first_records(lines, delimiter, _FIRST_ROWS)[1:]),
    )
    return shape, layout, header_lines
