"""Header → layout: which format it is, which column fills which field, and what is kept as a property."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kembali.collect.files.errors import BadMapping
from kembali.collect.files.formats import BY_KIND, FORMATS, GENERIC_ORDERS, KNOWN, Format
from kembali.collect.files.formats.base import plain
from kembali.collect.files.kinds import KINDS, Kind

_OPTIONS = {
    "encoding": None,
    "date_order": ("day_first", "month_first"),
    "decimal": ("point", "comma"),
    "sheet": None,
    "as": (*KINDS, *(form.name for form in FORMATS)),
}
_STATUSES = ("paid", "pending", "cancelled", "refunded")
_STATUS_PREFIX = "status."
# Instead of a column: the field stays empty, whatever would be recognised.
NO_COLUMN = "-"
# Columns of our own: what a downloaded list of rejected lines says about each. Never the shop's data.
OUR_COLUMNS = ("kembali_import", "kembali_line", "kembali_reason_code", "kembali_reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the columns of one file are understood.

    sources: field → positions of its columns, best first (more than one only where the format falls back).
    composed: fields of these are put together from all of their columns, with `/`.
    order_extras, line_extras: positions of the columns kept as properties of the order (of the row, where the kind has
        only rows) or of the line.
    """

    format: Format
    columns: tuple[str, ...]
    sources: Mapping[str, tuple[int, ...]]
    composed: Mapping[str, tuple[int, ...]]
    order_extras: tuple[int, ...]
    line_extras: tuple[int, ...]
    unmapped: tuple[str, ...]
    missing: tuple[str, ...]
    options: Mapping[str, str]
    statuses: Mapping[str, str]

    @property
    def kind(self) -> Kind:
        """What the rows are."""
        return KINDS[self.format.kind]

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
    mapping = mapping or {}
    form = _format_of(columns, mapping)
    kind = KINDS[form.kind]
    chosen, options, statuses = _read_mapping(mapping, columns, kind)
    sources = _sources(form, columns, chosen)
    composed = _composed(form, columns, sources)
    first_choices = {positions[0] for positions in sources.values()}
    used = {position for positions in sources.values() for position in positions}
    ours = {position for position, name in enumerate(columns) if name in OUR_COLUMNS}
    kept = [position for position in range(len(columns)) if position not in first_choices | ours]
    words = tuple(plain(word) for word in form.line_words)
    of_line = {position for position in kept if words and plain(columns[position]).startswith(words)}
    return Layout(
        format=form,
        columns=tuple(columns),
        sources=sources,
        composed=composed,
        order_extras=tuple(position for position in kept if position not in of_line),
        line_extras=tuple(position for position in kept if position in of_line),
        unmapped=tuple(name for position, name in enumerate(columns) if position not in used | ours),
        missing=_missing(form, kind, sources),
        options=options,
        statuses={**form.statuses, **form.words, **statuses},
    )


def _format_of(columns: Sequence[str], mapping: Mapping[str, str]) -> Format:
    """Return the format a person named; else the first whose signature is in the header; else by what is told."""
    if wanted := mapping.get("as"):
        _one_of("as", wanted, _OPTIONS["as"])
        named = [form for form in FORMATS if form.name == wanted]
        return (named or [form for form in BY_KIND if form.kind == wanted and not form.signatures])[0]
    if known := next((form for form in KNOWN if form.recognises(columns)), None):
        return known
    fields = {name for name in mapping if name not in _OPTIONS and not name.startswith(_STATUS_PREFIX)}
    fits = [form for form in BY_KIND if form.recognises(columns) and fields <= set(KINDS[form.kind].field_names)]
    for form in fits:
        chosen = {name: _chosen(mapping[name], columns) for name in fields}
        if KINDS[form.kind].is_told_by(_sources(form, columns, chosen)):
            return form
    return GENERIC_ORDERS if GENERIC_ORDERS in fits or not fits else fits[0]


def _sources(form: Format, columns: Sequence[str], chosen: Mapping[str, int | None]) -> dict[str, tuple[int, ...]]:
    taken = frozenset(position for position in chosen.values() if position is not None)
    sources = _recognised(form, columns, taken=taken)
    for field, position in chosen.items():
        sources.pop(field, None)
        if position is not None:
            sources[field] = (position,)
    if form.kind == "orders":
        if "unit_price" in sources:
            sources.pop("line_total", None)
        if "unit_price" not in sources and "line_total" not in sources:
            for field in ("sku", "title", "quantity"):
                sources.pop(field, None)
    return sources


def _recognised(form: Format, columns: Sequence[str], *, taken: frozenset[int]) -> dict[str, tuple[int, ...]]:
    free = {plain(name): position for position, name in reversed(list(enumerate(columns))) if position not in taken}
    sources: dict[str, tuple[int, ...]] = {}
    for field in KINDS[form.kind].field_names:
        names = (plain(name) for name in form.columns.get(field, ()))
        found = tuple(free.pop(name) for name in names if name in free) if field in form.fallbacks else ()
        if field not in form.fallbacks:
            first = next((name for name in map(plain, form.columns.get(field, ())) if name in free), None)
            found = (free.pop(first),) if first is not None else ()
        if found:
            sources[field] = found
    return sources


def _composed(
    form: Format, columns: Sequence[str], sources: Mapping[str, tuple[int, ...]]
) -> dict[str, tuple[int, ...]]:
    """Return the columns in front of a field's own that make it unique. They are kept as properties as well."""
    places = {plain(name): position for position, name in reversed(list(enumerate(columns)))}
    taken = {position for positions in sources.values() for position in positions}
    found: dict[str, tuple[int, ...]] = {}
    for field, names in form.composed.items():
        parts = tuple(places[name] for name in map(plain, names) if name in places and places[name] not in taken)
        if parts and field in sources:
            found[field] = parts
    return found


def _missing(form: Format, kind: Kind, sources: Mapping[str, object]) -> tuple[str, ...]:
    """Return what a header lacks; a till's receipts need not say whose they are."""
    missing = kind.missing(sources.keys())
    return tuple(words for words in missing if not (form.may_be_anonymous and words.startswith("customer_ref")))


def _read_mapping(
    mapping: Mapping[str, str], columns: Sequence[str], kind: Kind
) -> tuple[dict[str, int | None], dict[str, str], dict[str, str]]:
    chosen: dict[str, int | None] = {}
    options: dict[str, str] = {}
    statuses: dict[str, str] = {}
    for name, value in mapping.items():
        if name in kind.field_names:
            chosen[name] = _chosen(value, columns)
        elif name.startswith(_STATUS_PREFIX):
            allowed = _STATUSES if kind.name == "orders" else None
            statuses[name.removeprefix(_STATUS_PREFIX).casefold()] = _one_of(name, value, allowed)
        elif name in _OPTIONS:
            options[name] = _one_of(name, value, _OPTIONS[name])
        else:
            raise BadMapping(
                f"“{name}” is not a field of {kind.in_words}.",
                hint=f"Fields: {', '.join(kind.field_names)}. Options: {', '.join(_OPTIONS)}, "
                "status.<word in the file>.",
            )
    return chosen, options, statuses


def _chosen(column: str, columns: Sequence[str]) -> int | None:
    return None if column == NO_COLUMN else _position_of(column, columns)


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
