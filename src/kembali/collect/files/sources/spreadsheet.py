"""Spreadsheets: Excel's .xlsx and .xls, and .ods. One sheet, its first filled row the header."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from python_calamine import CalamineError, CalamineWorkbook

from kembali.collect.files.dialect import unique_names
from kembali.collect.files.errors import BadMapping, FileDamaged, FileEmpty
from kembali.collect.files.sources.base import FIRST_ROWS, Record, Records

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

    from kembali.collect.files.records import Broken

# A sheet has at most 1,048,576 rows; what unpacks to more than this is no shop's table.
_MOST_BYTES = 2_000_000_000


class Spreadsheet(Records):
    """A sheet of a workbook: the one that is named, else the first with anything in it."""

    def __init__(self, path: Path, sheet: str | None) -> None:
        self.path = path
        self.encoding = "spreadsheet"
        self._sheet = self._chosen(sheet)
        self.encoding = f"spreadsheet, sheet {self._sheet.name}"
        rows = enumerate(self._sheet.iter_rows(), start=(self._sheet.start or (0, 0))[0] + 1)
        header = next(((line, cells) for line, cells in rows if any(map(_cell, cells))), None)
        if header is None:
            raise FileEmpty(f"{path.name} is empty.", hint="The first row has to name the columns.")
        self._header_line = header[0]
        self.columns = tuple(unique_names([_cell(cell) for cell in header[1]]))
        self.first_rows = tuple(tuple(cells) for _, cells in islice(self.records([]), FIRST_ROWS))

    def records(self, broken: list[Broken]) -> Iterator[Record]:  # noqa: ARG002 - a row of a sheet is never broken
        """Yield the cells of each row with anything in it."""
        for line, row in enumerate(self._sheet.iter_rows(), start=(self._sheet.start or (0, 0))[0] + 1):
            cells = [_cell(cell) for cell in row]
            if line > self._header_line and any(cells):
                yield line, cells

    def _chosen(self, name: str | None) -> CalamineSheet:
        workbook = self._opened()
        names = workbook.sheet_names
        if name is not None and name not in names:
            raise BadMapping(f"There is no sheet “{name}”.", hint=f"The sheets are: {', '.join(names)}.")
        try:
            sheets = (workbook.get_sheet_by_name(each) for each in ([name] if name else names))
            found = next((sheet for sheet in sheets if sheet.height), None)
        except CalamineError as error:
            raise self._damaged(error) from error
        if found is None:
            raise FileEmpty(f"{self.path.name} is empty.", hint="The first row has to name the columns.")
        return found

    def _opened(self) -> CalamineWorkbook:
        try:
            if zipfile.is_zipfile(self.path):
                with zipfile.ZipFile(self.path) as archive:
                    if sum(part.file_size for part in archive.infolist()) > _MOST_BYTES:
                        raise FileDamaged(
                            f"{self.path.name} unpacks to more than 2 GB.", hint="Export the table as CSV instead."
                        )
            return CalamineWorkbook.from_path(self.path)
        except (CalamineError, zipfile.BadZipFile, OSError) as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> FileDamaged:
        return FileDamaged(
            f"{self.path.name} cannot be read as a spreadsheet: {error}.", hint="Open it, and save it again as .xlsx."
        )


def _cell(value: object) -> str:
    """Return a cell as it would stand in a CSV file: whole numbers without a point, dates as ISO."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    return "" if isinstance(value, timedelta) else str(value)
