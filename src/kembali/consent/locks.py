"""Who changes a permission and who is about to use it wait for each other, here and nowhere else.

Locks are advisory and striped by person and by address, so that a bulk import takes at most 256 of each. Everybody
takes people before addresses, and stripes in ascending order.
"""

from collections.abc import Iterable
from typing import Any

import psycopg

from kembali.kernel.ids import CustomerId

_STRIPES = 256
_PEOPLE = 0x6B636F6E  # a class of advisory lock keys of our own
_ADDRESSES = _PEOPLE + 1

_EXCLUSIVE = "SELECT pg_advisory_xact_lock(%s, stripe) FROM unnest(%s::int[]) AS stripe"
_SHARED = """
SELECT pg_advisory_xact_lock_shared(kind, stripe)
FROM unnest(%s::int[], %s::int[]) AS wanted (kind, stripe)
"""

Cursor = psycopg.Cursor[tuple[Any, ...]]


def lock_people_for_change(cursor: Cursor, customer_ids: Iterable[CustomerId]) -> None:
    """Wait for every gate now deciding about these people, and hold back the next, until this transaction ends."""
    cursor.execute(_EXCLUSIVE, (_PEOPLE, _stripes(customer_ids)))


def lock_addresses_for_change(cursor: Cursor, hmacs: Iterable[bytes]) -> None:
    """The same for addresses on their way to the suppression list."""
    cursor.execute(_EXCLUSIVE, (_ADDRESSES, _stripes(each[0] for each in hmacs)))


def lock_for_sending(cursor: Cursor, customer_ids: Iterable[CustomerId], hmacs: Iterable[bytes]) -> None:
    """Wait for changes under way; later ones wait until this transaction ends. Gates do not wait for each other."""
    people, addresses = _stripes(customer_ids), _stripes(each[0] for each in hmacs)
    kinds = [_PEOPLE] * len(people) + [_ADDRESSES] * len(addresses)
    cursor.execute(_SHARED, (kinds, people + addresses))


def _stripes(numbers: Iterable[int]) -> list[int]:
    return sorted({number % _STRIPES for number in numbers})
