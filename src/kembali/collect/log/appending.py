"""Append to the facts log on any psycopg connection. Loads no Django."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from kembali.collect.contracts import NewFact
from kembali.collect.log.packing import COLUMNS, log_rows, numbered_rows
from kembali.infra.inserting import insert_new

Cursor = psycopg.Cursor[tuple[Any, ...]]

_STAGING = """
CREATE TEMP TABLE IF NOT EXISTS collect_incoming (
    position int, source text COLLATE "C", message_id text COLLATE "C", kind text, subject text, identifiers jsonb,
    occurred_at timestamptz, payload json STORAGE EXTERNAL
) ON COMMIT DELETE ROWS
"""
# Binary: PostgreSQL takes a payload as it is, instead of looking at every character twice for escapes. The log's epoch
# is the default of its column: a constant, as true as the transaction that writes it.
_COPY = f"COPY collect_fact (received_at, {COLUMNS}) FROM STDIN (FORMAT binary)"
_COPY_STAGED = f"COPY collect_incoming (position, {COLUMNS}) FROM STDIN (FORMAT binary)"
# Key order: two writers with overlapping batches wait for each other instead of deadlocking.
_APPEND = """
INSERT INTO collect_fact (source, message_id, kind, subject, identifiers, occurred_at, received_at, payload)
SELECT source, message_id, kind, subject, identifiers, occurred_at, %s, payload
FROM collect_incoming
ORDER BY source, message_id, position
ON CONFLICT (source, message_id) DO NOTHING
RETURNING source, message_id
"""
_SELECTED = sql.SQL("""
INSERT INTO collect_fact (source, message_id, kind, subject, identifiers, occurred_at, received_at, payload)
SELECT source, message_id, kind, subject, identifiers, occurred_at, {received_at}, payload
FROM ({select}) AS selected
ORDER BY source, message_id
""")
_ONCE = sql.SQL("ON CONFLICT (source, message_id) DO NOTHING")
_DEFAULT_EPOCH = """
SELECT coalesce(pg_get_expr(d.adbin, d.adrelid), '') FROM pg_attribute a
LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
WHERE a.attrelid = 'collect_fact'::regclass AND a.attname = 'epoch'
"""
_SET_DEFAULT_EPOCH = sql.SQL("ALTER TABLE collect_fact ALTER COLUMN epoch SET DEFAULT {epoch}")


def append(cursor: Cursor, facts: Sequence[NewFact], *, received_at: datetime) -> list[bool]:
    """Append facts in the caller's transaction; one answer each, True where the fact is new.

    Idempotent by (source, message_id), also within one call. Durable when the caller has committed.

    Raises:
        BadFact: one cannot be stored; nothing was appended.
    """
    if not facts:
        return []
    _begin(cursor.connection)
    try:  # nearly always all are new
        with cursor.connection.transaction():
            _copy(cursor, _COPY, log_rows(facts, received_at=received_at))
    except psycopg.errors.UniqueViolation:
        return _append_new_ones(cursor, facts, received_at=received_at)
    return [True] * len(facts)


def append_alone(connection: psycopg.Connection[Any], facts: Sequence[NewFact], *, received_at: datetime) -> bool:
    """Commit facts of which the log knows none, in one statement; return False, and nothing happened, if it knows one.

    Asks the server once instead of four times. The connection is in autocommit: what is returned is durable.

    Raises:
        BadFact: one cannot be stored; nothing was appended.
    """
    rows = log_rows(facts, received_at=received_at)
    try:
        with connection.cursor() as cursor:
            _copy(cursor, _COPY, rows)
    except psycopg.errors.UniqueViolation:
        return False
    return True


def _begin(connection: psycopg.Connection[Any]) -> None:
    """Begin the transaction of a caller who has not yet: what follows would be one of its own, not a savepoint."""
    if not connection.autocommit and connection.info.transaction_status is TransactionStatus.IDLE:
        connection.execute("SELECT 1")


def _append_new_ones(cursor: Cursor, facts: Sequence[NewFact], *, received_at: datetime) -> list[bool]:
    cursor.execute(_STAGING)
    cursor.execute("DELETE FROM collect_incoming")
    _copy(cursor, _COPY_STAGED, numbered_rows(facts))
    cursor.execute(_APPEND, (received_at,))
    new = {(source, message_id) for source, message_id in cursor.fetchall()}
    answers = []
    for fact in facts:
        key = (fact.source, fact.message_id)
        answers.append(key in new)
        new.discard(key)
    return answers


def _copy(cursor: Cursor, statement: LiteralString, rows: bytes) -> None:
    with cursor.copy(statement) as copy:
        copy.write(rows)


def append_selected(cursor: Cursor, select: sql.Composed, *, received_at: datetime) -> int:
    """Append the facts a query gives, in the caller's transaction; return how many were new. Idempotent like `append`.

    select: rows of source, message_id, kind, subject, identifiers, occurred_at, payload (see `_STAGING`).
    """
    insert = _SELECTED.format(select=select, received_at=sql.Literal(received_at))
    return insert_new(cursor, insert, on_conflict=_ONCE)


def open_log(connection: psycopg.Connection[Any]) -> int:
    """Return the log's epoch, raised by one if this cluster's transaction ids are behind the log's.

    In a dumped and restored cluster ids start again; without a new epoch the cursors would skip what follows. Changing
    it waits for all who write.
    """
    with connection.transaction():
        connection.execute("LOCK TABLE collect_log IN SHARE ROW EXCLUSIVE MODE")
        row = connection.execute("SELECT epoch FROM collect_log").fetchone()
        epoch = int(row[0]) if row else 0
        behind = connection.execute(
            "SELECT 1 FROM collect_fact WHERE epoch = %s AND xid >= pg_snapshot_xmax(pg_current_snapshot()) LIMIT 1",
            (epoch,),
        ).fetchone()
        if behind is not None:
            epoch += 1
            connection.execute("DELETE FROM collect_log")
            connection.execute("INSERT INTO collect_log (epoch) VALUES (%s)", (epoch,))
        if connection.execute(_DEFAULT_EPOCH).fetchall()[0][0] != str(epoch):
            connection.execute(_SET_DEFAULT_EPOCH.format(epoch=sql.Literal(epoch)))
        return epoch
