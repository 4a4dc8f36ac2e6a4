"""How far consumers have read, and letting one read the whole log again."""

from kembali.collect.contracts import Consumer
from kembali.collect.models import ParkedFact
from kembali.infra.database import one_transaction, raw_cursor

COUNTED_UP_TO = 10_000

# Along the index, and no further than is told: cheap however far behind a consumer is.
_DISTANCES = f"""
SELECT c.consumer, (
    SELECT count(*) FROM (
        SELECT 1 FROM collect_fact f WHERE (f.epoch, f.xid, f.seq) > (c.epoch, c.xid, c.seq)
        ORDER BY f.epoch, f.xid, f.seq LIMIT {COUNTED_UP_TO}
    ) waiting
)
FROM collect_cursor c ORDER BY 2 DESC, 1
"""  # noqa: S608 - constants of this module


def rewind_consumer(consumer: Consumer) -> None:
    """Put the cursor of `consumer` before the first fact and forget what it parked. Waits for a running one."""
    with one_transaction() as cursor:
        ParkedFact.objects.filter(consumer=consumer.name).delete()
        cursor.execute(
            "INSERT INTO collect_cursor (consumer, epoch, xid, seq) VALUES (%s, 0, '0', 0) "
            "ON CONFLICT (consumer) DO UPDATE SET epoch = 0, xid = '0', seq = 0",
            (consumer.name,),
        )


def start_from_now(consumer: Consumer) -> None:
    """Put the cursor of `consumer` behind everything that is committed: it will be handed only what comes after.

    Joins the caller's transaction. What is being written right now comes after.
    """
    with one_transaction() as cursor:
        cursor.execute(
            "INSERT INTO collect_cursor (consumer, epoch, xid, seq) "
            "SELECT %s, coalesce((SELECT epoch FROM collect_log), 0), "
            "(pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1)::text::xid8, 9223372036854775807 "
            "ON CONFLICT (consumer) DO UPDATE SET epoch = excluded.epoch, xid = excluded.xid, seq = excluded.seq",
            (consumer.name,),
        )


def stop_reading(consumer: Consumer) -> None:
    """Forget how far `consumer` has read: nobody runs it any more. Joins the caller's transaction."""
    with one_transaction() as cursor:
        cursor.execute("DELETE FROM collect_cursor WHERE consumer = %s", (consumer.name,))


def lag_of(consumer: Consumer) -> int:
    """Return how many readable facts `consumer` has not handled yet. Waits until nobody else is running it."""
    with one_transaction() as cursor:
        cursor.execute("SELECT 1 FROM collect_cursor WHERE consumer = %s FOR UPDATE", (consumer.name,))
        cursor.execute(
            "SELECT count(*) FROM collect_fact f LEFT JOIN collect_cursor c ON c.consumer = %s "
            "WHERE (f.epoch, f.xid, f.seq) > (coalesce(c.epoch, 0), coalesce(c.xid, '0'::xid8), coalesce(c.seq, 0)) "
            "AND (f.epoch < coalesce((SELECT epoch FROM collect_log), 0) "
            "OR f.xid < pg_snapshot_xmin(pg_current_snapshot())) "
            "AND (%s OR f.kind = ANY(%s))",
            (consumer.name, not consumer.kinds, sorted(consumer.kinds)),
        )
        row = cursor.fetchone()
        return row[0] if row else 0


def distances() -> list[tuple[str, int]]:
    """Return each consumer with the facts it has not looked at, counted up to 10,000; the furthest behind first."""
    with raw_cursor() as cursor:
        cursor.execute(_DISTANCES)
        return list(cursor.fetchall())
