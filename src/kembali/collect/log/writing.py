"""Change the log from Django code."""

from collections.abc import Sequence
from datetime import datetime

from psycopg import sql

from kembali.collect import door
from kembali.collect.contracts import NewFact
from kembali.infra.database import one_transaction


def append_facts(facts: Sequence[NewFact], *, at: datetime) -> list[bool]:
    """Append facts; one answer each, True where new.

    Joins the caller's transaction: a row and its fact commit together.

    Raises:
        BadFact: one cannot be stored; nothing was appended.
    """
    with one_transaction() as cursor:
        return door.append(cursor, facts, received_at=at)


def append_selected(select: sql.Composed, *, at: datetime) -> int:
    """Append the facts a query gives, tens of thousands in one statement; return how many were new.

    Joins the caller's transaction, so the query may read its temporary tables. Columns as in `door.append_selected`.
    """
    with one_transaction() as cursor:
        return door.append_selected(cursor, select, received_at=at)
