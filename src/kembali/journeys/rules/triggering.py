"""Who a trigger enrols: only what is fresh, only after launch, and only again after the rest the flow grants."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class Arrival:
    """A person a trigger fired for, at the instant it did."""

    customer_id: int
    entered_at: datetime


def is_fresh(occurred_at: datetime, *, live_since: datetime, window: timedelta, at: datetime) -> bool:
    """Return whether a fact may trigger: later than the launch, younger than the window, and not of the future.

    This is why importing years of history starts nothing.
    """
    return occurred_at > live_since and at - window < occurred_at <= at


def occurrence_key(occasion: str, day: date) -> str:
    """Return the key under which a person enters a flow at most once: the occasion and the shop's local day."""
    return f"{occasion}:{day.isoformat()}"


def rested(entered_at: datetime, last_entered_at: datetime | None, *, again_after: timedelta) -> bool:
    """Return whether a person may enter again, `again_after` their last entry at the earliest."""
    return last_entered_at is None or entered_at >= last_entered_at + again_after


_A = TypeVar("_A", bound=Arrival)


def first_of_each(arrivals: Iterable[_A]) -> list[_A]:
    """Return each person's earliest arrival, in the order of (instant, customer)."""
    earliest: dict[int, _A] = {}
    for arrival in sorted(arrivals, key=lambda a: (a.entered_at, a.customer_id)):
        earliest.setdefault(arrival.customer_id, arrival)
    return list(earliest.values())


def in_turn(arrivals: Sequence[Arrival], *, again_after: timedelta) -> Iterator[Arrival]:
    """Yield the arrivals that become enrolments when they come one by one in event order."""
    last: dict[int, datetime] = {}
    for arrival in sorted(arrivals, key=lambda a: (a.entered_at, a.customer_id)):
        if rested(arrival.entered_at, last.get(arrival.customer_id), again_after=again_after):
            last[arrival.customer_id] = arrival.entered_at
            yield arrival
