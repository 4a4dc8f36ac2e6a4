"""JSON lines: one object per line. Objects inside objects become columns with dots, lists stay JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kembali.collect.files.errors import FileEmpty
from kembali.collect.files.sources.base import FIRST_ROWS, Record, Records
from kembali.collect.files.text import split_lines, text_blocks

if TYPE_CHECKING:
    from kembali.collect.files.records import Broken

_MOST_COLUMNS = 1000
_DEEPEST = 4
# Numbers keep the digits they are written with: an amount is no binary fraction.
_decode = msgspec.json.Decoder(float_hook=str).decode


class JsonLines(Records):
    """A file of objects. Its columns are all the names that any line has, in the order of their first appearance."""

    def __init__(self, path: Path, encoding: str) -> None:
        self.path = path
        self.encoding = f"JSON lines, {encoding}"
        self._codec = encoding
        names: dict[str, None] = {}
        for _, found in self._objects([]):
            if len(names) < _MOST_COLUMNS:
                names.update(dict.fromkeys(found))
        if not names:
            raise FileEmpty(f"{path.name} holds no JSON objects.", hint="Write one object per line.")
        self.columns = tuple(names)
        self.first_rows = tuple(tuple(cells) for _, cells in islice(self.records([]), FIRST_ROWS))

    def records(self, broken: list[Broken]) -> Iterator[Record]:
        """Yield each object's cells; a line that is no object is broken."""
        for line, found in self._objects(broken):
            yield line, [found.get(name, "") for name in self.columns]

    def _objects(self, broken: list[Broken]) -> Iterator[tuple[int, Mapping[str, str]]]:
        line = 0
        for block in text_blocks(self.path, self._codec):
            for text in split_lines(block):
                line += 1
                if not text.strip():
                    continue
                try:
                    found = _decode(text.lstrip("\ufeff"))
                    if not isinstance(found, dict):
                        raise msgspec.DecodeError("It is not an object.")
                    yield line, dict(_flat(found))
                except (msgspec.DecodeError, RecursionError, UnicodeError):
                    broken.append(_broken(line, text))


def _broken(line: int, text: str) -> Broken:
    from kembali.collect.files.records import Broken  # noqa: PLC0415 - with Arrow, which only a reading process loads

    return Broken(line, line, "bad_json", text.strip()[:200])


def _flat(found: Mapping[str, Any], prefix: str = "", depth: int = 1) -> Iterator[tuple[str, str]]:
    for name, value in found.items():
        if isinstance(value, dict) and depth < _DEEPEST:
            yield from _flat(value, f"{prefix}{name}.", depth + 1)
        else:
            yield f"{prefix}{name}".replace("\0", ""), _cell(value)


def _cell(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else msgspec.json.encode(value).decode()
