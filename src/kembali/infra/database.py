"""PostgreSQL's own fast paths on Django's connection."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection, transaction
from psycopg.pq import Format

# Django's loader replaces the zone of each timestamp in Python, nine times the cost of reading it; sessions are in UTC.
_TIMESTAMPTZ = psycopg.postgres.types["timestamptz"].oid
_LOAD_TIMESTAMPTZ = psycopg.adapters.get_loader(_TIMESTAMPTZ, Format.TEXT)


@contextmanager
def raw_cursor() -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
    """A psycopg cursor on Django's connection, inside Django's transaction: for COPY and set-based SQL."""
    with connection.cursor() as wrapped:
        cursor: psycopg.Cursor[tuple[Any, ...]] = wrapped.cursor
        if _LOAD_TIMESTAMPTZ is not None:
            cursor.adapters.register_loader(_TIMESTAMPTZ, _LOAD_TIMESTAMPTZ)
        yield cursor


@contextmanager
def one_transaction() -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
    """One transaction (or a savepoint of the caller's) with a raw cursor in it."""
    with transaction.atomic(), raw_cursor() as cursor:
        yield cursor


@contextmanager
def only_one(name: str) -> Iterator[bool]:
    """Yield True to one process at a time for each name, False to the others, who do not wait."""
    with raw_cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended('kembali:' || %s, 0))", (name,))
        mine = bool(cursor.fetchall()[0][0])
    try:
        yield mine
    finally:
        if mine:
            with raw_cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended('kembali:' || %s, 0))", (name,))
