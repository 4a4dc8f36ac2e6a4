"""Header → layout: which format it is, which column fills which field, and what is kept as a property."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kembali.collect.files.errors import BadMapping
from kembali.collect.files.fields import FIELD_NAMES
from kembali.collect.files.formats import FORMATS, Format
from kembali.collect.files.formats.base import plain

_OPTIONS = {
    "encoding": None,
    "date_order": ("day_first", "month_first"),
    "decimal": ("point", "comma"),
}
_STATUSES = ("paid", "pending", "cancelled", "refunded")
_STATUS_PREFIX = "status."


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the columns of one file are understood.

    sources: field → positions of its columns, best first (more than one only where the format falls back).
    order_extras, line_extras: positions of the columns kept as properties of the order or of the line.
    """

    format: Format
    columns: tuple[str, ...]
    sources: Mapping[str, tuple[int, ...]]
    order_extras: tuple[int, ...]
    line_extras: tuple[int, ...]
    unmapped: tuple[str, ...]
    missing: tuple[str, ...]
    options: Mapping[str, str]
    statuses: Mapping[str, str]

    @property
    def has_lines(self) -> bool:
        """Whether the rows are line items and not whole orders."""
        return "unit_price" in self.sources or "line_total" in self.sources

    @property
    def mapped(self) -> dict[str, str]:
        """Field → the column that fills it."""
        return {field: self.columns[positions[0]] for field, positions in self.sources.items()}


def parse_mapping(text: str) -> dict[str, str]:
    """Return `order_ref=order_id,placed_at=created_at` as a mapping of field to column.

    Raises:
        BadMapping: an entry has no `=`.
    """
    mapping: dict[str, str] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = entry.partition("=")
        if not equals or not value.strip():
            raise BadMapping(f"“{entry}” is not field=column.", hint="Write --map order_ref=order_id,total=amount.")
        mapping[name.strip()] = value.strip()
    return mapping


def layout_of(columns: Sequence[str], mapping: Mapping[str, str] | None) -> Layout:
    """Return how a header is understood; `mapping` (field → column, and options) overrules what was recognised.

    Raises:
        BadMapping: the mapping names a field, column or value that does not exist.
    """
    chosen, options, statuses = _read_mapping(mapping or {}, columns)
    form = next(form for form in FORMATS if form.recognises(columns))
    sources = _recognised(form, columns, taken=frozenset(chosen.values()))
    sources.update({field: (position,) for field, position in chosen.items()})
    if "unit_price" in sources:
        sources.pop("line_total", None)
    if "unit_price" not in sources and "line_total" not in sources:
        for field in ("sku", "title", "quantity"):
            sources.pop(field, None)
    first_choices = {positions[0] for positions in sources.values()}
    used = {position for positions in sources.values() for position in positions}
    kept = [position for position in range(len(columns)) if position not in first_choices]
    words = tuple(plain(word) for word in form.line_words)
    of_line = {position for position in kept if words and plain(columns[position]).startswith(words)}
    return Layout(
        format=form,
        columns=tuple(columns),
        sources=sources,
        order_extras=tuple(position for position in kept if position not in of_line),
        line_extras=tuple(position for position in kept if position in of_line),
        unmapped=tuple(name for position, name in enumerate(columns) if position not in used),
        missing=_missing(sources),
        options=options,
        statuses={**form.statuses, **statuses},
    )


def _recognised(form: Format, columns: Sequence[str], *, taken: frozenset[int]) -> dict[str, tuple[int, ...]]:
    free = {plain(name): position for position, name in reversed(list(enumerate(columns))) if position not in taken}
    sources: dict[str, tuple[int, ...]] = {}
    for field in FIELD_NAMES:
        names = (plain(name) for name in form.columns.get(field, ()))
        found = tuple(free.pop(name) for name in names if name in free) if field in form.fallbacks else ()
        if field not in form.fallbacks:
            first = next((name for name in map(plain, form.columns.get(field, ())) if name in free), None)
            found = (free.pop(first),) if first is not None else ()
        if found:
            sources[field] = found
    return sources


def _missing(sources: Mapping[str, object]) -> tuple[str, ...]:
    missing = [field for field in ("order_ref", "placed_at") if field not in sources]
    if not {"unit_price", "line_total", "total"} & sources.keys():
        missing.append("unit_price, line_total or total")
    if not {"customer_ref", "email", "phone"} & sources.keys():
        missing.append("customer_ref, email or phone")
    return tuple(missing)


def _read_mapping(
    mapping: Mapping[str, str], columns: Sequence[str]
) -> tuple[dict[str, int], dict[str, str], dict[str, str]]:
    chosen: dict[str, int] = {}
    options: dict[str, str] = {}
    statuses: dict[str, str] = {}
    for name, value in mapping.items():
        if name in FIELD_NAMES:
            chosen[name] = _position_of(value, columns)
        elif name.startswith(_STATUS_PREFIX):
            statuses[name.removeprefix(_STATUS_PREFIX).casefold()] = _one_of(name, value, _STATUSES)
        elif name in _OPTIONS:
            options[name] = _one_of(name, value, _OPTIONS[name])
        else:
            raise BadMapping(
                f"“{name}” is not a field.",
                hint=f"Fields: {', '.join(FIELD_NAMES)}. Options: {', '.join(_OPTIONS)}, status.<word in the file>.",
            )
    return chosen, options, statuses


def _position_of(column: str, columns: Sequence[str]) -> int:
    for same in (str, plain):
        for position, name in enumerate(columns):
            if same(name) == same(column):
                return position
    raise BadMapping(f"There is no column “{column}”.", hint=f"The columns are: {', '.join(columns)}.")


def _one_of(name: str, value: str, allowed: tuple[str, ...] | None) -> str:
    if allowed is not None and value not in allowed:
        raise BadMapping(f"“{name}={value}” is not possible.", hint=f"Use one of: {', '.join(allowed)}.")
    return value
