"""What a kind of file is: the fields it can fill, what tells it from the others, and how its rows are understood."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import msgspec

from kembali.collect.files.fields import Field
from kembali.collect.files.words import Unusable, Words, reference

Needs = tuple[tuple[str, ...], ...]  # of each, at least one


class Row:
    """One record: its filled fields without spaces around them, and the filled columns that no field takes (`extras`).

    columns: the fields the file has a column for.
    """

    __slots__ = ("columns", "extras", "text")

    def __init__(self, fields: Mapping[str, str], extras: Mapping[str, str], columns: Collection[str]) -> None:
        self.text = fields.get  # a field's text, None where there is none; asked twenty times a row
        self.extras = extras
        self.columns = columns

    def ref(self, name: str) -> str | None:
        """Return somebody's number as the shop means it: without what spreadsheets add to it."""
        found = self.text(name)
        return found and reference(found)

    def word(self, name: str) -> str | None:
        """Return a field's text as it is compared."""
        found = self.text(name)
        return found and found.casefold()


class Said(NamedTuple):
    """What a row, or a group of rows, says: one fact on its way into the log. `ref` begins its message id."""

    kind: str
    ref: str
    occurred_at: datetime
    identifiers: Mapping[str, str]
    payload: msgspec.Struct | Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of file.

    in_words: how a person calls what stands in it.
    needs: of each group of fields a file must have one.
    tells: a header with one field of each group is taken for this kind, where no other kind before it took it.
    group: SQL over the fields: rows with the same value are one thing (a product and its variants). None: each row.
    read: None for orders, which are read set-based.
    """

    name: str
    in_words: str
    fields: tuple[Field, ...]
    needs: Needs
    tells: Needs
    group: str | None = None
    read: Callable[[Sequence[Row], Words], Iterable[Said]] | None = None

    @property
    def field_names(self) -> tuple[str, ...]:
        """Return the names of its fields."""
        return tuple(field.name for field in self.fields)

    def missing(self, found: Collection[str]) -> tuple[str, ...]:
        """Return what a file with these fields lacks, as words for a person."""
        return tuple(_either(names) for names in self.needs if not set(names) & set(found))

    def is_told_by(self, found: Collection[str]) -> bool:
        """Return whether a file with these fields is of this kind, as far as its header tells."""
        return all(set(names) & set(found) for names in self.tells)


def identifiers_of(row: Row, *, ref_prefix: str = "") -> dict[str, str]:
    """Return whom a row names; a platform's own numbers bear its name.

    Raises:
        Unusable: an e-mail address is none.
    """
    customer_ref, email = row.ref("customer_ref"), row.word("email")
    if email and ("@" not in email[1:-1] or any(sign.isspace() for sign in email)):
        raise Unusable("bad_email", email)
    named = {
        "customer_ref": customer_ref and ref_prefix + customer_ref,
        "email": email,
        "loyalty_ref": row.ref("loyalty_ref"),
        "phone": phone_of(row.text("phone")),
        "anonymous_id": row.ref("anonymous_id"),
    }
    return {kind: value for kind, value in named.items() if value}


def phone_of(text: str | None) -> str | None:
    """Return a phone number without the apostrophe that keeps spreadsheets from reckoning with it."""
    return (text or "").lstrip("'").strip() or None


def checked(ref: str) -> str:
    """Return a reference that can begin a message id.

    Raises:
        Unusable: it is too long.
    """
    if len(ref.encode()) > _LONGEST_REF:
        raise Unusable("bad_ref", ref[:80])
    return ref


_LONGEST_REF = 150


def _either(names: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
