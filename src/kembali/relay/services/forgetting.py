"""The log of deliveries is kept for a while, not for ever."""

from datetime import datetime, timedelta

from kembali.infra.database import one_transaction

KEPT = timedelta(days=30)
_AT_ONCE = 5_000

_OLD = "SELECT id FROM relay_delivery WHERE made_at < %s ORDER BY made_at LIMIT %s FOR UPDATE SKIP LOCKED"


def forget_old(*, at: datetime) -> int:
    """Remove up to 5,000 deliveries made more than 30 days ago, with their attempts; return how many. Call until 0."""
    with one_transaction() as cursor:
        cursor.execute(_OLD, (at - KEPT, _AT_ONCE))
        old = [row[0] for row in cursor.fetchall()]
        if old:
            cursor.execute("DELETE FROM relay_attempt WHERE delivery_id = ANY(%s)", (old,))
            cursor.execute("DELETE FROM relay_delivery WHERE id = ANY(%s)", (old,))
    return len(old)
