"""Mappings with a name: said once, applied by name or to the next file with the same header."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kembali.collect.errors import MappingNotFound
from kembali.collect.files.columns import layout_of
from kembali.collect.files.formats.base import plain
from kembali.collect.models import SavedMapping


@dataclass(frozen=True, slots=True)
class FoundMapping:
    """A mapping that is to be used, and the saved one it came from (empty: from none)."""

    mapping: Mapping[str, str]
    name: str = ""


def save_mapping(name: str, *, columns: Sequence[str], mapping: Mapping[str, str], at: datetime) -> None:
    """Keep a mapping under a name, in place of what had this name.

    Raises:
        BadMapping: it does not fit the columns.
    """
    layout_of(columns, mapping)
    SavedMapping.objects.update_or_create(
        name=name.strip()[:100],
        defaults={"header": _header(columns), "mapping": dict(mapping), "saved_at": at},
    )


def find_mapping(columns: Sequence[str], *, given: Mapping[str, str], name: str | None = None) -> FoundMapping:
    """Return the mapping for a file: the named one, else the latest saved for this header; `given` overrules it.

    A mapping found by its header alone is left aside where anything is given: whoever maps by hand sees all of it.

    Raises:
        MappingNotFound: there is none of this name.
    """
    if name is not None:
        named = SavedMapping.objects.filter(name=name).first()
        if named is None:
            raise MappingNotFound(f"There is no mapping “{name}”.", hint=_names())
        return FoundMapping({**named.mapping, **given}, named.name)
    if not given and (saved := SavedMapping.objects.filter(header=_header(columns)).order_by("-saved_at").first()):
        return FoundMapping(saved.mapping, saved.name)
    return FoundMapping(given)


def list_mappings() -> dict[str, dict[str, str]]:
    """All saved mappings by their names, field → column."""
    return {one.name: dict(one.mapping) for one in SavedMapping.objects.order_by("name")}


def _header(columns: Sequence[str]) -> str:
    return "\n".join(sorted(plain(column) for column in columns))


def _names() -> str:
    names = list_mappings()
    return f"There are: {', '.join(names)}." if names else "Save one with --map … --save-mapping NAME."
