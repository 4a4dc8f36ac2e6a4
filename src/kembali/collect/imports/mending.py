"""Rejected lines out as a table a person can mend in a spreadsheet, and back in."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from kembali.collect.errors import ImportNotFound
from kembali.collect.files.columns import OUR_COLUMNS
from kembali.collect.files.sources import open_source
from kembali.collect.files.sources.base import csv_line
from kembali.collect.imports.replaying import Replayed, replay_rejected
from kembali.collect.models import FileImport, RejectedLine
from kembali.infra.database import one_transaction

_FORMULA = "=+-@\t\r"
_NUMBER = re.compile(r"[+-]?[\d.,' ]*\d")


def rejected_as_csv(import_id: int) -> Iterator[str]:
    """Yield lines of CSV: the file's own header and our columns, then every line that waits, with its reason.

    No cell can become a formula: what a spreadsheet would take for one gets an apostrophe, which `mend_rejected` takes
    away again.

    Raises:
        ImportNotFound: there is no such import.
    """
    run = FileImport.objects.filter(pk=import_id).first()
    if run is None:
        raise ImportNotFound(f"There is no import {import_id}.")
    columns = [*run.columns, *OUR_COLUMNS]

    def lines() -> Iterator[str]:
        yield csv_line(map(_harmless, columns)) + "\r\n"
        waiting = run.rejected_lines.filter(replayed_at=None).order_by("line_number")
        for one in waiting.iterator(chunk_size=2000):
            cells = _cells(one.raw, run.delimiter, len(run.columns))
            ours = [str(run.pk), str(one.line_number), one.reason_code, one.reason]
            yield csv_line(map(_harmless, [*cells, *ours])) + "\r\n"

    return lines()


def is_mended(columns: Sequence[str]) -> bool:
    """Return whether a header is that of a downloaded table of rejected lines."""
    return set(OUR_COLUMNS[:2]) <= set(columns)


def mend_rejected(path: Path, *, at: datetime) -> list[Replayed]:
    """Take mended lines in place of the rejected ones they were, and read them again; one result per import.

    Rows whose line does not wait any more are passed over: the same table twice changes nothing.

    Raises:
        ImportNotFound: a row names an import that does not exist.
        Whatever reading the file raises.
    """
    mended = _mended(path)
    results = []
    for import_id, lines in sorted(mended.items()):
        with one_transaction():
            run = FileImport.objects.filter(pk=import_id).first()
            if run is None:
                raise ImportNotFound(f"{path.name}: there is no import {import_id}.")
            waiting = list(run.rejected_lines.filter(replayed_at=None, line_number__in=lines))
            for one in waiting:
                cells = lines[one.line_number]
                one.raw = csv_line([cells.get(column, "") for column in run.columns], run.delimiter)
            RejectedLine.objects.bulk_update(waiting, ["raw"], batch_size=1000)
            results.append(replay_rejected(import_id, at=at))
    return results


def count_mended(path: Path) -> tuple[int, int]:
    """Return how many mended lines a table holds, and how many of them still wait. Writes nothing."""
    mended = _mended(path)
    waiting = sum(
        RejectedLine.objects.filter(file_import=import_id, replayed_at=None, line_number__in=lines).count()
        for import_id, lines in mended.items()
    )
    return sum(map(len, mended.values())), waiting


def _mended(path: Path) -> dict[int, dict[int, Mapping[str, str]]]:
    """Return import → line → column → cell."""
    source = open_source(path, {})
    found: dict[int, dict[int, Mapping[str, str]]] = defaultdict(dict)
    for chunk in source.chunks():
        for cells in zip(*(column.to_pylist() for column in chunk.columns), strict=True):
            row = {name: _as_it_was(cell) for name, cell in zip(source.columns, cells, strict=True)}
            place = [row[name].removesuffix(".0") for name in OUR_COLUMNS[:2]]
            if all(part.isdecimal() for part in place):
                found[int(place[0])][int(place[1])] = row
    return found


def _cells(raw: str, delimiter: str, width: int) -> list[str]:
    """Return a rejected record's cells, as many as there are columns: what is too much stands in the last one."""
    try:
        cells = next(csv.reader([raw], delimiter=delimiter), [])
    except csv.Error:
        cells = [raw]
    if len(cells) > width:
        cells = [*cells[: width - 1], delimiter.join(cells[width - 1 :])]
    return [*cells, *[""] * (width - len(cells))]


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] and cell[0] in _FORMULA and not _NUMBER.fullmatch(cell) else cell


def _as_it_was(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:2] and cell[1] in _FORMULA else cell
