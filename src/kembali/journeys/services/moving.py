"""Move people whose wait is over: claimed in batches, walked by pure rules, written back set-based."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from kembali.infra.database import one_transaction, raw_cursor
from kembali.journeys.queries.people import known_of
from kembali.journeys.queries.programs import VersionProgram, programs_of
from kembali.journeys.rules.conditions import Known, Needs
from kembali.journeys.rules.walking import Walk, walk
from kembali.journeys.services.receipts import NewReceipt, append_events, journey_fact, record_receipts
from kembali.journeys.services.requests import Wanted, request_wanted
from kembali.kernel.clock import zone
from kembali.shop import api as shop

BATCH = 2000

# Lease time is the row lock itself: a worker that dies lets go, and nobody waits for a batch another one holds.
_CLAIM = """
SELECT id, flow_id, version_id, customer_id, root_id, occurrence_key, arm, entered_at, state, step, ordered_at
FROM journeys_enrolment
WHERE state <> 'ended' AND due_at <= %s
ORDER BY due_at, id
LIMIT %s
FOR NO KEY UPDATE SKIP LOCKED
"""
_MOVE = """
UPDATE journeys_enrolment e
SET state = m.state, step = m.step, due_at = m.due_at, ended_at = m.ended_at, end_reason = m.end_reason
FROM json_to_recordset(%s::json)
     AS m (id bigint, state text, step text, due_at timestamptz, ended_at timestamptz, end_reason text)
WHERE e.id = m.id
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An enrolment this worker holds until its transaction ends."""

    enrolment_id: int
    flow_id: int
    version_id: int
    customer_id: int
    root_id: int
    occurrence_key: str
    arm: str
    entered_at: datetime
    state: str
    step: str
    ordered_at: datetime | None


def move_due(*, at: datetime, limit: int = BATCH) -> int:
    """Move everybody who is due at `at`; return how many moves were made.

    Each batch of at most `limit` people is one transaction with the same few statements; several workers share the
    work without waiting for each other.
    """
    moved = 0
    while batch := _move_batch(at, limit):
        moved += batch
    return moved


def _move_batch(at: datetime, limit: int) -> int:
    with one_transaction() as cursor:
        cursor.execute(_CLAIM, (at, limit))
        claimed = [Claimed(*row) for row in cursor.fetchall()]
        if not claimed:
            return 0
        programs = programs_of([each.version_id for each in claimed])
        walks = _walk_all(claimed, programs, at)
        cursor.execute(_MOVE, (msgspec.json.encode([_row(c, w, at) for c, w in walks]).decode(),))
        _tell(walks, programs, at)
        request_wanted(
            [
                Wanted(claim.enrolment_id, claim.customer_id, claim.occurrence_key, claim.arm, version, send)
                for claim, walked in walks
                for version in [programs[claim.version_id]]
                for send in walked.sends
            ],
            at=at,
        )
        return len(claimed)


def _walk_all(
    claimed: Sequence[Claimed], programs: Mapping[int, VersionProgram], at: datetime
) -> list[tuple[Claimed, Walk]]:
    known = _known(claimed, programs, at)
    tz: ZoneInfo = zone(shop.shop_settings().time_zone)
    return [
        (
            claim,
            walk(
                programs[claim.version_id].program,
                step=claim.step,
                waiting=claim.state == "waiting",
                known=known[claim.enrolment_id],
                at=at,
                tz=tz,
            ),
        )
        for claim in claimed
    ]


def _known(claimed: Sequence[Claimed], programs: Mapping[int, VersionProgram], at: datetime) -> dict[int, Known]:
    """Return what is known of each enrolment; nothing is looked up that no version asks for."""
    needs = Needs()
    for version in programs.values():
        needs |= version.program.needs
    people = known_of([claim.root_id for claim in claimed], needs, at=at)
    messages = _messages([claim.enrolment_id for claim in claimed]) if needs.messages else {}
    answers = {}
    for claim in claimed:
        person = people.get(claim.root_id, Known())
        answers[claim.enrolment_id] = Known(
            traits=person.traits,
            segments=person.segments,
            ordered=claim.ordered_at is not None and claim.ordered_at <= at,
            messages=messages.get(claim.enrolment_id, frozenset()),
        )
    return answers


def _messages(enrolment_ids: Sequence[int]) -> dict[int, frozenset[tuple[str, str]]]:
    with raw_cursor() as cursor:
        cursor.execute(
            "SELECT enrolment_id, step, decision FROM journeys_decision WHERE enrolment_id = ANY(%s)",
            (list(enrolment_ids),),
        )
        found: dict[int, set[tuple[str, str]]] = {}
        for enrolment_id, step, decision in cursor.fetchall():
            found.setdefault(enrolment_id, set()).add((step, decision))
    return {enrolment_id: frozenset(pairs) for enrolment_id, pairs in found.items()}


def _row(claim: Claimed, walked: Walk, at: datetime) -> dict[str, object]:
    inside = walked.step is not None
    return {
        "id": claim.enrolment_id,
        "state": "waiting" if inside else "ended",
        "step": walked.step,
        "due_at": walked.due_at,
        "ended_at": None if inside else at,
        "end_reason": walked.end_reason,
    }


def _tell(walks: Sequence[tuple[Claimed, Walk]], programs: Mapping[int, VersionProgram], at: datetime) -> None:
    record_receipts(
        [
            NewReceipt(claim.flow_id, claim.enrolment_id, claim.customer_id, made.step, made.decision, made.reason)
            for claim, walked in walks
            for made in walked.made
        ],
        at=at,
    )
    append_events(
        [
            journey_fact(
                "ended",
                flow=programs[claim.version_id].flow_key,
                version=programs[claim.version_id].version,
                enrolment_id=claim.enrolment_id,
                customer_id=claim.customer_id,
                occurrence_key=claim.occurrence_key,
                occurred_at=at,
                details={"reason": walked.end_reason},
            )
            for claim, walked in walks
            if walked.step is None
        ],
        at=at,
    )
