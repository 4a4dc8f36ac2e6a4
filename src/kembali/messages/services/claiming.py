"""Take due requests under a lease, and begin a hand-over: the only two ways towards a provider.

Two steps, because they want different sizes. Taking judges hundreds at once and settles those that may not go.
Beginning claims just those that go on the wire now: it asks again for permission and caps, under locks, so that what
was withdrawn before is seen; a worker that dies leaves unknown only what was in flight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from kembali.collect import api as collect
from kembali.consent import api as consent
from kembali.infra.database import one_transaction
from kembali.kernel.ids import SendRequestId
from kembali.messages.contracts import Outcome
from kembali.messages.rules.gates import Decision, Verdict
from kembali.messages.services.judging import Batch, first_per_person, judge, load_batch
from kembali.messages.services.pending import COLUMNS, Cursor, Pending, read_pending, release
from kembali.messages.services.telling import message_fact

_CAP_LOCKS = 0x6D736773  # a class of advisory lock keys of our own
_STRIPES = 256

_TAKE = f"""
WITH due AS MATERIALIZED (
    SELECT id FROM messages_send
    WHERE state IN ('requested', 'deferred') AND holdout = %s AND ready_at <= %s
      AND (lease_until IS NULL OR lease_until < clock_timestamp())
    ORDER BY ready_at, id
    LIMIT %s
    FOR UPDATE SKIP LOCKED
)
UPDATE messages_send SET lease_until = clock_timestamp() + %s, fence = fence + 1
WHERE id IN (SELECT id FROM due)
RETURNING {COLUMNS}
"""  # noqa: S608 - the columns are a constant
_DECIDE = """
UPDATE messages_send s
SET state = d.state, reason = d.reason, gates = d.gates, decided_at = %(at)s,
    ready_at = coalesce(d.ready_at, s.ready_at), lease_until = NULL,
    began_at = CASE WHEN d.state = 'would_send' THEN %(at)s ELSE s.began_at END,
    finished_at = CASE WHEN d.state = 'deferred' THEN NULL ELSE %(at)s END
FROM jsonb_to_recordset(%(rows)s::jsonb) AS d (id bigint, fence bigint, state text, reason text, gates jsonb,
                                            ready_at timestamptz)
WHERE s.id = d.id AND s.fence = d.fence AND s.state IN ('requested', 'deferred')
"""
# Only the latest taker, only within its lease, only what nobody began or cancelled meanwhile.
_BEGIN = """
UPDATE messages_send s
SET state = 'handing_over', reason = '', gates = d.gates, decided_at = %(at)s, began_at = %(at)s,
    attempt_count = attempt_count + 1, wire_outcome = NULL, lease_until = clock_timestamp() + %(lease)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS d (id bigint, fence bigint, gates jsonb)
WHERE s.id = d.id AND s.fence = d.fence AND s.state IN ('requested', 'deferred') AND s.lease_until > clock_timestamp()
RETURNING s.id
"""
_REMEMBER = """
UPDATE messages_send s SET wire_outcome = o.outcome
FROM jsonb_to_recordset(%s::jsonb) AS o (id bigint, fence bigint, outcome jsonb)
WHERE s.id = o.id AND s.fence = o.fence AND s.state = 'handing_over'
"""

Result = tuple[Pending, Outcome]


@dataclass(frozen=True, slots=True)
class Taken:
    """A batch under lease. `count` were looked at; `passed` may go; the others are settled."""

    count: int
    passed: list[Pending]
    batch: Batch | None


def take_due(*, at: datetime, limit: int, lease: timedelta, holdout: bool) -> Taken:
    """Take up to `limit` due requests and put them through the gate.

    What may not go is withheld, deferred or expired here, with its receipt and fact. Holdouts end here either way.
    """
    with one_transaction() as cursor:
        cursor.execute(_TAKE, (holdout, at, limit, lease))
        found = sorted(read_pending(cursor), key=lambda each: each.id)
        if not found:
            return Taken(0, [], None)
        batch = load_batch(found, at=at)
        firsts, others = first_per_person(found, batch)
        release(cursor, others)
        decisions = judge(firsts, batch, ask=consent.permissions_within, at=at)
        passed = [each for each in firsts if decisions[each.id].verdict == "send"]
        stopped = firsts if holdout else [each for each in firsts if decisions[each.id].verdict != "send"]
        _store(cursor, stopped, decisions, at)
        return Taken(len(firsts), [] if holdout else passed, batch)


def begin(
    wave: Sequence[Pending], batch: Batch, *, finished: Sequence[Result], at: datetime, lease: timedelta
) -> list[Pending]:
    """Claim a wave, in one transaction, and keep the outcomes of the wave before; return what may now be handed over.

    Permission, suppression and caps are read again under locks. What no longer passes is given back, to be judged with
    a receipt at the next taking.
    """
    with one_transaction() as cursor:
        _remember(cursor, finished)
        stripes = sorted({batch.person_of(each) % _STRIPES for each in wave if each.purpose == "marketing"})
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, stripe) FROM unnest(%s::int[]) AS stripe", (_CAP_LOCKS, stripes)
        )
        decisions = judge(wave, batch, ask=consent.hold_permissions, at=at)
        rows = [
            {"id": each.id, "fence": each.fence, "gates": decisions[each.id].gates}
            for each in wave
            if decisions[each.id].verdict == "send"
        ]
        cursor.execute(_BEGIN, {"at": at, "lease": lease, "rows": msgspec.json.encode(rows).decode()})
        begun = {row[0] for row in cursor.fetchall()}
        release(cursor, [each for each in wave if each.id not in begun])
        return [each for each in wave if each.id in begun]


def give_back(pending: Sequence[Pending]) -> None:
    """Release what was taken, because nothing can be handed over now."""
    with one_transaction() as cursor:
        release(cursor, pending)


def give_up(pending: Sequence[tuple[Pending, str]], *, at: datetime) -> None:
    """Settle requests that cannot become a mail: failed, with the reason. Nothing was handed over."""
    with one_transaction() as cursor:
        rows = [
            {"id": each.id, "fence": each.fence, "state": "failed", "reason": reason, "gates": []}
            for each, reason in pending
        ]
        cursor.execute(_DECIDE, {"at": at, "rows": msgspec.json.encode(rows).decode()})
        collect.append_facts([message_fact(each, "failed", reason, at=at) for each, reason in pending], at=at)


_STATE_OF: Mapping[Verdict, str] = {
    "send": "would_send",  # only a holdout's is stored
    "defer": "deferred",
    "withhold": "withheld",
    "expire": "expired",
}


def _store(
    cursor: Cursor, stopped: Sequence[Pending], decisions: Mapping[SendRequestId, Decision], at: datetime
) -> None:
    rows, facts = [], []
    for each in stopped:
        decision = decisions[each.id]
        rows.append(
            {
                "id": each.id,
                "fence": each.fence,
                "state": _STATE_OF[decision.verdict],
                "reason": decision.reason,
                "gates": decision.gates,
                "ready_at": decision.until,
            }
        )
        if each.holdout and decision.verdict == "send":
            facts.append(message_fact(each, "withheld", "holdout", at=at, would_send=True))
        elif decision.verdict != "defer":
            facts.append(message_fact(each, "withheld", decision.reason, at=at, would_send=False))
    cursor.execute(_DECIDE, {"at": at, "rows": msgspec.json.encode(rows).decode()})
    collect.append_facts(facts, at=at)


def _remember(cursor: Cursor, finished: Sequence[Result]) -> None:
    if finished:
        rows = [{"id": each.id, "fence": each.fence, "outcome": outcome} for each, outcome in finished]
        cursor.execute(_REMEMBER, (msgspec.json.encode(rows).decode(),))
