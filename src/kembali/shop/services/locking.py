"""The one lock under which the shop's state changes."""

from typing import Any

import psycopg

Cursor = psycopg.Cursor[tuple[Any, ...]]

_SHOP_LOCK = 0x73686F70  # "shop"


def lock_shop(cursor: Cursor) -> None:
    """Wait until no other transaction changes the shop's state; held until this one ends.

    Folding, identity and settling touch the same rows in different orders: one after the other, they cannot deadlock.
    """
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_SHOP_LOCK,))
