"""Take what is due under a lease, and make calls of it: a few statements for all endpoints together."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from kembali.collect import api as collect
from kembali.infra.crypto import CannotUnseal, unseal
from kembali.infra.database import one_transaction, raw_cursor
from kembali.kernel.ids import CustomerId
from kembali.relay.contracts import Outcome
from kembali.relay.rules import message_id_of
from kembali.relay.services.calling import Call, body_of
from kembali.shop import api as shop

# Each endpoint has places of its own, and one that is down only one: nobody waits behind a slow receiver.
PLACES = 4

_TAKE = """
WITH ready AS (
    SELECT e.id, greatest(CASE WHEN e.failure_count > 0 THEN 1 ELSE %(places)s END - coalesce(b.count, 0), 0) AS free
    FROM relay_endpoint e LEFT JOIN unnest(%(busy)s::bigint[], %(counts)s::int[]) AS b (id, count) ON b.id = e.id
    WHERE e.paused_at IS NULL AND e.disabled_at IS NULL AND (e.rests_until IS NULL OR e.rests_until <= %(at)s)
), due AS MATERIALIZED (
    SELECT d.id FROM ready r CROSS JOIN LATERAL (
        SELECT id FROM relay_delivery
        WHERE endpoint_id = r.id AND state = 'waiting' AND due_at <= %(at)s
            AND (lease_until IS NULL OR lease_until < clock_timestamp())
        ORDER BY is_replay, due_at, id LIMIT r.free FOR UPDATE SKIP LOCKED
    ) d
)
UPDATE relay_delivery d
SET lease_until = clock_timestamp() + %(lease)s, fence = d.fence + 1, attempt_count = d.attempt_count + 1
FROM due JOIN relay_delivery was ON was.id = due.id JOIN relay_endpoint e ON e.id = was.endpoint_id
WHERE d.id = due.id
RETURNING d.id, d.endpoint_id, d.fence, d.attempt_count, d.fact_seq, e.url, e.secret_sealed, e.former_sealed,
    e.former_until > %(at)s, extract(epoch FROM clock_timestamp())::bigint
"""
_UNREADABLE = Outcome(None, "its secret cannot be read with this home's secret key: rotate it", "", 0)
_GONE = Outcome(None, "the fact is not in the log", "", 0)

Result = tuple[Call, Outcome]


def take_due(*, at: datetime, busy: Mapping[int, int], lease: timedelta) -> tuple[list[Call], list[Result]]:
    """Take what is due wherever there is a place, and return it as calls, beside what cannot become one.

    Args:
        busy: how many calls of the caller are under way, by endpoint.
        lease: database time the caller has for each call.
    """
    ends = time.monotonic() + lease.total_seconds()  # before the lease begins: never later than it ends
    with one_transaction() as cursor:
        cursor.execute(
            _TAKE,
            {"places": PLACES, "busy": list(busy), "counts": list(busy.values()), "at": at, "lease": lease},
        )
        rows = cursor.fetchall()
    if not rows:
        return [], []
    facts = {fact.seq: fact for fact in collect.facts_of([row[4] for row in rows])}
    people = _people_of(list(facts.values()))
    calls: list[Call] = []
    hopeless: list[Result] = []
    for row in rows:
        fact = facts.get(row[4])
        secrets = _secrets(row)
        call = Call(
            delivery_id=row[0],
            endpoint_id=row[1],
            fence=row[2],
            attempt_count=row[3],
            url=row[5],
            message_id=message_id_of(row[1], row[4]),
            signed_at=row[9],
            secrets=secrets,
            body=body_of(fact, people.get(fact.seq)) if fact else b"",
            ends=ends,
        )
        if fact and secrets:
            calls.append(call)
        else:
            hopeless.append((call, _UNREADABLE if fact else _GONE))
    return calls, hopeless


def clock_epoch_s() -> int:
    """Return the database's own time: what a signature bears is checked against the receiver's clock."""
    with raw_cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::bigint")
        return int(cursor.fetchall()[0][0])


def unsealed(current: str, former: str, *, former_counts: bool) -> tuple[str, ...]:
    """Return the secrets that sign now, the current one first; none where it cannot be read."""
    key = settings.KEMBALI.secret_key
    try:
        return tuple(unseal(one, secret_key=key) for one in (current, former if former_counts else "") if one)
    except CannotUnseal:
        return ()


def _secrets(row: Sequence[Any]) -> tuple[str, ...]:
    return unsealed(row[6], row[7], former_counts=bool(row[8]))


def _people_of(facts: Sequence[collect.Fact]) -> dict[int, CustomerId]:
    """Return the person each fact belongs to, after merges; absent where nobody is known."""
    owners = shop.find_customers([fact.identifiers for fact in facts])
    roots = shop.root_of({owner for owner in owners if owner is not None})
    return {fact.seq: roots.get(owner, owner) for fact, owner in zip(facts, owners, strict=True) if owner is not None}
