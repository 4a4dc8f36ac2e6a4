"""Facts become deliveries: one statement for a whole batch and all endpoints."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from kembali.collect import api as collect
from kembali.infra.database import one_transaction

# What happened longer before it was recorded is history, as an import or a backfill brings it.
HISTORY_AFTER = timedelta(hours=48)

_FAN_OUT = """
INSERT INTO relay_delivery (endpoint_id, fact_seq, kind, state, made_at, due_at, is_replay, attempt_count, fence)
SELECT e.id, f.seq, f.kind, 'waiting', %(at)s, %(at)s, false, 0, 0
FROM unnest(%(seqs)s::bigint[], %(kinds)s::text[], %(received)s::timestamptz[], %(history)s::bool[])
        AS f (seq, kind, received_at, is_history)
    JOIN relay_endpoint e ON (e.kinds = '{}' OR f.kind = ANY(e.kinds))
WHERE e.disabled_at IS NULL AND f.received_at >= e.created_at AND (e.with_history OR NOT f.is_history)
ORDER BY e.id, f.seq
ON CONFLICT (endpoint_id, fact_seq) DO NOTHING
"""


def fan_out(facts: Sequence[collect.Fact], at: datetime) -> None:
    """Queue each fact for every endpoint that wants it and was there when it was recorded. Idempotent."""
    with one_transaction() as cursor:
        cursor.execute(
            _FAN_OUT,
            {
                "at": at,
                "seqs": [one.seq for one in facts],
                "kinds": [one.kind for one in facts],
                "received": [one.received_at for one in facts],
                "history": [one.received_at - one.occurred_at > HISTORY_AFTER for one in facts],
            },
        )


CONSUMER = collect.Consumer(name="relay", kinds=frozenset(), handle=fan_out)
