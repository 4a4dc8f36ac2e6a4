"""Frequency caps: they defer, they never drop silently."""

from collections.abc import Sequence
from datetime import datetime

from kembali.messages.contracts import FrequencyCap


def free_from(contacts: Sequence[datetime], caps: Sequence[FrequencyCap], at: datetime) -> datetime:
    """Return the first instant, `at` or later, at which one more message keeps every cap.

    contacts: when this person was last contacted, any order; none after `at`.
    """
    newest_first = sorted(contacts, reverse=True)
    free = at
    for cap in caps:
        if len(newest_first) >= cap.count:
            free = max(free, newest_first[cap.count - 1] + cap.window)
    return free


def count_within(contacts: Sequence[datetime], cap: FrequencyCap, at: datetime) -> int:
    """Return how many contacts fall into the cap's window that ends at `at`."""
    return sum(contact > at - cap.window for contact in contacts)
