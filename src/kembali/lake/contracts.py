"""What a lake table is, and what an export did. Loads neither DuckDB nor Ibis."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["int16", "int64", "float64", "bool", "string", "date", "timestamp"]
"""`timestamp` is a UTC instant in microseconds."""

SINCE = ":since"


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeTable:
    """A table of the lake and the PostgreSQL query that feeds it.

    select: returns the declared columns, `is_live bool` (false = the row is not or no longer part of the table) and
        `row_xid bigint` (transaction that last changed it), for rows changed in transaction `:since` or later; 0 means
        all. key: the column that identifies what is replaced together: when a key comes again, all its rows are new.
    """

    name: str
    columns: Mapping[str, ColumnType]
    key: str
    select: str

    @property
    def recent(self) -> str:
        """Return the name under which an open lake holds rows just computed for some keys, not stored or exported yet.

        Its columns are the declared ones and `is_live`.
        """
        return f"{self.name}_recent"

    def __post_init__(self) -> None:
        if SINCE not in self.select or self.key not in self.columns:
            raise ValueError(f"lake table {self.name}: the query needs {SINCE}, and the key must be a column")


@dataclass(frozen=True, slots=True)
class TableState:
    """Which versions of a table's two Delta tables belong together. `changed_version` None: nothing changed since."""

    base_version: int
    changed_version: int | None
    row_count: int
    changed_count: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """One consistent state of the whole lake.

    epoch: grows with every rebuild. horizon: every transaction below it is in the lake.
    """

    epoch: int
    horizon: int
    tables: Mapping[str, TableState]


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export did: rows read per table; `rebuilt` when everything was written anew."""

    rebuilt: bool
    rows: Mapping[str, int]
