"""Facts as rows of PostgreSQL's binary COPY. Pure, and by hand: a general writer takes as long as PostgreSQL itself.

On the wire a row is its number of fields, and each field its length and its bytes; jsonb is a version byte and text.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from struct import Struct

import msgspec

from kembali.collect.contracts import NewFact, subject_of
from kembali.collect.errors import BadFact

COLUMNS = "source, message_id, kind, subject, identifiers, occurred_at, payload"

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_EIGHT_FIELDS = b"\0\x08"
_NULL = b"\xff\xff\xff\xff"
_JSONB = b"\x01"
_ZERO = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_length = Struct(">i").pack
_int4 = Struct(">ii").pack
_int8 = Struct(">iq").pack

_MAX_KEY = 200
_encode = msgspec.json.Encoder().encode
_key = attrgetter("source", "message_id")


def log_rows(facts: Sequence[NewFact], *, received_at: datetime) -> bytes:
    """Return the COPY of facts into the log (received_at, then `COLUMNS`), in key order.

    Two writers with overlapping facts then wait for each other instead of deadlocking.

    Raises:
        BadFact: one cannot be stored.
    """
    first = _EIGHT_FIELDS + _instant(received_at)
    return b"".join((_HEADER, *(first + row for row in _rows(sorted(facts, key=_key))), _END))


def numbered_rows(facts: Sequence[NewFact]) -> bytes:
    """Return the COPY of facts as (position from 0, then `COLUMNS`).

    Raises:
        BadFact: one cannot be stored.
    """
    rows = (_EIGHT_FIELDS + _int4(4, position) + row for position, row in enumerate(_rows(facts)))
    return b"".join((_HEADER, *rows, _END))


def _rows(facts: Iterable[NewFact]) -> Iterable[bytes]:
    for fact in facts:
        payload = fact.payload if isinstance(fact.payload, bytes) else _encode(fact.payload)
        if b"\\u0000" in payload:
            raise BadFact(f"Fact {fact.message_id}: the payload holds the character U+0000.", hint="Remove it.")
        if fact.occurred_at.tzinfo is None:
            raise BadFact(f"Fact {fact.message_id}: occurred_at has no time zone.")
        if not 0 < len(fact.message_id) <= _MAX_KEY:
            raise BadFact(f"A message id has 1 to {_MAX_KEY} characters; this one has {len(fact.message_id)}.")
        if "\0" in fact.message_id:
            raise BadFact(f"Fact {fact.message_id!a}: its message id holds the character U+0000.")
        try:
            message_id = fact.message_id.encode()
            subject = subject_of(fact.identifiers)
            identifiers = _encode(fact.identifiers)
            if b"\\u0000" in identifiers:
                raise BadFact(f"Fact {fact.message_id}: an identifier holds the character U+0000.")
            yield b"".join(
                (
                    _word(fact.source),
                    _length(len(message_id)),
                    message_id,
                    _word(fact.kind),
                    _NULL if subject is None else _text(subject),
                    _length(1 + len(identifiers)),
                    _JSONB,
                    identifiers,
                    _instant(fact.occurred_at),
                    _length(len(payload)),
                    payload,
                )
            )
        except UnicodeEncodeError as error:
            raise BadFact(f"Fact {fact.message_id!a}: it holds half a character: {error.reason}.") from None


def _text(value: str) -> bytes:
    encoded = value.encode()
    return _length(len(encoded)) + encoded


_word = lru_cache(1024)(_text)  # sources and kinds are few


def _instant(at: datetime) -> bytes:
    return _int8(8, (at - _ZERO) // _MICROSECOND)
