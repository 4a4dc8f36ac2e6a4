"""The lake tables that wiring has registered."""

from collections.abc import Mapping

from kembali.lake.contracts import LakeTable

_tables: dict[str, LakeTable] = {}


def register(*tables: LakeTable) -> None:
    """Make tables known to this process; registering one again replaces it."""
    _tables.update({table.name: table for table in tables})


def registered() -> Mapping[str, LakeTable]:
    """Return the known tables by name."""
    return dict(_tables)
