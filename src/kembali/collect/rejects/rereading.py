"""Read what was rejected again, with today's code: what is understood now becomes facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol

import psycopg
from django.db import transaction

from kembali.collect import door
from kembali.collect.connectors.platforms import CONNECTORS
from kembali.collect.contracts import Reading
from kembali.collect.errors import BadFact
from kembali.collect.rejects.rejecting import clean
from kembali.collect.tracking.again import read_again as read_tracking
from kembali.infra.database import one_transaction, raw_cursor
from kembali.kernel.errors import Refused

KEPT_FOR = timedelta(days=30)
COUNTED_FOR = timedelta(days=400)

_TAKE = """
SELECT id, source, call, is_trusted, raw, beside::text, received_at FROM collect_rejectedevent
WHERE replayed_at IS NULL AND NOT is_cut AND id > %(after)s
  AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s))
  AND (%(source)s::text IS NULL OR source = %(source)s)
  AND (%(reason_code)s::text IS NULL OR reason_code = %(reason_code)s)
ORDER BY id LIMIT %(limit)s FOR UPDATE
"""
_ANOTHER_REASON = "UPDATE collect_rejectedevent SET reason_code = %s, reason = %s WHERE id = %s"


class Reader(Protocol):
    """Reads one kept event or webhook as it was read when it came. Pure."""

    def __call__(
        self, call: str, raw: bytes, beside: bytes, *, source: str, is_trusted: bool, received_at: datetime
    ) -> Reading:
        """Return its facts (none where it says nothing any more), or it with its reason."""


# By the first word of `call`.
READERS: MappingProxyType[str, Reader] = MappingProxyType(
    {"tracking": read_tracking, **{name: one.read_again for name, one in CONNECTORS.items()}}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsReplayed:
    """What reading rejected events again did: how many are replayed and how many still rejected.

    `last_id` is where the next call goes on, None when nothing is left.
    """

    accepted: int
    rejected: int
    last_id: int | None


@dataclass(frozen=True, slots=True)
class _Kept:
    id: int
    source: str
    call: str
    is_trusted: bool
    raw: bytes
    beside: str
    received_at: datetime

    def read(self) -> Reading | None:
        """Return what it says today, None where nobody can read it any more."""
        reader = READERS.get(self.call.partition(".")[0])
        if reader is None:
            return None
        return reader(
            self.call,
            bytes(self.raw),
            self.beside.encode(),
            source=self.source,
            is_trusted=self.is_trusted,
            received_at=self.received_at,
        )


def replay_events(
    ids: Sequence[int] | None = None,
    *,
    at: datetime,
    source: str | None = None,
    reason_code: str | None = None,
    after: int = 0,
    limit: int = 2_000,
) -> EventsReplayed:
    """Read kept events again and append what is understood now; the others keep their place with today's reason.

    One transaction. Each event is replayed once; its facts are idempotent like any other's. Without `ids`, everything
    of `source` and `reason_code` that still waits. Events that were cut are left out: half of one says nothing.

    Args:
        at: when its facts are received; their time of occurring follows from when the event itself came.
        after: the `last_id` of the call before.
    """
    chosen = {
        "ids": None if ids is None else list(ids),
        "source": source,
        "reason_code": reason_code,
        "after": after,
        "limit": limit,
    }
    with one_transaction() as cursor:
        cursor.execute(_TAKE, chosen)
        kept = [_Kept(*row) for row in cursor.fetchall()]
        accepted = _replay(kept, at)
        cursor.execute("UPDATE collect_rejectedevent SET replayed_at = %s WHERE id = ANY(%s)", (at, accepted))
    return EventsReplayed(
        accepted=len(accepted),
        rejected=len(kept) - len(accepted),
        last_id=kept[-1].id if len(kept) == limit else None,
    )


def expire_rejected(*, at: datetime, limit: int = 10_000) -> int:
    """Forget rejected events after 30 days and their counts after 400; return how many events went. Cheap to repeat."""
    with one_transaction() as cursor:
        cursor.execute("DELETE FROM collect_rejectedcount WHERE day < %s", ((at - COUNTED_FOR).date(),))
        cursor.execute(
            "DELETE FROM collect_rejectedevent WHERE id IN (SELECT id FROM collect_rejectedevent "
            "WHERE received_at < %s ORDER BY received_at LIMIT %s FOR UPDATE SKIP LOCKED)",
            (at - KEPT_FOR, limit),
        )
        return cursor.rowcount


def _replay(kept: Sequence[_Kept], at: datetime) -> list[int]:
    """Append what these events say; return the ids of those that are understood."""
    readings = [(one.id, one.read()) for one in kept]
    understood = [(key, reading) for key, reading in readings if reading is not None and not reading.rejected]
    reasons = [
        (reading.rejected[0].reason_code, clean(reading.rejected[0].reason), key)
        for key, reading in readings
        if reading is not None and reading.rejected
    ]
    with raw_cursor() as cursor:
        cursor.executemany(_ANOTHER_REASON, reasons)
        return _append(cursor, understood, at)


def _append(cursor: door.Cursor, understood: Sequence[tuple[int, Reading]], at: datetime) -> list[int]:
    """Append facts whole; where that fails, in halves, until the event that fails alone keeps its reason."""
    try:
        with transaction.atomic():
            door.append(cursor, [fact for _, reading in understood for fact in reading.facts], received_at=at)
    except (Refused, psycopg.DataError) as error:
        if len(understood) > 1:
            middle = len(understood) // 2
            return _append(cursor, understood[:middle], at) + _append(cursor, understood[middle:], at)
        cursor.execute(_ANOTHER_REASON, (BadFact.code, clean(str(error)), understood[0][0]))
        return []
    return [key for key, _ in understood]
