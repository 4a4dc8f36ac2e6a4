"""The people on flows: how many per step, who, and why."""

from collections.abc import Sequence
from typing import Any

import msgspec

from kembali.infra.database import raw_cursor
from kembali.journeys.contracts.views import MeasuredEnrolment, PersonAtStep, PersonDecided, Receipt, Stay, StepCounts
from kembali.journeys.queries.programs import flow_from
from kembali.kernel.ids import CustomerId, EnrolmentId, FlowKey
from kembali.shop import api as shop

_WAITING = """
SELECT e.step, count(*) FROM journeys_enrolment e JOIN journeys_flow f ON f.id = e.flow_id
WHERE f.key = %s AND e.state <> 'ended' GROUP BY 1
"""
_DECISIONS = """
SELECT d.step, d.decision, count(*) FROM journeys_decision d JOIN journeys_flow f ON f.id = d.flow_id
WHERE f.key = %s GROUP BY 1, 2 ORDER BY 1, 2
"""
_PEOPLE = """
SELECT e.id, e.customer_id, e.arm, v.number, e.entered_at, e.state, e.due_at,
       coalesce(
           (SELECT max(d.at) FROM journeys_decision d WHERE d.enrolment_id = e.id AND d.step = e.step), e.entered_at
       )
FROM journeys_enrolment e JOIN journeys_flow f ON f.id = e.flow_id JOIN journeys_flowversion v ON v.id = e.version_id
WHERE f.key = %s AND e.step = %s AND e.state <> 'ended' AND e.id > %s
ORDER BY e.id LIMIT %s
"""
_DECIDED = """
SELECT d.id, d.enrolment_id, d.customer_id, e.arm, d.at, d.reason::text
FROM journeys_decision d JOIN journeys_flow f ON f.id = d.flow_id
LEFT JOIN journeys_enrolment e ON e.id = d.enrolment_id
WHERE f.key = %s AND d.step = %s AND d.decision = %s AND (%s::bigint IS NULL OR d.id < %s)
ORDER BY d.id DESC LIMIT %s
"""
_STAYS = """
SELECT e.id, f.key, v.source_yaml, v.number, e.customer_id, e.arm, e.entered_at, e.state, e.step, e.due_at,
       e.goal_reached_at, e.ended_at, e.end_reason
FROM journeys_enrolment e JOIN journeys_flow f ON f.id = e.flow_id JOIN journeys_flowversion v ON v.id = e.version_id
WHERE e.customer_id = ANY(%s)
ORDER BY e.entered_at DESC, e.id DESC
"""
_RECEIPTS = """
SELECT f.key, v.source_yaml, d.enrolment_id, d.step, d.decision, d.at, d.reason::text
FROM journeys_decision d
JOIN journeys_flow f ON f.id = d.flow_id
LEFT JOIN journeys_enrolment e ON e.id = d.enrolment_id
JOIN journeys_flowversion v
    ON v.id = e.version_id OR (e.id IS NULL AND v.flow_id = f.id AND v.number = f.version_number)
WHERE d.customer_id = ANY(%s)
ORDER BY d.id DESC LIMIT %s
"""
_MEASURED = """
SELECT e.id, e.root_id, e.arm, e.entered_at, e.goal_until_at
FROM journeys_enrolment e JOIN journeys_flow f ON f.id = e.flow_id
WHERE f.key = %s ORDER BY e.entered_at, e.id
"""


def step_counts(key: FlowKey) -> dict[str, StepCounts]:
    """People per step over all versions, by step key; the step `entrance` counts who came in and who was kept out."""
    with raw_cursor() as cursor:
        cursor.execute(_WAITING, (key,))
        waiting = dict(cursor.fetchall())
        cursor.execute(_DECISIONS, (key,))
        decisions: dict[str, dict[str, int]] = {}
        for step, decision, count in cursor.fetchall():
            decisions.setdefault(step, {})[decision] = count
    return {
        step: StepCounts(step, waiting.get(step, 0), decisions.get(step, {})) for step in sorted({*waiting, *decisions})
    }


def people_at(key: FlowKey, step: str, *, limit: int = 50, after: EnrolmentId | None = None) -> list[PersonAtStep]:
    """People inside who are at one step, in the order they entered the books; page on with the last one's id."""
    with raw_cursor() as cursor:
        cursor.execute(_PEOPLE, (key, step, after or 0, limit))
        return [PersonAtStep(*row) for row in cursor.fetchall()]


def people_decided(
    key: FlowKey, step: str, decision: str, *, limit: int = 50, before: int | None = None
) -> list[PersonDecided]:
    """People about whom this was decided at a step, the latest first; page on with the last one's receipt id."""
    with raw_cursor() as cursor:
        cursor.execute(_DECIDED, (key, step, decision, before, before, limit))
        return [
            PersonDecided(
                receipt_id, enrolment_id, customer_id, arm, at, msgspec.json.decode(reason, type=dict[str, object])
            )
            for receipt_id, enrolment_id, customer_id, arm, at, reason in cursor.fetchall()
        ]


def stays_of(customer_id: CustomerId) -> list[Stay]:
    """Every stay of one person in any flow, merged customers included, the latest first."""
    with raw_cursor() as cursor:
        cursor.execute(_STAYS, (_everyone_in(customer_id),))
        return [Stay(row[0], row[1], flow_from(row[2]).name, *row[3:]) for row in cursor.fetchall()]


def decisions_of(customer_id: CustomerId, *, limit: int = 200) -> list[Receipt]:
    """Every decision about one person, merged customers included, the latest first."""
    with raw_cursor() as cursor:
        cursor.execute(_RECEIPTS, (_everyone_in(customer_id), limit))
        return [_receipt(row) for row in cursor.fetchall()]


def enrolments_for_measure(key: FlowKey) -> list[MeasuredEnrolment]:
    """Everybody who ever entered a flow, under their present root id, whatever became of the message."""
    with raw_cursor() as cursor:
        cursor.execute(_MEASURED, (key,))
        return [MeasuredEnrolment(*row) for row in cursor.fetchall()]


def _receipt(row: Sequence[Any]) -> Receipt:
    flow, source_yaml, enrolment_id, step, decision, at, reason = row
    known = msgspec.json.decode(reason, type=dict[str, object])
    return Receipt(flow, flow_from(source_yaml).name, enrolment_id, step, decision, at, known)


def _everyone_in(customer_id: CustomerId) -> list[int]:
    members = shop.members_of([customer_id])
    return sorted({customer_id, *members.get(customer_id, ())})
