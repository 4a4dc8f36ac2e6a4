"""The second door of `collect`: append to the facts log on any psycopg connection, without Django.

Used by the edge process on its own connections and by every room through `collect.api` on Django's.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

import msgspec
import psycopg
from psycopg import sql
from psycopg.types.json import Json, Jsonb

from kembali.collect.connectors.contracts import Delivery
from kembali.collect.connectors.opening import OpenConnection, note_hook, note_refused_hook, open_connections
from kembali.collect.connectors.platforms import connector_of
from kembali.collect.contracts import NewFact, Reading, Rejected, subject_of
from kembali.collect.errors import BadFact, BadTrackingRequest
from kembali.collect.rejecting import count_rejected, keep_rejected
from kembali.collect.tracking.events import open_envelope, read_events
from kembali.collect.tracking.requests import MOST_BYTES, ROUTES, body_of, decoded, write_key_of
from kembali.infra.inserting import insert_new

__all__ = [
    "MOST_BYTES",
    "ROUTES",
    "BadTrackingRequest",
    "Cursor",
    "Delivery",
    "NewFact",
    "OpenConnection",
    "Reading",
    "Rejected",
    "append",
    "append_selected",
    "body_of",
    "connector_of",
    "count_rejected",
    "decoded",
    "keep_rejected",
    "note_hook",
    "note_refused_hook",
    "open_connections",
    "open_envelope",
    "open_log",
    "read_events",
    "write_key_of",
]

Cursor = psycopg.Cursor[tuple[Any, ...]]

_MAX_KEY = 200
_encode = msgspec.json.Encoder().encode

_STAGING = """
CREATE TEMP TABLE IF NOT EXISTS collect_incoming (
    position int, source text COLLATE "C", message_id text COLLATE "C", kind text, subject text, identifiers jsonb,
    occurred_at timestamptz, payload json STORAGE EXTERNAL
) ON COMMIT DELETE ROWS
"""
_COLUMNS = "source, message_id, kind, subject, identifiers, occurred_at, payload"
# Binary: PostgreSQL takes a payload as it is, instead of looking at every character twice for escapes.
_COPY_STAGED = f"COPY collect_incoming (position, {_COLUMNS}) FROM STDIN (FORMAT binary)"
_COPY = f"COPY collect_fact (epoch, received_at, {_COLUMNS}) FROM STDIN (FORMAT binary)"
_TYPES = ("text", "text", "text", "text", "jsonb", "timestamptz", "json")
_KNOWN = "SELECT 1 FROM collect_fact WHERE source = ANY(%s) AND message_id = ANY(%s) LIMIT 1"
# Key order: two writers with overlapping batches wait for each other instead of deadlocking.
_APPEND = """
INSERT INTO collect_fact (epoch, source, message_id, kind, subject, identifiers, occurred_at, received_at, payload)
SELECT coalesce((SELECT epoch FROM collect_log), 0),
       source, message_id, kind, subject, identifiers, occurred_at, %s, payload
FROM collect_incoming
ORDER BY source, message_id, position
ON CONFLICT (source, message_id) DO NOTHING
RETURNING source, message_id
"""
_SELECTED = sql.SQL("""
INSERT INTO collect_fact (epoch, source, message_id, kind, subject, identifiers, occurred_at, received_at, payload)
SELECT coalesce((SELECT epoch FROM collect_log), 0),
       source, message_id, kind, subject, identifiers, occurred_at, {received_at}, payload
FROM ({select}) AS selected
ORDER BY source, message_id
""")
_ONCE = sql.SQL("ON CONFLICT (source, message_id) DO NOTHING")


def append(cursor: Cursor, facts: Sequence[NewFact], *, received_at: datetime) -> list[bool]:
    """Append facts in the caller's transaction; one answer each, True where the fact is new.

    Idempotent by (source, message_id), also within one call. Durable when the caller has committed.

    Raises:
        BadFact: one cannot be stored; nothing was appended.
    """
    if not facts:
        return []
    rows = list(_rows(facts))
    if _are_news(cursor, facts) and _copied(cursor, rows, received_at):
        return [True] * len(facts)
    cursor.execute(_STAGING)
    cursor.execute("DELETE FROM collect_incoming")
    with cursor.copy(_COPY_STAGED) as copy:
        copy.set_types(("int4", *_TYPES))
        for position, row in enumerate(rows):
            copy.write_row((position, *row))
    cursor.execute(_APPEND, (received_at,))
    new = {(source, message_id) for source, message_id in cursor.fetchall()}
    answers = []
    for fact in facts:
        key = (fact.source, fact.message_id)
        answers.append(key in new)
        new.discard(key)
    return answers


def _are_news(cursor: Cursor, facts: Sequence[NewFact]) -> bool:
    """Return whether no fact repeats another, here or in the log as it is seen now."""
    sources, message_ids = {fact.source for fact in facts}, {fact.message_id for fact in facts}
    if len(message_ids) < len(facts):
        return False
    cursor.execute(_KNOWN, (list(sources), list(message_ids)))
    return cursor.fetchone() is None


def _copied(cursor: Cursor, rows: Sequence[tuple[object, ...]], received_at: datetime) -> bool:
    """Copy rows straight into the log, in key order; return False, and nothing was copied, if one came in meanwhile."""
    cursor.execute("SELECT coalesce((SELECT epoch FROM collect_log), 0)")
    epoch = cursor.fetchone() or (0,)
    try:
        with cursor.connection.transaction(), cursor.copy(_COPY) as copy:
            copy.set_types(("int4", "timestamptz", *_TYPES))
            for row in sorted(rows, key=itemgetter(0, 1)):
                copy.write_row((*epoch, received_at, *row))
    except psycopg.errors.UniqueViolation:
        return False
    return True


def append_selected(cursor: Cursor, select: sql.Composed, *, received_at: datetime) -> int:
    """Append the facts a query gives, in the caller's transaction; return how many were new. Idempotent like `append`.

    select: rows of source, message_id, kind, subject, identifiers, occurred_at, payload (see `_STAGING`).
    """
    insert = _SELECTED.format(select=select, received_at=sql.Literal(received_at))
    return insert_new(cursor, insert, on_conflict=_ONCE)


def open_log(connection: psycopg.Connection[Any]) -> int:
    """Return the log's epoch, raised by one if this cluster's transaction ids are behind the log's.

    In a dumped and restored cluster ids start again; without a new epoch the cursors would skip what follows.
    """
    with connection.transaction():
        connection.execute("LOCK TABLE collect_log IN SHARE ROW EXCLUSIVE MODE")
        row = connection.execute("SELECT epoch FROM collect_log").fetchone()
        epoch = row[0] if row else 0
        behind = connection.execute(
            "SELECT 1 FROM collect_fact WHERE epoch = %s AND xid >= pg_snapshot_xmax(pg_current_snapshot()) LIMIT 1",
            (epoch,),
        ).fetchone()
        if behind is not None:
            epoch += 1
            connection.execute("DELETE FROM collect_log")
            connection.execute("INSERT INTO collect_log (epoch) VALUES (%s)", (epoch,))
        return int(epoch)


def _rows(facts: Iterable[NewFact]) -> Iterable[tuple[object, ...]]:
    for fact in facts:
        payload = fact.payload if isinstance(fact.payload, bytes) else _encode(fact.payload)
        if b"\\u0000" in payload:
            raise BadFact(f"Fact {fact.message_id}: the payload holds the character U+0000.", hint="Remove it.")
        if fact.occurred_at.tzinfo is None:
            raise BadFact(f"Fact {fact.message_id}: occurred_at has no time zone.")
        if not 0 < len(fact.message_id) <= _MAX_KEY:
            raise BadFact(f"A message id has 1 to {_MAX_KEY} characters; this one has {len(fact.message_id)}.")
        yield (
            fact.source,
            fact.message_id,
            fact.kind,
            subject_of(fact.identifiers),
            Jsonb(_encode(fact.identifiers), _as_is),
            fact.occurred_at,
            Json(payload, _as_is),
        )


def _as_is(encoded: bytes) -> bytes:
    return encoded
