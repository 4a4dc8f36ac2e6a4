"""Reading the log: each consumer has one cursor, skips nothing, and a fact that poisons it is parked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from django.db import DataError, IntegrityError, transaction

from kembali.collect.contracts import Consumer, Fact
from kembali.collect.models import ParkedFact
from kembali.infra.database import one_transaction, raw_cursor
from kembali.kernel.errors import Refused

# The more at once, the less each fact costs; but a commit should hold no more than two seconds of folding orders.
BATCH = 10_000
_LAST_SEQ = 2**63 - 1
# What a bad fact can cause. Anything else (no connection, no memory) says nothing about the fact: it goes up.
# (Raw cursors raise the driver's own errors, Django's those of Django.)
_POISON = (
    Refused,
    msgspec.MsgspecError,
    DataError,
    IntegrityError,
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.errors.ProgramLimitExceeded,  # larger than an index takes: the driver counts that as operational
    psycopg.errors.StatementTooComplex,
    RecursionError,
    ValueError,
    KeyError,
)

# Sequence numbers commit out of order, so `seq > last` would skip late commits. Below the oldest transaction still
# running, (epoch, xid, seq) is final: nothing can appear there any more. (The text has a name of its own: ORDER BY
# would take it for `xid`, and as text 1000 comes before 999.)
_READ = """
SELECT seq, source, message_id, kind, identifiers::text, occurred_at, received_at, payload::text, epoch,
    xid::text AS xid_text
FROM collect_fact
WHERE (epoch, xid, seq) > (%(epoch)s, %(xid)s::xid8, %(seq)s)
  AND (epoch, xid) < (%(now)s, pg_snapshot_xmin(pg_current_snapshot()))
  AND (%(all)s OR kind = ANY(%(kinds)s))
ORDER BY epoch, xid, seq
LIMIT %(limit)s
"""


# Asked before anything is locked: a worker that finds nothing new writes nothing.
_NEXT = """
SELECT 1 FROM collect_fact
WHERE (epoch, xid, seq) > (%s, %s::xid8, %s)
  AND (epoch, xid) < (coalesce((SELECT epoch FROM collect_log), 0), pg_snapshot_xmin(pg_current_snapshot()))
ORDER BY epoch, xid, seq
LIMIT 1
"""


def run_consumer(consumer: Consumer, *, at: datetime, limit: int = BATCH) -> int:
    """Hand the next facts to `consumer` and move its cursor, in one transaction; return how many were handled.

    0 means it has caught up, or that another worker is running it. Call until 0.
    """
    with raw_cursor() as cursor:
        cursor.execute("SELECT epoch, xid::text, seq FROM collect_cursor WHERE consumer = %s", (consumer.name,))
        place = cursor.fetchone()
        if place is not None and cursor.execute(_NEXT, place).fetchone() is None:
            return 0
    with one_transaction() as cursor:
        cursor.execute(
            "INSERT INTO collect_cursor (consumer, epoch, xid, seq) VALUES (%s, 0, '0', 0) ON CONFLICT DO NOTHING",
            (consumer.name,),
        )
        cursor.execute(
            "SELECT epoch, xid::text, seq FROM collect_cursor WHERE consumer = %s FOR UPDATE SKIP LOCKED",
            (consumer.name,),
        )
        place = cursor.fetchone()
        if place is None:
            return 0
        cursor.execute(
            "SELECT coalesce((SELECT epoch FROM collect_log), 0), pg_snapshot_xmin(pg_current_snapshot())::text"
        )
        horizon = cursor.fetchall()[0]
        # In the index the facts stand in this order; a planner without statistics would sort them, payloads and all.
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(
            _READ,
            {
                "epoch": place[0],
                "xid": place[1],
                "seq": place[2],
                "now": horizon[0],
                "all": not consumer.kinds,
                "kinds": sorted(consumer.kinds),
                "limit": limit,
            },
        )
        rows = cursor.fetchall()
        cursor.execute("SET LOCAL enable_sort TO DEFAULT")
        end = (place[0], int(place[1]), place[2])
        if rows:
            end = (rows[-1][8], int(rows[-1][9]), rows[-1][0])
            handle([fact_from_row(row) for row in rows], consumer, at)
        if len(rows) < limit:  # everything final was looked at, facts of other kinds included
            end = max(end, (horizon[0], int(horizon[1]) - 1, _LAST_SEQ))
        cursor.execute(
            "UPDATE collect_cursor SET epoch = %s, xid = %s::text::xid8, seq = %s WHERE consumer = %s",
            (end[0], str(end[1]), end[2], consumer.name),
        )
        return len(rows)


def handle(facts: Sequence[Fact], consumer: Consumer, at: datetime) -> None:
    """Hand facts over whole; where that fails, in halves, until the one that fails alone is parked."""
    try:
        with transaction.atomic():
            consumer.handle(facts, at)
    except _POISON as error:
        if len(facts) > 1:
            middle = len(facts) // 2
            handle(facts[:middle], consumer, at)
            handle(facts[middle:], consumer, at)
            return
        ParkedFact.objects.update_or_create(
            consumer=consumer.name,
            fact_seq=facts[0].seq,
            defaults={"reason": f"{type(error).__name__}: {error}"[:2000], "parked_at": at, "asked_at": None},
        )


def fact_from_row(row: tuple[Any, ...]) -> Fact:
    """Return one row of the log, selected in the order of `_READ`, as a fact."""
    seq, source, message_id, kind, identifiers, occurred_at, received_at, payload = row[:8]
    return Fact(
        seq=seq,
        source=source,
        message_id=message_id,
        kind=kind,
        identifiers=msgspec.json.decode(identifiers, type=dict[str, str]),
        occurred_at=occurred_at,
        received_at=received_at,
        payload=msgspec.Raw(payload.encode()),
    )
