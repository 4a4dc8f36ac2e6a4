"""Let a consumer read the whole log again."""

from kembali.collect.contracts import Consumer
from kembali.collect.models import ParkedFact
from kembali.infra.database import one_transaction


def rewind_consumer(consumer: Consumer) -> None:
    """Put the cursor of `consumer` before the first fact and forget what it parked. Waits for a running one."""
    with one_transaction() as cursor:
        ParkedFact.objects.filter(consumer=consumer.name).delete()
        cursor.execute(
            "INSERT INTO collect_cursor (consumer, epoch, xid, seq) VALUES (%s, 0, '0', 0) "
            "ON CONFLICT (consumer) DO UPDATE SET epoch = 0, xid = '0', seq = 0",
            (consumer.name,),
        )


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
