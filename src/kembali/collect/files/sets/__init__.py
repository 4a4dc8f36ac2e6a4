"""Sets of tables that are one import: a new set is one file here and one name in this tuple."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from kembali.collect.files.sets.base import FileSet
from kembali.collect.files.sets.olist import OLIST

SETS: tuple[FileSet, ...] = (OLIST,)


def find_set(headers: Mapping[Path, Sequence[str]]) -> tuple[FileSet, dict[str, Path]] | None:
    """Return the set whose needed tables are among these files, and which file is which table; None for none."""
    for one in SETS:
        found: dict[str, Path] = {}
        for table in one.tables:
            path = next((path for path, header in headers.items() if table.is_in(header)), None)
            if path is not None and path not in found.values():
                found[table.name] = path
        if all(table.name in found for table in one.tables if table.needed):
            return one, found
    return None
