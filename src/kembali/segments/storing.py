"""Members in PostgreSQL: load them all into an empty table, or open and close intervals where they differ."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

import numpy as np
import pyarrow as pa
from psycopg import Cursor, sql

from kembali.collect.api import append_selected
from kembali.infra.database import one_transaction, raw_cursor, side_by_side
from kembali.infra.inserting import insert_new
from kembali.lake.api import ColumnType, copy_arrow, read_numbers

FOUND_COLUMNS: Mapping[str, ColumnType] = {
    "segment_id": "int16",
    "customer_id": "int64",
    "entered_at": "timestamp",
}
OPEN_COLUMNS = FOUND_COLUMNS
MOVE_COLUMNS: Mapping[str, ColumnType] = {**FOUND_COLUMNS, "left_at": "timestamp"}
"""A move without `left_at` is somebody entering at `entered_at`; with it, somebody leaving the stay begun then."""

_BATCH_MOVES = 16_000

# Entering is known by the instant at which a stay began, leaving by the stay that ends.
_FACTS = sql.SQL("""
SELECT 'kembali' AS source,
    'segment:' || key || ':' || customer_id || ':' || since || CASE WHEN is_in THEN '' ELSE ':left' END AS message_id,
    CASE WHEN is_in THEN 'segment.entered' ELSE 'segment.left' END AS kind,
    'customer_id:' || customer_id AS subject, jsonb_build_object('customer_id', customer_id::text) AS identifiers,
    occurred_at, json_build_object('segment', key, 'since', since) AS payload
FROM (
    SELECT k.key, m.customer_id, m.left_at IS NULL AS is_in, coalesce(m.left_at, m.entered_at) AS occurred_at,
        to_char(m.entered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS since
    FROM segments_move m JOIN (VALUES {keys}) AS k(id, key) ON k.id = m.segment_id
) moved
""")

_OPEN = sql.SQL("""
INSERT INTO segments_membership (segment_id, customer_id, entered_at)
SELECT segment_id, customer_id, entered_at FROM segments_move WHERE left_at IS NULL
""")
# The same stay again: it had been closed by a correction that was itself corrected.
_REOPEN = sql.SQL("ON CONFLICT (customer_id, segment_id, entered_at) DO UPDATE SET left_at = NULL")


def is_empty() -> bool:
    """Return whether nobody was ever in any segment."""
    with raw_cursor() as cursor:
        row = cursor.execute("SELECT EXISTS (SELECT 1 FROM segments_membership)").fetchone()
        return not (row and row[0])


def load_all(found: pa.Table) -> int:
    """Fill the empty table in one transaction, its indexes built afterwards; return the number of rows."""
    with one_transaction() as cursor:
        cursor.execute("LOCK TABLE segments_membership IN ACCESS EXCLUSIVE MODE")
        if not is_empty():
            raise RuntimeError("somebody else has filled segments_membership; refresh again")
        # Emptied in this transaction, it takes rows that need no later pass to be known as committed.
        cursor.execute("TRUNCATE segments_membership")
        cursor.execute("ALTER TABLE segments_membership DROP CONSTRAINT segments_membership_pkey")
        cursor.execute("DROP INDEX segments_membership_open")
        copy_arrow(cursor, "segments_membership", FOUND_COLUMNS, found, frozen=True)
        cursor.execute(
            "ALTER TABLE segments_membership ADD CONSTRAINT segments_membership_pkey "
            "PRIMARY KEY (customer_id, segment_id, entered_at)"
        )
        cursor.execute(
            "CREATE UNIQUE INDEX segments_membership_open ON segments_membership (segment_id, customer_id) "
            "WHERE left_at IS NULL"
        )
    with raw_cursor() as cursor:
        cursor.execute("ANALYZE segments_membership")
    return int(found.num_rows)


def open_stays(
    cursor: Cursor[tuple[object, ...]], segment_ids: Sequence[int], customer_ids: pa.Table | None
) -> pa.Table:
    """Return the open memberships of some customers (customer_id), or of all: segment_id, customer_id, entered_at."""
    stays = sql.SQL(
        "SELECT m.segment_id, m.customer_id, m.entered_at FROM segments_membership m "
        "WHERE m.left_at IS NULL AND m.segment_id = ANY({})"
    ).format(sql.Literal(list(segment_ids)))
    query = sql.SQL("SELECT * FROM ({}) s").format(stays)
    if customer_ids is not None:
        stage(cursor, "segments_candidate", {"customer_id": "int64"}, customer_ids)
        # OFFSET 0: look up each candidate's few stays, instead of reading everybody's.
        query = sql.SQL(
            "SELECT s.* FROM segments_candidate c CROSS JOIN LATERAL ({} AND m.customer_id = c.customer_id OFFSET 0) s"
        ).format(stays)
    return read_numbers(cursor, query, OPEN_COLUMNS)


def move(moves: pa.Table, news: Mapping[int, str], *, at: datetime) -> int:
    """Close the stays whose `left_at` is set, open the others, and record facts about those of the segments in `news`.

    moves: columns of `MOVE_COLUMNS`, in order of customers. news: id → key. Returns the number of facts. Commits in
    batches of whole customers, each with its facts; whoever is stopped in between moves the rest the next time.
    """

    def one(batch: pa.Table) -> int:
        with one_transaction() as cursor:
            _apply(cursor, batch)
            return _record(news, at=at) if news else 0

    return sum(side_by_side(one, _batches(moves)))


def _batches(moves: pa.Table) -> list[pa.Table]:
    """Return the moves in pieces of about `_BATCH_MOVES`, none between two moves of one customer."""
    ids = moves.column("customer_id").to_numpy()
    last = ids[_BATCH_MOVES - 1 :: _BATCH_MOVES]
    bounds = sorted({0, len(ids), *np.searchsorted(ids, last, side="right").tolist()})
    return [moves.slice(start, end - start) for start, end in pairwise(bounds)]


def _apply(cursor: Cursor[tuple[object, ...]], moves: pa.Table) -> None:
    stage(cursor, "segments_move", MOVE_COLUMNS, moves)
    cursor.execute(
        "UPDATE segments_membership m SET left_at = v.left_at FROM segments_move v WHERE m.segment_id = v.segment_id "
        "AND m.customer_id = v.customer_id AND m.entered_at = v.entered_at AND v.left_at IS NOT NULL"
    )
    insert_new(cursor, _OPEN, on_conflict=_REOPEN)


def _record(news: Mapping[int, str], *, at: datetime) -> int:
    """Record the moves `_apply` has just made as facts; return how many."""
    keys = sql.SQL(", ").join(
        sql.SQL("({}::smallint, {})").format(sql.Literal(number), sql.Literal(key)) for number, key in news.items()
    )
    return append_selected(_FACTS.format(keys=keys), at=at)


def stage(cursor: Cursor[tuple[object, ...]], name: str, columns: Mapping[str, ColumnType], rows: pa.Table) -> None:
    """Put rows into a fresh temporary table that ends with the transaction."""
    kinds = {"int16": "smallint", "int64": "bigint", "timestamp": "timestamptz"}
    fields = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kinds[kind])) for column, kind in columns.items()
    )
    cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(name)))
    cursor.execute(sql.SQL("CREATE TEMP TABLE {} ({}) ON COMMIT DROP").format(sql.Identifier(name), fields))
    copy_arrow(cursor, name, columns, rows)
    cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(name)))
