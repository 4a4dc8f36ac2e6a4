"""A folder of exports: files that belong together are joined, all others are taken one by one."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kembali.collect.files import reading
from kembali.collect.files.errors import FolderNotUnderstood
from kembali.collect.files.reading import FileShape
from kembali.collect.files.sets import find_set
from kembali.collect.files.sets.base import TableAccount
from kembali.collect.imports.versions import work_folder
from kembali.kernel.errors import KembaliError

# Products before the orders that name them, people before what they did.
_IN_ORDER = ("products", "customers", "consents", "orders", "shipments", "reviews", "events")
_MOST_FILES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """What a folder holds for an import.

    files: what to import, in this order; joined files are made for the occasion. set_name: of the tables that were
    joined, with their account in `tables`; empty for none. not_understood: file → why it is left out.
    """

    files: tuple[Path, ...]
    set_name: str
    tables: tuple[TableAccount, ...]
    not_understood: dict[str, str]


@contextmanager
def opened_folder(path: Path) -> Iterator[Folder]:
    """Look at every file of a folder, join what belongs together, and clean up at the end of the block.

    Raises:
        FolderNotUnderstood: nothing in it can be imported.
        TableBroken: see `join_set`.
    """
    shapes, not_understood = _looked_at(path)
    with tempfile.TemporaryDirectory(dir=work_folder(), prefix="folder-") as made:
        found = find_set({shape.path: shape.columns for shape in shapes})
        joined: list[Path] = []
        tables: list[TableAccount] = []
        if found is not None:
            from kembali.collect.files.sets.joining import join_set  # noqa: PLC0415 - only a process that imports pays for DuckDB

            joined, tables = join_set(*found, Path(made))
            shapes = [shape for shape in shapes if shape.path not in found[1].values()]
        for shape in shapes:
            if shape.missing_fields:
                not_understood[shape.path.name] = f"no column found for {' or '.join(shape.missing_fields)}"
        single = [shape for shape in shapes if not shape.missing_fields]
        single.sort(key=lambda shape: (_IN_ORDER.index(shape.kind), shape.path.name))
        if not (joined or single):
            raise FolderNotUnderstood(
                f"{path.name}: nothing in this folder can be imported.",
                hint="; ".join(f"{name}: {why}" for name, why in not_understood.items()) or "It is empty.",
            )
        yield Folder(
            files=(*joined, *(shape.path for shape in single)),
            set_name=found[0].name if found else "",
            tables=tuple(tables),
            not_understood=not_understood,
        )


def _looked_at(path: Path) -> tuple[list[FileShape], dict[str, str]]:
    shapes: list[FileShape] = []
    not_understood: dict[str, str] = {}
    for file in sorted(each for each in path.iterdir() if each.is_file() and not each.name.startswith("."))[
        :_MOST_FILES
    ]:
        try:
            shapes.append(reading.inspect(file))
        except KembaliError as error:
            not_understood[file.name] = error.message
    return shapes, not_understood
