"""One person's facts, and the newest of all. Never used to fold state: that is what consumers are for."""

from collections.abc import Sequence
from datetime import datetime

from kembali.collect.contracts import Fact
from kembali.collect.log.consuming import fact_from_row
from kembali.infra.database import raw_cursor


def timeline_of(subjects: Sequence[str], *, limit: int = 100, before: datetime | None = None) -> list[Fact]:
    """Return the facts of one person, newest first.

    Args:
        subjects: every identifier of the person, as `kind:value`.
        before: only what occurred before this instant.
    """
    with raw_cursor() as cursor:
        cursor.execute(
            "SELECT seq, source, message_id, kind, identifiers::text, occurred_at, received_at, payload::text "
            "FROM collect_fact WHERE subject = ANY(%s) AND (%s::timestamptz IS NULL OR occurred_at < %s) "
            "ORDER BY occurred_at DESC, seq DESC LIMIT %s",
            (list(subjects), before, before, limit),
        )
        return [fact_from_row(row) for row in cursor.fetchall()]


def count_facts_of(subjects: Sequence[str]) -> int:
    """How many facts lie in the log under these names (`kind:value`)."""
    with raw_cursor() as cursor:
        cursor.execute("SELECT count(*) FROM collect_fact WHERE subject = ANY(%s)", (list(subjects),))
        return int(cursor.fetchall()[0][0])


def latest_fact() -> tuple[str, datetime] | None:
    """The source and the receiving instant of the newest fact, None in an empty log. Cheap at any size."""
    with raw_cursor() as cursor:
        cursor.execute("SELECT source, received_at FROM collect_fact ORDER BY seq DESC LIMIT 1")
        row = cursor.fetchone()
        return (row[0], row[1]) if row else None
