"""Which character separates the cells, and what the header says."""

import csv
from collections.abc import Iterator
from pathlib import Path

from kembali.collect.files.errors import FileEmpty
from kembali.collect.files.text import UNDECODABLE, split_lines, text_blocks

_DELIMITERS = (",", ";", "\t", "|", "^", "~")
_SAMPLE_LINES = 200


def sample_of(path: Path, encoding: str) -> list[str]:
    """Return the first physical lines of the file, at most 200.

    Raises:
        FileEmpty: there is no text in it.
    """
    lines = split_lines(next(text_blocks(path, encoding), ""))[:_SAMPLE_LINES]
    if not any(line.strip() for line in lines):
        raise FileEmpty(f"{path.name} is empty.", hint="The first line has to name the columns.")
    return lines


def detect_delimiter(lines: list[str]) -> str:
    """Return the character that cuts most of the sample into as many cells as the header, and into the most."""

    def merit(delimiter: str) -> tuple[float, int]:
        records = _records(lines, delimiter)
        width = len(records[0])
        alike = sum(len(record) == width for record in records) / len(records)
        return (alike if alike > 0.5 else 0.0, width) if width > 1 else (-1.0, 0)

    ranked = {delimiter: merit(delimiter) for delimiter in _DELIMITERS}
    # A few broken lines must not let a rarer character win: near-equal consistency is decided by width.
    best = max(alike for alike, _ in ranked.values())
    return max(_DELIMITERS, key=lambda delimiter: (ranked[delimiter][0] >= best - 0.3, ranked[delimiter][1]))


def first_records(lines: list[str], delimiter: str, count: int) -> list[list[str]]:
    """Return the header and up to `count` records after it."""
    return _records(lines, delimiter)[: count + 1]


def header_of(lines: list[str], delimiter: str) -> tuple[tuple[str, ...], int]:
    """Return the column names, made unique and never empty, and how many physical lines they end at."""
    reader = csv.reader(iter(lines), delimiter=delimiter)
    cells = next(record for record in reader if record)
    return tuple(unique_names(cells)), reader.line_num


def unique_names(cells: list[str]) -> Iterator[str]:
    """Yield the column names, made unique and never empty."""
    seen: set[str] = set()
    for position, cell in enumerate(cells, start=1):
        base = cell.lstrip("\ufeff").replace(UNDECODABLE, "\ufffd").replace("\0", "").strip() or f"column {position}"
        name = base if base not in seen else f"{base} ({position})"
        seen.add(name)
        yield name


def _records(lines: list[str], delimiter: str) -> list[list[str]]:
    try:
        return [record for record in csv.reader(iter(lines), delimiter=delimiter) if record]
    except csv.Error:
        return [line.split(delimiter) for line in lines if line.strip()]
