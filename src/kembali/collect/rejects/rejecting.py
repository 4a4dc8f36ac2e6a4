"""Keep what programs sent and cannot be a fact: of a source so many a day, and all of them counted. Loads no Django."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import psycopg

from kembali.collect.contracts import Rejected

MOST_KEPT_A_DAY = 1_000  # of one source: who sends wrong things by the million does so for a few reasons
MOST_KEPT_BYTES = 32 * 1024
_LONGEST_REASON = 500

_COUNT = """
INSERT INTO collect_rejectedcount AS c (day, source, reason_code, seen_count, kept_count)
VALUES (%s, %s, %s, %s, 0)
ON CONFLICT (day, source, reason_code) DO UPDATE SET seen_count = c.seen_count + excluded.seen_count
"""
_KEPT = "SELECT coalesce(sum(kept_count), 0) FROM collect_rejectedcount WHERE day = %s AND source = %s"
_KEPT_MORE = """
UPDATE collect_rejectedcount SET kept_count = kept_count + %s WHERE day = %s AND source = %s AND reason_code = %s
"""
_KEEP = """
INSERT INTO collect_rejectedevent
    (source, call, is_trusted, reason_code, reason, raw, beside, is_cut, received_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def keep_rejected(cursor: psycopg.Cursor[Any], rejected: Sequence[Rejected], *, received_at: datetime) -> None:
    """Keep what cannot be a fact, in the caller's transaction, after its facts: writers then wait in one order.

    Of one source `MOST_KEPT_A_DAY` are kept in a day, each cut at `MOST_KEPT_BYTES`; what is more is only counted.
    """
    day = received_at.astimezone(UTC).date()
    count_rejected(cursor, Counter((one.source, one.reason_code) for one in rejected), day=day)
    for source in sorted({one.source for one in rejected}):
        # Counting holds the rows of these reasons: only writers with other ones may take the same room.
        cursor.execute(_KEPT, (day, source))
        room = max(MOST_KEPT_A_DAY - int(cursor.fetchall()[0][0]), 0)
        kept = [one for one in rejected if one.source == source][:room]
        cursor.executemany(_KEEP, [_row(one, received_at) for one in kept])
        counts = Counter(one.reason_code for one in kept)
        cursor.executemany(_KEPT_MORE, [(count, day, source, code) for code, count in sorted(counts.items())])


def count_rejected(cursor: psycopg.Cursor[Any], counts: Counter[tuple[str, str]], *, day: date) -> None:
    """Count what was rejected, by (source, reason code), in the caller's transaction. Keeps none of it."""
    cursor.executemany(_COUNT, [(day, source, code, count) for (source, code), count in sorted(counts.items())])


def clean(reason: str) -> str:
    """Return a reason as it can be stored, whatever it quotes."""
    return reason.encode("utf-8", "replace").decode().replace("\0", "\ufffd")[:_LONGEST_REASON]


def _row(one: Rejected, received_at: datetime) -> Sequence[object]:
    is_beside_kept = len(one.beside) <= MOST_KEPT_BYTES
    return (
        one.source,
        one.call,
        one.is_trusted,
        one.reason_code,
        clean(one.reason),
        one.raw[:MOST_KEPT_BYTES],
        (one.beside if is_beside_kept else b"{}").decode(),
        not is_beside_kept or len(one.raw) > MOST_KEPT_BYTES,
        received_at,
    )
