"""What people and the shop may demand by law, as platforms passed it on, and that it was answered.

kembali does not export or erase by itself yet: a person does, and says so here.
"""

from dataclasses import dataclass
from datetime import datetime

from kembali.collect import door
from kembali.collect.contracts import Fact, NewFact
from kembali.collect.errors import DemandNotFound
from kembali.collect.log.consuming import fact_from_row
from kembali.collect.payloads import PrivacyRequested
from kembali.infra.database import one_transaction, raw_cursor

_SOURCE = "kembali"
# Read by an index that holds these facts alone: there are few, however long the log is.
_OPEN = f"""
FROM collect_fact f WHERE f.kind = 'privacy.requested' AND NOT EXISTS (
    SELECT 1 FROM collect_fact a WHERE a.source = '{_SOURCE}' AND a.message_id = 'privacy.answered:' || f.seq
)
"""  # noqa: S608 - a constant of this module
_COLUMNS = "f.seq, f.source, f.message_id, f.kind, f.identifiers::text, f.occurred_at, f.received_at, f.payload::text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A demand nobody has answered yet: the fact that told of it, and what is wanted."""

    fact: Fact
    wanted: PrivacyRequested


def list_demands(*, limit: int = 50) -> list[Demand]:
    """Return what waits for an answer, the oldest first."""
    with raw_cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} {_OPEN} ORDER BY f.occurred_at, f.seq LIMIT %s", (limit,))
        facts = [fact_from_row(row) for row in cursor.fetchall()]
    return [Demand(fact=one, wanted=one.decode(PrivacyRequested)) for one in facts]


def count_demands() -> int:
    """How many demands wait for an answer."""
    with raw_cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_OPEN}")
        return int(cursor.fetchall()[0][0])


def answer_demand(seq: int, *, by: str, at: datetime) -> None:
    """Write down that a demand was answered, and by whom. Saying it twice is saying it once.

    Raises:
        DemandNotFound: this fact is no demand.
    """
    with one_transaction() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM collect_fact f WHERE f.kind = 'privacy.requested' AND f.seq = %s",  # noqa: S608
            (seq,),
        )
        row = cursor.fetchone()
        if row is None:
            raise DemandNotFound(f"Fact {seq} is no demand for an answer.")
        fact = fact_from_row(row)
        answered = NewFact(
            source=_SOURCE,
            message_id=f"privacy.answered:{seq}",
            kind="privacy.answered",
            occurred_at=at,
            payload={"seq": seq, "request": fact.decode(PrivacyRequested).request, "by": by},
            identifiers=fact.identifiers,
        )
        door.append(cursor, [answered], received_at=at)
