"""Delimited text: CSV in any encoding and with any delimiter, packed or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kembali.collect.files.ahead import ahead
from kembali.collect.files.dialect import detect_delimiter, first_records, header_of, sample_of
from kembali.collect.files.sources.base import FIRST_ROWS, Source
from kembali.collect.files.text import raw_text_of, text_blocks

if TYPE_CHECKING:
    from kembali.collect.files.records import Chunk


class Delimited(Source):
    """Lines of cells, the first of them the header."""

    def __init__(self, path: Path, encoding: str) -> None:
        self.path = path
        self.encoding = encoding
        lines = sample_of(path, encoding)
        self.delimiter = detect_delimiter(lines)
        self.columns, self._header_lines = header_of(lines, self.delimiter)
        rows = first_records(lines, self.delimiter, FIRST_ROWS)[1:]
        self.first_rows = tuple(tuple(record) for record in rows)

    def chunks(self) -> Iterator[Chunk]:
        """Yield the records, unpacking and decoding ahead in a thread of its own."""
        from kembali.collect.files.records import chunks  # noqa: PLC0415 - only a process that reads pays for Arrow

        blocks = ahead(text_blocks(self.path, self.encoding))
        return chunks(blocks, delimiter=self.delimiter, width=len(self.columns), header_lines=self._header_lines)

    def raw_texts(self, spans: Iterator[tuple[int, int]]) -> Iterator[str]:
        """Yield the text of the spans as it stands in the file."""
        return raw_text_of(self.path, self.encoding, spans)
