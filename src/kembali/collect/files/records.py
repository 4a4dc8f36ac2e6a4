"""Text blocks → CSV records with the physical lines they stand on. Nothing is dropped: a record is a row or broken.

Two readers give the same rows (a property test holds them together): Arrow's for blocks in which every physical line
is one well-formed record, the standard library's for all others.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from kembali.collect.files.text import UNDECODABLE, split_lines

# A cell longer than this is taken for one whose closing quote is missing.
_LONGEST_RECORD = 131_072


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that is no row: where it stands and why; `value` is what offended, as short as will do."""

    first_line: int
    last_line: int
    code: str
    value: str


@dataclass(slots=True)
class Chunk:
    """Rows of one block: one string column per column of the header, and the physical lines of each row."""

    columns: list[pa.Array]
    first_lines: pa.Array
    last_lines: pa.Array
    broken: list[Broken] = field(default_factory=list)
    blank_lines: int = 0


def chunks(blocks: Iterable[str], *, delimiter: str, width: int, header_lines: int) -> Iterator[Chunk]:
    """Yield the records after the header, `width` cells each, in file order, one chunk per text block.

    Memory: one block and the longest record allowed (131,072 characters).
    """
    reader = _Careful(delimiter=delimiter, width=width)
    line_number, skip, rest = 1, header_lines, ""
    for text, is_last in _with_last(blocks):
        block = rest + text
        if skip:
            lines = split_lines(block)
            block = "".join(lines[skip:])
            line_number += min(skip, len(lines))
            skip = max(skip - len(lines), 0)
        chunk = _plain_chunk(block, delimiter, width, line_number)
        if chunk is not None:
            rest, line_number = "", line_number + len(chunk.first_lines)
        else:
            chunk, rest, line_number = reader.read(block, line_number, is_last=is_last)
        if len(chunk.first_lines) or chunk.broken or chunk.blank_lines:
            yield chunk


def _with_last(blocks: Iterable[str]) -> Iterator[tuple[str, bool]]:
    iterator = iter(blocks)
    current = next(iterator, None)
    while current is not None:
        following = next(iterator, None)
        yield current, following is None
        current = following


def _plain_chunk(text: str, delimiter: str, width: int, first_line: int) -> Chunk | None:
    """Return the rows if each physical line is one record of `width` cells; None if that is not certain."""
    # To look for what is rarely there is cheaper than to count it.
    lone_returns = "\r" in text and text.count("\r") != text.count("\r\n")
    if not text or width < 2 or UNDECODABLE in text or "\0" in text or lone_returns:
        return None
    odd_quotes = '"' in text and text.count('"') % 2
    if odd_quotes or _is_open(text[text.rfind("\n", 0, -1) + 1 :], delimiter):
        return None
    names = [str(position) for position in range(width)]
    encoded = text.encode()
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(encoded),
            read_options=pa_csv.ReadOptions(column_names=names, block_size=len(encoded) + 1, use_threads=False),
            parse_options=pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    lines = text.count("\n") + (not text.endswith("\n"))
    if table.num_rows != lines or table.column(0).num_chunks != 1:
        return None
    # Arrow reads an empty line as a row of empty cells.
    if pc.any(pc.equal(table.column(0), "")).as_py() and (text[0] in "\r\n" or "\n\n" in text or "\n\r" in text):
        return None
    numbers = pa.array(np.arange(first_line, first_line + lines, dtype=np.int64))
    return Chunk([column.chunk(0) for column in table.columns], numbers, numbers)


def _is_open(text: str, delimiter: str) -> bool:
    """Return whether the text ends inside a quoted cell."""
    try:
        for _ in csv.reader(iter(split_lines(text)), delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


class _Careful:
    """Reads block by block with the standard library and mends what it can: one bad quote costs one line."""

    def __init__(self, *, delimiter: str, width: int) -> None:
        self._delimiter = delimiter
        self._width = width

    def read(self, text: str, first_line: int, *, is_last: bool) -> tuple[Chunk, str, int]:
        """Return the chunk, the text of a record that goes on in the next block, and the number of its first line."""
        lines = split_lines(text)
        rows: list[list[str]] = []
        spans: list[tuple[int, int]] = []
        broken: list[Broken] = []
        blank = 0
        start = 0
        while start < len(lines):
            record, stop = self._next(lines, start)
            numbers = (first_line + start, first_line + stop - 1)
            if record is None:
                if stop == len(lines) and not is_last and sum(map(len, lines[start:])) < _LONGEST_RECORD:
                    break
                broken.append(Broken(numbers[0], numbers[0], "broken_quotes", lines[start].strip()[:80]))
                stop = start + 1
            elif not record:
                blank += 1
            elif fault := self._fault(record, multi=stop - start > 1):
                stop = start + 1 if fault[0] == "broken_quotes" else stop
                broken.append(Broken(numbers[0], first_line + stop - 1, *fault))
            else:
                rows.append(record)
                spans.append(numbers)
            start = stop
        columns = zip(*rows, strict=True) if rows else ((),) * self._width
        chunk = Chunk(
            [pa.array(column, pa.string()) for column in columns],
            pa.array([first for first, _ in spans], pa.int64()),
            pa.array([last for _, last in spans], pa.int64()),
            broken,
            blank,
        )
        return chunk, "".join(lines[start:]), first_line + start

    def _next(self, lines: list[str], start: int) -> tuple[list[str] | None, int]:
        """Return the record that begins at a line and the line after it; None for one whose quote is never closed."""
        line = lines[start]
        if '"' not in line:
            return next(csv.reader((line,), delimiter=self._delimiter), []), start + 1
        reader = csv.reader(_from(lines, start), delimiter=self._delimiter)
        try:
            record = next(reader)
        except csv.Error:
            return None, start + reader.line_num
        stop = start + reader.line_num
        if stop == len(lines) and _is_open("".join(lines[start:]), self._delimiter):
            return None, stop
        return record, stop

    def _fault(self, record: list[str], *, multi: bool) -> tuple[str, str] | None:
        for cell in record:
            if UNDECODABLE in cell or "\0" in cell:
                return "bad_encoding", cell.replace(UNDECODABLE, "\ufffd").replace("\0", "\ufffd")[:80]
        if len(record) == self._width:
            return None
        # A record over several lines that has the wrong width is far more often a stray quote than a long cell.
        return ("broken_quotes", record[0][:80]) if multi else ("wrong_column_count", f"{len(record)} of {self._width}")


def _from(lines: list[str], start: int) -> Iterator[str]:
    for position in range(start, len(lines)):
        yield lines[position]


__all__ = ["Broken", "Chunk", "chunks"]
