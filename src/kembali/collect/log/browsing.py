"""Look through the log, the newest fact first: bounded work whatever is asked, and however long the log is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kembali.collect.contracts import Fact
from kembali.collect.errors import FactNotFound
from kembali.collect.log.consuming import fact_from_row
from kembali.infra.database import raw_cursor

# Facts looked at for one page: half a second on a cold disk. What lies further back is another page.
_REACH = 50_000
_FAR_REACH = 200_000  # of these only number, kind and instant are read
_MAX_SEQ = 2**63 - 1

_COLUMNS = "seq, source, message_id, kind, identifiers::text, occurred_at, received_at, payload::text"
_RECENT = f"""
SELECT {_COLUMNS} FROM (
    SELECT * FROM collect_fact WHERE seq < %(before)s AND seq >= %(from)s ORDER BY seq DESC OFFSET 0
) recent
WHERE (%(source)s::text IS NULL OR source = %(source)s) AND (%(kind)s::text IS NULL OR kind = %(kind)s)
ORDER BY seq DESC LIMIT %(limit)s
"""  # noqa: S608 - columns of this module
# A message id is looked up in its unique index, source by source: there are few of them.
_BY_MESSAGE = f"""
SELECT {_COLUMNS} FROM unnest(%(sources)s::text[]) AS s(name) CROSS JOIN LATERAL (
    SELECT * FROM collect_fact
    WHERE source = s.name COLLATE "C" AND message_id >= %(start)s AND message_id < %(end)s
    ORDER BY message_id LIMIT %(limit)s
) found
WHERE (%(kind)s::text IS NULL OR kind = %(kind)s)
ORDER BY seq DESC LIMIT %(limit)s
"""  # noqa: S608 - columns of this module
_BETWEEN = """
SELECT seq, kind, received_at >= %(since)s AND received_at < %(until)s
    AND (cardinality(%(kinds)s::text[]) = 0 OR kind = ANY(%(kinds)s))
FROM collect_fact WHERE seq > %(after)s ORDER BY seq LIMIT %(reach)s
"""


@dataclass(frozen=True, slots=True)
class SeqsFound:
    """Numbers of facts with their kinds, oldest first; `reached` is where the next page begins."""

    found: tuple[tuple[int, str], ...]
    reached: int
    is_last: bool


@dataclass(frozen=True, slots=True)
class FactsFound:
    """Facts, newest first. `further`: the sequence number to look before for more, None at the log's beginning."""

    facts: tuple[Fact, ...]
    further: int | None


def recent_facts(
    *, source: str | None = None, kind: str | None = None, before: int | None = None, limit: int = 50
) -> FactsFound:
    """Return the newest facts that match among at most 50,000; where none does, `further` still leads on."""
    with raw_cursor() as cursor:
        if before is None:
            cursor.execute("SELECT max(seq) FROM collect_fact")
            newest = cursor.fetchall()[0][0]
            before = 1 if newest is None else newest + 1
        values = {"before": before, "from": before - _REACH, "source": source, "kind": kind, "limit": limit}
        cursor.execute(_RECENT, values)
        facts = tuple(fact_from_row(row) for row in cursor.fetchall())
    further = facts[-1].seq if len(facts) == limit else max(before - _REACH, 1)
    return FactsFound(facts, further if further > 1 else None)


def facts_by_message(prefix: str, *, sources: list[str], kind: str | None = None, limit: int = 50) -> FactsFound:
    """Return facts of these sources whose message id begins with `prefix`, newest first."""
    if not prefix:
        return FactsFound((), None)
    values: dict[str, Any] = {"sources": sources, "start": prefix, "end": _after(prefix), "kind": kind, "limit": limit}
    with raw_cursor() as cursor:
        cursor.execute(_BY_MESSAGE, values)
        return FactsFound(tuple(fact_from_row(row) for row in cursor.fetchall()), None)


def fact_of(seq: int) -> Fact:
    """Return one fact.

    Raises:
        FactNotFound: there is none with this number.
    """
    with raw_cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM collect_fact WHERE seq = %s", (min(seq, _MAX_SEQ),))  # noqa: S608 - our own column names
        row = cursor.fetchone()
    if row is None:
        raise FactNotFound(f"There is no fact {seq}.")
    return fact_from_row(row)


def facts_of(seqs: Sequence[int]) -> list[Fact]:
    """Return those of these facts that are in the log, in its order."""
    with raw_cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM collect_fact WHERE seq = ANY(%s) ORDER BY seq", (list(seqs),))  # noqa: S608 - our own column names
        return [fact_from_row(row) for row in cursor.fetchall()]


def seqs_between(
    since: datetime, until: datetime, *, kinds: Sequence[str] = (), after: int = 0, limit: int = 10_000
) -> SeqsFound:
    """Return number and kind of the facts received in [since, until), a page at a time, the oldest first.

    Args:
        kinds: only of these; empty means all.
        after: what the page before reached; at most 200,000 facts are looked at for one page.
    """
    with raw_cursor() as cursor:
        cursor.execute(
            _BETWEEN,
            {"since": since, "until": until, "kinds": list(kinds), "after": after, "reach": _FAR_REACH},
        )
        looked_at = cursor.fetchall()
    found = [(seq, kind) for seq, kind, is_wanted in looked_at if is_wanted][:limit]
    is_full = len(found) == limit
    reached = found[-1][0] if is_full else looked_at[-1][0] if looked_at else after
    return SeqsFound(tuple(found), reached, is_last=not is_full and len(looked_at) < _FAR_REACH)


def _after(prefix: str) -> str:
    """Return the least text above every text that begins with `prefix`, in the order of bytes."""
    return prefix + "\U0010ffff"
