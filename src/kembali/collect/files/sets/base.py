"""What a set of tables is: how each is recognised, and the SQL that joins them into one file per kind."""

from collections.abc import Collection
from dataclasses import dataclass

from kembali.collect.files.formats.base import plain


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a set: what its header must have, and whether there is no set without it.

    is_looked_up: it says nothing by itself; a joined file may take words from it.
    """

    name: str
    columns: tuple[str, ...]
    needed: bool = False
    is_looked_up: bool = False

    def is_in(self, header: Collection[str]) -> bool:
        """Return whether a header is this table's."""
        return {plain(name) for name in self.columns} <= {plain(name) for name in header}


@dataclass(frozen=True, slots=True)
class Part:
    """One joined file. of: the tables it is made from; without the first there is no such part.

    select: SQL over the set's tables, all of whose columns are text; it fixes the order of the rows.
    """

    name: str
    of: tuple[str, ...]
    select: str


@dataclass(frozen=True, slots=True)
class FileSet:
    """Tables that say something only together. Their `parts` are imported in this order."""

    name: str
    tables: tuple[Table, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableAccount:
    """One table of a set: its file, its records, and the joined files they went into (none: only looked at)."""

    file_name: str
    table: str
    rows: int
    parts: tuple[str, ...]
