"""PostgreSQL's own fast paths on Django's connection."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import psycopg
from django.db import connection, transaction
from psycopg.pq import Format

# Django's loader replaces the zone of each timestamp in Python, nine times the cost of reading it; sessions are in UTC.
_TIMESTAMPTZ = psycopg.postgres.types["timestamptz"].oid
_LOAD_TIMESTAMPTZ = psycopg.adapters.get_loader(_TIMESTAMPTZ, Format.TEXT)

_P = ParamSpec("_P")
_R = TypeVar("_R")
_T = TypeVar("_T")
_AT_ONCE = 2


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
def only_one(name: str, *, wait: bool = False) -> Iterator[bool]:
    """Yield True to one process at a time for each name; the others get False, or wait. Who has it may ask again."""
    with raw_cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended('kembali:' || %s, 0))", (name,))
        else:
            cursor.execute("SELECT pg_try_advisory_lock(hashtextextended('kembali:' || %s, 0))", (name,))
        mine = wait or bool(cursor.fetchall()[0][0])
    try:
        yield mine
    finally:
        if mine:
            with raw_cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended('kembali:' || %s, 0))", (name,))


def for_another_thread(work: Callable[_P, _R]) -> Callable[_P, _R]:
    """Return `work` as another thread may do it: on a connection of that thread's own, closed afterwards."""

    @wraps(work)
    def done_apart(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return work(*args, **kwargs)
        finally:
            connection.close()

    return done_apart


def side_by_side(work: Callable[[_T], _R], items: Sequence[_T]) -> list[_R]:
    """Return what `work` gives for each item, two at once in transactions of their own: PostgreSQL has two hands then.

    A single item is done here, on the caller's connection.
    """
    if len(items) < _AT_ONCE:
        return [work(item) for item in items]
    with ThreadPoolExecutor(_AT_ONCE) as workers:
        return list(workers.map(for_another_thread(work), items))
