"""Facts that a consumer could not handle: who, why, and handing them over again after the cause is mended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max, Min

from kembali.collect.contracts import Consumer
from kembali.collect.log.consuming import fact_from_row, handle
from kembali.collect.models import ParkedFact
from kembali.infra.database import raw_cursor

_AT_ONCE = 2_000

_FACTS = """
SELECT seq, source, message_id, kind, identifiers::text, occurred_at, received_at, payload::text
FROM collect_fact WHERE seq = ANY(%s) ORDER BY seq
"""


@dataclass(frozen=True, slots=True)
class Parked:
    """A consumer that could not handle a fact, and why."""

    consumer: str
    reason: str
    parked_at: datetime


@dataclass(frozen=True, slots=True)
class ParkedTally:
    """How many facts a consumer could not handle for one reason; `example_seq` is the first of them."""

    consumer: str
    reason: str
    fact_count: int
    asked_count: int
    example_seq: int
    last_at: datetime


def parked_of(seq: int) -> list[Parked]:
    """Return who could not handle a fact."""
    found = ParkedFact.objects.filter(fact_seq=seq).order_by("consumer")
    return [Parked(one.consumer, one.reason, one.parked_at) for one in found]


def count_parked() -> int:
    """How many facts wait because their consumer could not handle them."""
    return ParkedFact.objects.count()


def tally_parked(*, limit: int = 50) -> list[ParkedTally]:
    """What is parked, by consumer and reason, the most frequent first."""
    rows = (
        ParkedFact.objects.values_list("consumer", "reason")
        .annotate(facts=Count("id"), asked=Count("asked_at"), example=Min("fact_seq"), last=Max("parked_at"))
        .order_by("-facts", "consumer", "reason")[:limit]
    )
    return [ParkedTally(*row) for row in rows]


def ask_parked(consumer: str, *, reason: str | None = None, at: datetime) -> int:
    """Have a consumer's parked facts handled again by the next worker; return how many."""
    found = ParkedFact.objects.filter(consumer=consumer, asked_at=None)
    if reason is not None:
        found = found.filter(reason=reason)
    return found.update(asked_at=at)


def replay_asked(consumers: Iterable[Consumer], *, at: datetime) -> int:
    """Hand over again what was asked for; return how many facts went through."""
    asked = set(ParkedFact.objects.filter(asked_at__isnull=False).values_list("consumer", flat=True).distinct())
    return sum(replay_parked(one, at=at, only_asked=True) for one in consumers if one.name in asked)


def replay_parked(consumer: Consumer, *, at: datetime, only_asked: bool = False) -> int:
    """Hand a consumer its parked facts again, at most 2,000; return how many went through. The others stay parked."""
    chosen = ParkedFact.objects.filter(consumer=consumer.name)
    if only_asked:
        chosen = chosen.filter(asked_at__isnull=False)
    with transaction.atomic(), raw_cursor() as cursor:
        locked = chosen.select_for_update(skip_locked=True).order_by("fact_seq")[:_AT_ONCE]
        parked = [one.fact_seq for one in locked]
        cursor.execute(_FACTS, (parked,))
        facts = [fact_from_row(row) for row in cursor.fetchall()]
        ours = ParkedFact.objects.filter(consumer=consumer.name, fact_seq__in=parked)
        ours.delete()
        for fact in facts:
            handle([fact], consumer, at)
        return len(facts) - ours.count()
