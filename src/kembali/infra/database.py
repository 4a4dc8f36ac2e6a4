"""PostgreSQL's own fast paths on Django's connection."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection, transaction


@contextmanager
def raw_cursor() -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
    """A psycopg cursor on Django's connection, inside Django's transaction: for COPY and set-based SQL."""
    with connection.cursor() as wrapped:
        yield wrapped.cursor


@contextmanager
def one_transaction() -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
    """One transaction (or a savepoint of the caller's) with a raw cursor in it."""
    with transaction.atomic(), raw_cursor() as cursor:
        yield cursor
