"""What can be wrong with a file as a whole; a wrong line is a reject, not an error."""

from collections.abc import Iterable, Sequence

from kembali.collect.files.fields import Field
from kembali.kernel.errors import NotFound, Refused


class FileMissing(NotFound):
    """There is no such file, or it may not be read."""

    code = "file_missing"


class FileEmpty(Refused):
    """The file has no header line."""

    code = "file_empty"


class FileDamaged(Refused):
    """The file ends too early or is not the compression it claims to be."""

    code = "file_damaged"


class TableBroken(Refused):
    """A table that others are joined with has a record that cannot be read."""

    code = "table_broken"


class FolderNotUnderstood(Refused):
    """A folder holds no file that can be imported."""

    code = "folder_not_understood"


class ColumnsNotUnderstood(Refused):
    """The header does not say where a needed field is."""

    code = "columns_not_understood"

    def __init__(
        self, file_name: str, *, missing: Sequence[str], columns: Iterable[str], fields: Iterable[Field]
    ) -> None:
        named = ", ".join(f"{field.name} ({field.meaning})" for field in fields)
        super().__init__(
            f"{file_name}, line 1: no column found for {' or '.join(missing)}. The columns are: {', '.join(columns)}.",
            hint=f"Name them with --map field=column,field=column. The fields are: {named}.",
        )
        self.missing = tuple(missing)


class BadMapping(Refused):
    """A `--map` entry names a field, a column or a value that does not exist."""

    code = "bad_mapping"


class DatesNotUnderstood(Refused):
    """Dates such as 03/04/2026 can be read two ways and nothing in the file decides."""

    code = "dates_not_understood"
