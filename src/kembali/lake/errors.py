"""What can go wrong with the lake."""

from kembali.kernel.errors import NotFound, Refused, Unavailable


class UnknownLakeTable(NotFound):
    """No room has registered a lake table of this name."""

    code = "unknown_lake_table"


class LakeNotReady(Unavailable):
    """The lake has not been written yet, or its files are gone."""

    code = "lake_not_ready"


class LakeTableMismatch(Refused):
    """What PostgreSQL returned does not have the columns the table declares."""

    code = "lake_table_mismatch"
