"""How much comes in, by source, hour, kind and lag: counted once as the log grows, so that no page counts the log."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, pairwise

from kembali.infra.database import one_transaction, raw_cursor

# The upper ends of the classes of lag (received minus occurred); the last class, older than a day, is history.
LAG_CLASSES = (5.0, 60.0, 600.0, 3600.0, 86_400.0)
HISTORY = len(LAG_CLASSES)

_CONSUMER = "collect.volume"
_BATCH = 100_000  # far below two seconds: a counting transaction must not hold the consumers back
_LEAST_HOURS = 3  # with fact in them, before a rhythm can be told
_PATIENCE = 2.0

_LOCK = "SELECT epoch, xid::text, seq FROM collect_cursor WHERE consumer = %s FOR UPDATE SKIP LOCKED"
_MAKE = "INSERT INTO collect_cursor (consumer, epoch, xid, seq) VALUES (%s, 0, '0', 0) ON CONFLICT DO NOTHING"
# Read as consumers read: only below the oldest running transaction, where nothing can appear any more.
_COUNT = f"""
WITH news AS MATERIALIZED (
    SELECT source, kind, occurred_at, received_at, epoch, xid, seq FROM collect_fact
    WHERE (epoch, xid, seq) > (%s, %s::xid8, %s)
        AND (epoch, xid) < (coalesce((SELECT epoch FROM collect_log), 0), pg_snapshot_xmin(pg_current_snapshot()))
    ORDER BY epoch, xid, seq LIMIT {_BATCH}
), counted AS (
    INSERT INTO collect_volume AS v
        (source, hour, kind, lag_class, fact_count, last_occurred_at, last_received_at)
    SELECT source, date_trunc('hour', received_at, 'UTC'), kind,
        width_bucket(greatest(extract(epoch FROM received_at - occurred_at), 0)::float8, %s::float8[]),
        count(*), max(occurred_at), max(received_at)
    FROM news GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (source, hour, kind, lag_class) DO UPDATE SET fact_count = v.fact_count + excluded.fact_count,
        last_occurred_at = greatest(v.last_occurred_at, excluded.last_occurred_at),
        last_received_at = greatest(v.last_received_at, excluded.last_received_at)
)
SELECT epoch, xid::text, seq, (SELECT count(*) FROM news) FROM news ORDER BY epoch DESC, xid DESC, seq DESC LIMIT 1
"""  # noqa: S608 - constants of this module
_MOVE = "UPDATE collect_cursor SET epoch = %s, xid = %s::text::xid8, seq = %s WHERE consumer = %s"
# What was counted, and the short rest that was not yet: one statement, so one look at both.
_SOURCES = """
WITH place AS (
    SELECT coalesce(c.epoch, 0) AS epoch, coalesce(c.xid, '0'::xid8) AS xid, coalesce(c.seq, 0) AS seq
    FROM (VALUES (%s)) AS us(consumer) LEFT JOIN collect_cursor c USING (consumer)
)
SELECT source, sum(n)::bigint, max(occurred_at), max(received_at) FROM (
    SELECT source, sum(fact_count) AS n, max(last_occurred_at) AS occurred_at, max(last_received_at) AS received_at
    FROM collect_volume GROUP BY 1
    UNION ALL
    SELECT f.source, count(*), max(f.occurred_at), max(f.received_at) FROM collect_fact f, place p
    WHERE (f.epoch, f.xid, f.seq) > (p.epoch, p.xid, p.seq) GROUP BY 1
) counted GROUP BY 1 ORDER BY 4 DESC, 1
"""
_HOURS = """
SELECT source, hour, sum(fact_count)::bigint FROM collect_volume WHERE hour >= %s GROUP BY 1, 2 ORDER BY 1, 2
"""
_LAGS = """
SELECT source, lag_class, sum(fact_count)::bigint FROM collect_volume WHERE hour >= %s GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How one source is doing: all its facts, and when the latest of them happened and came."""

    source: str
    fact_count: int
    last_occurred_at: datetime
    last_received_at: datetime


def count_new() -> int:
    """Count the facts that came since the last time, in short transactions; return how many. One process at a time."""
    total = 0
    with raw_cursor() as cursor:
        cursor.execute(_MAKE, (_CONSUMER,))
    while counted := _count_batch():
        total += counted
        if counted < _BATCH:
            break
    return total


def _count_batch() -> int:
    with one_transaction() as cursor:
        cursor.execute(_LOCK, (_CONSUMER,))
        place = cursor.fetchone()
        if place is None:
            return 0
        cursor.execute(_COUNT, (*place, list(LAG_CLASSES)))
        end = cursor.fetchone()
        if end is None:
            return 0
        cursor.execute(_MOVE, (*end[:3], _CONSUMER))
        return int(end[3])


def recount() -> int:
    """Forget what was counted and count the whole log again; return how many facts it holds."""
    with one_transaction() as cursor:
        cursor.execute("DELETE FROM collect_volume")
        cursor.execute("DELETE FROM collect_cursor WHERE consumer = %s", (_CONSUMER,))
    return count_new()


def list_sources() -> list[SourceHealth]:
    """Every source that ever sent a fact, the latest first. Cheap at any size of the log."""
    with raw_cursor() as cursor:
        cursor.execute(_SOURCES, (_CONSUMER,))
        return [SourceHealth(*row) for row in cursor.fetchall()]


def kinds_seen() -> list[str]:
    """Every kind of fact the log holds, as far as it was counted."""
    with raw_cursor() as cursor:
        cursor.execute("SELECT DISTINCT kind FROM collect_volume ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


def hours_of_sources(*, since: datetime) -> dict[str, list[tuple[datetime, int]]]:
    """Return source → (hour, facts received in it), hours without any left out. As far as it was counted."""
    with raw_cursor() as cursor:
        cursor.execute(_HOURS, (since,))
        found: dict[str, list[tuple[datetime, int]]] = {}
        for source, hour, count in cursor.fetchall():
            found.setdefault(source, []).append((hour, count))
        return found


def lags_of_sources(*, since: datetime) -> dict[str, Mapping[int, int]]:
    """Return source → class of lag → facts received since then. As far as it was counted."""
    with raw_cursor() as cursor:
        cursor.execute(_LAGS, (since,))
        found: dict[str, dict[int, int]] = {}
        for source, lag_class, count in cursor.fetchall():
            found.setdefault(source, {})[lag_class] = count
        return dict(found)


def lag_class_at(share: float, counts: Mapping[int, int]) -> int | None:
    """Return the class within which that share of live facts came (history left out); None without any.

    Args:
        share: such as 0.5 or 0.95.
    """
    live = [(lag_class, count) for lag_class, count in sorted(counts.items()) if lag_class < HISTORY]
    if not live:
        return None
    reached = list(accumulate(count for _, count in live))
    return live[bisect_left(reached, share * reached[-1])][0]


def silent_since(hours: Sequence[datetime], *, last_received_at: datetime, at: datetime) -> timedelta | None:
    """Return how long a source has been silent, if that is clearly longer than it ever was; else None.

    Its own pauses between hours with facts are the measure: twice the longest of them.

    Args:
        hours: in which facts came, ascending, of the last weeks.
    """
    if len(hours) < _LEAST_HOURS:
        return None
    longest = max(later - earlier for earlier, later in pairwise(hours))
    silence = at - last_received_at
    return silence if silence > max(_PATIENCE * longest, timedelta(hours=2)) else None
