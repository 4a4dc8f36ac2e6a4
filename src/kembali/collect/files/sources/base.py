"""What every way of writing a file can be asked for."""

from __future__ import annotations

import csv
import io
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from kembali.collect.files.text import UNDECODABLE

if TYPE_CHECKING:
    from kembali.collect.files.records import Broken, Chunk

FIRST_ROWS = 5
_CHUNK_ROWS = 10_000

Record = tuple[int, Sequence[str]]  # the line it stands on, and its cells


class Source(ABC):
    """A file's header and records. Looking at the header loads neither DuckDB nor Arrow.

    encoding: how a person calls the way it is written. delimiter: as the rejected records are kept.
    """

    path: Path
    encoding: str
    delimiter: str = ","
    columns: tuple[str, ...]
    first_rows: tuple[tuple[str, ...], ...]

    @abstractmethod
    def chunks(self) -> Iterator[Chunk]:
        """Yield the records after the header in file order; nothing is dropped: a record is a row or broken."""

    @abstractmethod
    def raw_texts(self, spans: Iterator[tuple[int, int]]) -> Iterator[str]:
        """Yield the text of each span of lines (first, last; ascending, first lines distinct)."""


class Records(Source):
    """A file whose records come one by one from `records`; broken ones go to `broken` with their text."""

    @abstractmethod
    def records(self, broken: list[Broken]) -> Iterator[Record]:
        """Yield each record's line and cells, as many as there are columns."""

    def chunks(self) -> Iterator[Chunk]:
        """Yield the records in chunks."""
        import pyarrow as pa  # noqa: PLC0415 - only a process that reads files pays for Arrow

        from kembali.collect.files.records import Broken, Chunk  # noqa: PLC0415 - it loads Arrow too

        broken: list[Broken] = []
        records = self.records(broken)
        while batch := list(islice(records, _CHUNK_ROWS)):
            good = []
            for line, cells in batch:
                bad = next((cell for cell in cells if "\0" in cell or UNDECODABLE in cell), None)
                if bad is None:
                    good.append((line, cells))
                else:
                    shown = bad.replace("\0", "\ufffd").replace(UNDECODABLE, "\ufffd")[:80]
                    broken.append(Broken(line, line, "bad_encoding", shown))
            lines = pa.array([line for line, _ in good], pa.int64())
            columns = zip(*(cells for _, cells in good), strict=True) if good else ((),) * len(self.columns)
            yield Chunk([pa.array(cells, pa.string()) for cells in columns], lines, lines, broken[:], 0)
            broken.clear()
        if broken:
            empty = pa.array([], pa.int64())
            yield Chunk([pa.array([], pa.string()) for _ in self.columns], empty, empty, broken[:], 0)

    def raw_texts(self, spans: Iterator[tuple[int, int]]) -> Iterator[str]:
        """Yield each record as a line of CSV, in the order of the columns."""
        broken: list[Broken] = []
        records = self.records(broken)
        current = next(records, None)
        for first, _ in spans:
            while current is not None and current[0] < first:
                current = next(records, None)
            if current is not None and current[0] == first:
                yield csv_line(current[1])
            else:
                yield next((one.value for one in broken if one.first_line == first), "")


def csv_line(cells: Iterable[str], delimiter: str = ",") -> str:
    """Return one record of delimited text, without its line end."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="").writerow(cells)
    return text.getvalue()
