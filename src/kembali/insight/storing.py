"""Write trait rows to PostgreSQL: all at once into an empty table, else only what differs."""

import pyarrow as pa
from psycopg import Cursor, sql

from kembali.infra.database import one_transaction, raw_cursor, side_by_side
from kembali.insight.contracts import TRAIT_COLUMNS
from kembali.lake.api import copy_arrow

_TABLE = "insight_trait"
_KEY = "insight_trait_pkey"
_CHUNK_ROWS = 100_000
_BOOKKEEPING = frozenset({"customer_id", "as_of", "model_version"})
_NAMES = sql.SQL(", ").join(map(sql.Identifier, TRAIT_COLUMNS))
_VALUES = [name for name in TRAIT_COLUMNS if name not in _BOOKKEEPING]


def is_empty() -> bool:
    """Return whether no customer has traits yet."""
    with raw_cursor() as cursor:
        return not _one(cursor, "SELECT EXISTS (SELECT 1 FROM insight_trait)")


def load_all(rows: pa.Table) -> int:
    """Fill the empty table in one transaction, its index built afterwards; return the number of rows."""
    with one_transaction() as cursor:
        cursor.execute("LOCK TABLE insight_trait IN ACCESS EXCLUSIVE MODE")
        if not is_empty():
            raise RuntimeError("somebody else has filled insight_trait; refresh again")
        # Emptied in this transaction, it takes rows that need no later pass to be known as committed.
        cursor.execute("TRUNCATE insight_trait")
        cursor.execute("ALTER TABLE insight_trait DROP CONSTRAINT insight_trait_pkey")
        copy_arrow(cursor, _TABLE, TRAIT_COLUMNS, rows, frozen=True)
        cursor.execute("ALTER TABLE insight_trait ADD CONSTRAINT insight_trait_pkey PRIMARY KEY (customer_id)")
    with raw_cursor() as cursor:
        cursor.execute("ANALYZE insight_trait")
    return int(rows.num_rows)


def upsert(rows: pa.Table) -> int:
    """Insert or change rows that differ in more than bookkeeping, ≤ 100,000 per commit; return how many did."""
    chunks = [rows.slice(start, _CHUNK_ROWS) for start in range(0, rows.num_rows, _CHUNK_ROWS)]
    return sum(side_by_side(_upsert, chunks))


def _upsert(rows: pa.Table) -> int:
    with one_transaction() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMP TABLE insight_incoming ON COMMIT DROP AS SELECT {} FROM insight_trait LIMIT 0").format(
                _NAMES
            )
        )
        copy_arrow(cursor, "insight_incoming", TRAIT_COLUMNS, rows)
        cursor.execute("ANALYZE insight_incoming (customer_id)")
        changed = sql.SQL(", ").join(
            sql.SQL("{0} = i.{0}").format(sql.Identifier(name)) for name in TRAIT_COLUMNS if name != "customer_id"
        )
        cursor.execute(
            sql.SQL(
                "MERGE INTO insight_trait AS t USING insight_incoming AS i ON t.customer_id = i.customer_id "
                "WHEN MATCHED AND ({old}) IS DISTINCT FROM ({new}) "
                "THEN UPDATE SET {changed}, changed_xid = pg_current_xact_id() "
                "WHEN NOT MATCHED THEN INSERT ({names}) VALUES ({values})"
            ).format(names=_NAMES, changed=changed, old=_fields("t"), new=_fields("i"), values=_all_fields("i"))
        )
        return cursor.rowcount


def delete_missing(recomputed: pa.Table, rows: pa.Table) -> int:
    """Delete the traits of recomputed customers (customer_id) who have no row any more; return how many there were."""
    with one_transaction() as cursor:
        for name, ids in (("insight_recomputed", recomputed), ("insight_present", rows.select(["customer_id"]))):
            cursor.execute(
                sql.SQL("CREATE TEMP TABLE {} (customer_id bigint) ON COMMIT DROP").format(sql.Identifier(name))
            )
            copy_arrow(cursor, name, {"customer_id": "int64"}, ids)
        cursor.execute(
            "DELETE FROM insight_trait WHERE customer_id IN "
            "(SELECT customer_id FROM insight_recomputed EXCEPT SELECT customer_id FROM insight_present)"
        )
        return cursor.rowcount


def delete_others(rows: pa.Table) -> int:
    """Delete the traits of every customer without a row here, all of which are stored; return how many there were."""
    with one_transaction() as cursor:
        if _one(cursor, "SELECT count(*) FROM insight_trait") == rows.num_rows:
            return 0
        cursor.execute("CREATE TEMP TABLE insight_present (customer_id bigint) ON COMMIT DROP")
        copy_arrow(cursor, "insight_present", {"customer_id": "int64"}, rows.select(["customer_id"]))
        cursor.execute("ANALYZE insight_present")
        cursor.execute(
            "DELETE FROM insight_trait t WHERE NOT EXISTS "
            "(SELECT 1 FROM insight_present p WHERE p.customer_id = t.customer_id)"
        )
        return cursor.rowcount


def _fields(table: str) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL("{}.{}").format(sql.Identifier(table), sql.Identifier(name)) for name in _VALUES)


def _all_fields(table: str) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.SQL("{}.{}").format(sql.Identifier(table), sql.Identifier(name)) for name in TRAIT_COLUMNS
    )


def _one(cursor: Cursor[tuple[object, ...]], query: str) -> object:
    row = cursor.execute(query).fetchone()
    return row[0] if row else None
