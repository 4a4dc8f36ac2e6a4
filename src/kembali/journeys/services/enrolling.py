"""Let people into flows: both arms fixed at once, on what is known at that instant."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from kembali.experiments import api as experiments
from kembali.infra.database import one_transaction, raw_cursor
from kembali.journeys.models import Flow as FlowRow
from kembali.journeys.queries.people import known_of
from kembali.journeys.queries.programs import LiveFlow, program_from
from kembali.journeys.rules.conditions import Known, holds, needs_of, sentence_of
from kembali.journeys.rules.lengths import length_of
from kembali.journeys.rules.program import Program
from kembali.journeys.rules.triggering import Arrival, first_of_each, occurrence_key, rested
from kembali.journeys.services.lately import bought_since, told_since
from kembali.journeys.services.receipts import NewReceipt, append_events, journey_fact, record_receipts
from kembali.kernel.clock import local_date, zone
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop

ENTRANCE = "entrance"
"""The step of receipts about entering."""

_LAST_ENTRIES = """
SELECT root_id, max(entered_at) FROM journeys_enrolment WHERE flow_id = %s AND root_id = ANY(%s) GROUP BY 1
"""
_ENROL = """
INSERT INTO journeys_enrolment
    (flow_id, version_id, customer_id, root_id, occurrence_key, arm, entered_at, state, step, due_at, goal_until_at)
SELECT %(flow_id)s, %(version_id)s, customer_id, customer_id, occurrence_key, arm, entered_at, 'ready', %(entry)s,
       %(at)s, entered_at + %(goal_window)s
FROM json_to_recordset(%(rows)s::json)
     AS n (customer_id bigint, occurrence_key text, arm text, entered_at timestamptz)
ORDER BY customer_id
ON CONFLICT (flow_id, customer_id, occurrence_key) DO NOTHING
RETURNING id, customer_id, occurrence_key, arm, entered_at
"""


def experiment_key(flow_key: str) -> str:
    """Return the key under which a flow's arms are stored: the flow's, not a version's."""
    return f"journey:{flow_key}"


def enrol_many(live: LiveFlow, arrivals: Sequence[Arrival], *, occasion: str, at: datetime) -> int:
    """Let people into a flow; return how many came in. One transaction, the same few statements for one or thousands.

    Each person comes in at most once per occasion and local day, and only after the rest the flow grants. Who is kept
    out gets a receipt. Joins the caller's transaction; entries into one flow wait for each other.
    """
    with one_transaction():
        FlowRow.objects.select_for_update(no_key=True).get(id=live.flow_id)
        people = _as_people(arrivals)
        kept_out = _kept_out(live, people, at)
        let_in = [arrival for arrival in people if arrival.customer_id not in kept_out]
        record_receipts(
            [
                NewReceipt(live.flow_id, None, customer_id, ENTRANCE, "not let in", reason)
                for customer_id, reason in kept_out.items()
            ],
            at=at,
        )
        return _store(live, let_in, occasion=occasion, at=at) if let_in else 0


def _as_people(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Return arrivals under their person's root id, one each."""
    roots = shop.root_of([CustomerId(arrival.customer_id) for arrival in arrivals])
    return first_of_each(
        Arrival(roots.get(CustomerId(arrival.customer_id), arrival.customer_id), arrival.entered_at)
        for arrival in arrivals
    )


def _kept_out(live: LiveFlow, people: Sequence[Arrival], at: datetime) -> dict[int, Mapping[str, object]]:
    """Return who may not come in, and why."""
    ids = [person.customer_id for person in people]
    with raw_cursor() as cursor:
        cursor.execute(_LAST_ENTRIES, (live.flow_id, ids))
        last_entries = dict(cursor.fetchall())
    known = known_of(ids, needs_of(live.flow.filters), at=at)
    entered_at = {person.customer_id: person.entered_at for person in people}
    bought, told = bought_since(entered_at), told_since(entered_at)
    again_after = length_of(live.flow.again_after)
    kept_out: dict[int, Mapping[str, object]] = {}
    for person in people:
        last = last_entries.get(person.customer_id)
        if last is not None and not rested(person.entered_at, last, again_after=again_after):
            kept_out[person.customer_id] = {"because": "was in this flow before", "at": last.isoformat()}
        elif person.customer_id in told:
            kept_out[person.customer_id] = {"because": "is history", "told_at": told[person.customer_id].isoformat()}
        elif person.customer_id in bought:
            kept_out[person.customer_id] = {
                "because": "has ordered since",
                "at": bought[person.customer_id].isoformat(),
            }
        elif failed := _failed_filter(live, known.get(person.customer_id, Known())):
            kept_out[person.customer_id] = {"because": f"does not hold: {failed}"}
    return kept_out


def _failed_filter(live: LiveFlow, known: Known) -> str | None:
    failed = next((condition for condition in live.flow.filters if not holds(condition, known)), None)
    return None if failed is None else sentence_of(failed)


def _store(live: LiveFlow, people: Sequence[Arrival], *, occasion: str, at: datetime) -> int:
    tz = zone(shop.shop_settings().time_zone)
    program = program_from(live.source_yaml)
    arms = experiments.expose_many(
        experiment_key(live.flow.key),
        [CustomerId(person.customer_id) for person in people],
        holdout_percent=live.flow.holdout.percent,
        salt=live.flow.holdout.salt,
        at=at,
    )
    rows = [
        {
            "customer_id": person.customer_id,
            "occurrence_key": occurrence_key(occasion, local_date(person.entered_at, tz)),
            "arm": arms[CustomerId(person.customer_id)],
            "entered_at": person.entered_at,
        }
        for person in people
    ]
    with raw_cursor() as cursor:
        cursor.execute(_ENROL, _parameters(live, program, rows, at))
        enrolled = cursor.fetchall()
    _tell(live, enrolled, occasion=occasion, at=at)
    return len(enrolled)


def _parameters(
    live: LiveFlow, program: Program, rows: Sequence[Mapping[str, object]], at: datetime
) -> dict[str, object]:
    return {
        "flow_id": live.flow_id,
        "version_id": live.version_id,
        "entry": program.entry,
        "at": at,
        "goal_window": program.goal_window,
        "rows": msgspec.json.encode(rows).decode(),
    }


def _tell(
    live: LiveFlow, enrolled: Sequence[tuple[int, int, str, str, datetime]], *, occasion: str, at: datetime
) -> None:
    record_receipts(
        [
            NewReceipt(
                live.flow_id,
                enrolment_id,
                customer_id,
                ENTRANCE,
                "enrolled",
                {"because": occasion, "arm": arm, "version": live.version, "entered_at": entered_at.isoformat()},
            )
            for enrolment_id, customer_id, _key, arm, entered_at in enrolled
        ],
        at=at,
    )
    append_events(
        [
            journey_fact(
                "enrolled",
                flow=live.flow.key,
                version=live.version,
                enrolment_id=enrolment_id,
                customer_id=customer_id,
                occurrence_key=key,
                occurred_at=entered_at,
                details={"arm": arm},
            )
            for enrolment_id, customer_id, key, arm, entered_at in enrolled
        ],
        at=at,
    )
