"""The way in: look at a file, then read it into facts, rejects and an account of every line.

Importing this module loads neither DuckDB nor Arrow; reading a file does.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kembali.collect.files.columns import Layout, layout_of, parse_mapping
from kembali.collect.files.contracts import DryRun, FileShape, Known, OrderVersion, RejectCount, RejectedLine
from kembali.collect.files.errors import ColumnsNotUnderstood
from kembali.collect.files.known_lines import known_line_count, order_lines, unknown_lines
from kembali.collect.files.sources import Source, open_source

if TYPE_CHECKING:
    from kembali.collect.files.staged_file import StagedFile

__all__ = [
    "DryRun",
    "FileShape",
    "Known",
    "OrderVersion",
    "RejectCount",
    "RejectedLine",
    "inspect",
    "known_line_count",
    "order_lines",
    "parse_mapping",
    "read_file",
    "unknown_lines",
]


def inspect(path: Path, *, mapping: Mapping[str, str] | None = None) -> FileShape:
    """Return how the file is written and how its columns would be understood. Reads only its beginning if it is ASCII.

    Args:
        mapping: field → column, which overrules what is recognised; also `encoding`, `date_order`, `decimal`,
            `sheet`, `as` (a kind or a format) and `status.<word>`.

    Raises:
        FileMissing, FileEmpty, FileDamaged: the file cannot be read at all.
        BadMapping: the mapping names something that does not exist.
    """
    return _look(path, mapping)[0]


def read_file(
    path: Path,
    *,
    currency: str,
    time_zone: str,
    mapping: Mapping[str, str] | None = None,
    observed_at: datetime,
    work_dir: Path,
) -> "StagedFile":
    """Return the file, read and understood; close it after use (it is a context manager).

    Memory stays bounded: what does not fit spills into `work_dir`. Nothing is written anywhere else.

    Args:
        currency: of amounts whose order names no currency, ISO 4217.
        time_zone: IANA zone of times without offset.
        mapping: as in `inspect`.
        observed_at: aware instant of this import; in every version, not part of the message id.

    Raises:
        ColumnsNotUnderstood: a needed field has no column.
        DatesNotUnderstood: day and month could be either way round.
        FileMissing, FileEmpty, FileDamaged, BadMapping, BadCurrency, BadTimeZone.
    """
    # Web and edge processes import this module; only a reading process pays for DuckDB and Arrow.
    from kembali.collect.files.order_file import OrderFile  # noqa: PLC0415 - see above
    from kembali.collect.files.row_file import RowFile  # noqa: PLC0415 - see above

    shape, layout, source = _look(path, mapping)
    if shape.missing_fields:
        raise ColumnsNotUnderstood(
            path.name, missing=shape.missing_fields, columns=shape.columns, fields=layout.kind.fields
        )
    reader = OrderFile if layout.kind.read is None else RowFile
    return reader(
        shape=shape,
        layout=layout,
        source=source,
        currency=currency,
        time_zone=time_zone,
        observed_at=observed_at,
        work_dir=work_dir,
    )


def _look(path: Path, mapping: Mapping[str, str] | None) -> tuple[FileShape, Layout, Source]:
    source = open_source(path, mapping or {})
    layout = layout_of(source.columns, mapping)
    shape = FileShape(
        path=path,
        encoding=source.encoding,
        delimiter=source.delimiter,
        kind=layout.kind.name,
        format=layout.format.name,
        source=layout.format.source,
        columns=source.columns,
        mapped=layout.mapped,
        unmapped_columns=layout.unmapped,
        missing_fields=layout.missing,
        first_rows=source.first_rows,
        usual=layout.format.usual,
    )
    return shape, layout, source
