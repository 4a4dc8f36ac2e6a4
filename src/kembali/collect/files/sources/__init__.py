"""How files are written: delimited text, JSON lines, Parquet, spreadsheets. All become the same records."""

from collections.abc import Mapping
from pathlib import Path

from kembali.collect.files.errors import FileMissing
from kembali.collect.files.sources.base import Source
from kembali.collect.files.sources.delimited import Delimited
from kembali.collect.files.sources.json_lines import JsonLines
from kembali.collect.files.sources.parquet import Parquet
from kembali.collect.files.sources.spreadsheet import Spreadsheet
from kembali.collect.files.text import detect_encoding, encoding_named, text_blocks

__all__ = ["Source", "open_source"]

_PARQUET = b"PAR1"
# A zip archive, as .xlsx and .ods are, and the older .xls.
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def open_source(path: Path, mapping: Mapping[str, str]) -> Source:
    """Return the file as its content says it is written; its name does not matter.

    Raises:
        FileMissing, FileEmpty, FileDamaged, BadMapping.
    """
    head = _head(path)
    if head.startswith(_PARQUET):
        return Parquet(path)
    if head.startswith(_SPREADSHEETS):
        return Spreadsheet(path, mapping.get("sheet"))
    wanted = mapping.get("encoding")
    encoding = encoding_named(wanted) if wanted else detect_encoding(path)
    if next(text_blocks(path, encoding), "").lstrip("\ufeff \t\r\n").startswith("{"):
        return JsonLines(path, encoding)
    return Delimited(path, encoding)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(8)
    except OSError as error:
        raise FileMissing(f"{path}: {error.strerror}.", hint="Check the path and who may read it.") from error
