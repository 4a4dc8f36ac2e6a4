"""Read requests with their receipts."""

from collections.abc import Sequence

import msgspec

from kembali.infra.database import raw_cursor
from kembali.kernel.ids import CustomerId
from kembali.messages.contracts import Gate, Origin, Receipt, SendState
from kembali.messages.errors import MessageNotFound

_READ = """
SELECT s.id, s.send_key, s.customer_id, s.template, s.channel, s.flow, s.version, s.step, s.enrolment_id, s.holdout,
       s.state, s.reason, s.gates::text, s.requested_at, s.ready_at, s.decided_at, s.began_at, s.finished_at, m.id
FROM messages_send s LEFT JOIN messages_mail m ON m.send_id = s.id
WHERE (%(key)s::text IS NULL OR s.send_key = %(key)s)
  AND (%(people)s::bigint[] IS NULL OR s.customer_id = ANY(%(people)s))
  AND (%(states)s::text[] IS NULL OR s.state = ANY(%(states)s))
ORDER BY s.id DESC LIMIT %(limit)s
"""


def receipt_of(send_key: str) -> Receipt:
    """Return why a message went, did not go, or waits.

    Raises:
        MessageNotFound: nobody asked for it.
    """
    found = _read(key=send_key, limit=1)
    if not found:
        raise MessageNotFound(f"No message was asked for under “{send_key}”.")
    return found[0]


def list_receipts(customer_ids: Sequence[CustomerId], *, limit: int = 50) -> list[Receipt]:
    """Return the latest requests for one person, given all ids of theirs, newest first."""
    return _read(people=list(customer_ids), limit=limit)


def list_planned(customer_ids: Sequence[CustomerId], *, limit: int = 20) -> list[Receipt]:
    """Return what waits to be sent to one person."""
    return _read(people=list(customer_ids), states=["requested", "deferred"], limit=limit)


def list_unknown(*, limit: int = 1000) -> list[Receipt]:
    """Return every hand-over nobody knows the end of, newest first. None of them is ever sent again by itself."""
    return _read(states=["unknown"], limit=limit)


def counts_by_state(flow: str) -> dict[SendState, int]:
    """Return how many requests of a flow are in each state; states nobody is in are left out."""
    with raw_cursor() as cursor:
        cursor.execute("SELECT state, count(*) FROM messages_send WHERE flow = %s GROUP BY 1 ORDER BY 1", (flow,))
        return dict(cursor.fetchall())


def _read(
    *, key: str | None = None, people: list[CustomerId] | None = None, states: list[str] | None = None, limit: int
) -> list[Receipt]:
    with raw_cursor() as cursor:
        cursor.execute(_READ, {"key": key, "people": people, "states": states, "limit": limit})
        return [
            Receipt(
                send_id=row[0],
                send_key=row[1],
                customer_id=row[2],
                template=row[3],
                channel=row[4],
                origin=Origin(flow=row[5], version=row[6], step=row[7], enrolment_id=row[8]),
                holdout=row[9],
                state=row[10],
                reason=row[11],
                gates=tuple(msgspec.json.decode(row[12], type=list[Gate])),
                requested_at=row[13],
                ready_at=row[14],
                decided_at=row[15],
                began_at=row[16],
                finished_at=row[17],
                mail_id=row[18],
            )
            for row in cursor.fetchall()
        ]


def reasons_not_sent(flow: str) -> dict[str, int]:
    """Return why requests of a flow were not sent, and how many; holdouts, never meant to be sent, left out."""
    with raw_cursor() as cursor:
        cursor.execute(
            "SELECT CASE WHEN state = 'withheld' THEN reason ELSE state END, count(*) FROM messages_send "
            "WHERE flow = %s AND NOT holdout AND state IN ('withheld', 'expired', 'cancelled', 'failed', 'unknown') "
            "GROUP BY 1 ORDER BY 2 DESC, 1",
            (flow,),
        )
        return dict(cursor.fetchall())
