"""Look at what was rejected: who sends it, for which reasons, and what it was."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max, Sum

from kembali.collect.models import RejectedCount, RejectedEvent


@dataclass(frozen=True, slots=True)
class RejectedTally:
    """How many a source sent since a day that were rejected for one reason; `kept_count` of them were kept."""

    source: str
    reason_code: str
    seen_count: int
    kept_count: int
    last_day: date


def list_rejected_events(
    *,
    source: str | None = None,
    reason_code: str | None = None,
    before_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 100,
) -> list[RejectedEvent]:
    """What programs sent and could not be a fact, replayed or not, the latest first.

    Args:
        before_id: go on below this id.
        since, until: received from the one instant to the other, both included.
    """
    found = RejectedEvent.objects.order_by("-id")
    if source is not None:
        found = found.filter(source=source)
    if reason_code is not None:
        found = found.filter(reason_code=reason_code)
    if before_id is not None:
        found = found.filter(id__lt=before_id)
    if since is not None:
        found = found.filter(received_at__gte=since)
    if until is not None:
        found = found.filter(received_at__lte=until)
    return list(found[:limit])


def count_rejected_events(*, since: date) -> list[RejectedTally]:
    """What was rejected since a day (UTC), by source and reason, the most frequent first; refused keys are among it."""
    rows = (
        RejectedCount.objects.filter(day__gte=since)
        .values_list("source", "reason_code")
        .annotate(seen=Sum("seen_count"), kept=Sum("kept_count"), last_day=Max("day"))
        .order_by("-seen", "source", "reason_code")
    )
    return [RejectedTally(*row) for row in rows]


def count_waiting_events() -> int:
    """How many rejected events wait to be replayed."""
    return RejectedEvent.objects.filter(replayed_at__isnull=True, is_cut=False).count()
