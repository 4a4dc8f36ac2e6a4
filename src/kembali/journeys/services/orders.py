"""What orders mean: goals are reached and flows left at the instant of the order, however late it is told.

An order counts for everyone who entered before it was placed, also when they have left since.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from kembali.collect import api as collect
from kembali.infra.database import raw_cursor
from kembali.journeys.queries.programs import programs_of
from kembali.journeys.services.lately import Told, remember
from kembali.journeys.services.leaving import Leaving, end_many
from kembali.journeys.services.receipts import NewReceipt, append_events, journey_fact, record_receipts
from kembali.shop import api as shop

ORDERED = "ordered"
"""Why a person left who bought."""


class _Totals(msgspec.Struct, frozen=True):
    total_minor: int
    refunded_minor: int | None = None


class _Order(msgspec.Struct, frozen=True):
    order_ref: str
    placed_at: datetime
    totals: _Totals
    type: str = "order"
    status: str = "paid"


@dataclass(frozen=True, slots=True)
class _Hit:
    """An enrolment and the first order after it entered."""

    enrolment_id: int
    flow_id: int
    version_id: int
    customer_id: int
    occurrence_key: str
    state: str
    step: str | None
    goal_until_at: datetime
    goal_reached_at: datetime | None
    placed_at: datetime
    order_ref: str


_OLDEST = "SELECT min(entered_at) FROM journeys_enrolment WHERE state <> 'ended' OR goal_until_at > %s"
# Only enrolments for which this order is earlier than any they are known to have placed: a repeat changes nothing.
_HITS = """
SELECT e.id, e.flow_id, e.version_id, e.customer_id, e.occurrence_key, e.state, e.step, e.goal_until_at,
       e.goal_reached_at, b.placed_at, b.order_ref
FROM json_to_recordset(%s::json) AS b (root_id bigint, placed_at timestamptz, order_ref text)
JOIN journeys_enrolment e ON e.root_id = b.root_id AND b.placed_at > e.entered_at
    AND (e.ordered_at IS NULL OR b.placed_at < e.ordered_at)
ORDER BY e.id, b.placed_at
FOR NO KEY UPDATE OF e
"""
_ORDERED = """
UPDATE journeys_enrolment e
SET ordered_at = b.placed_at,
    goal_reached_at = CASE WHEN b.placed_at <= e.goal_until_at THEN b.placed_at ELSE e.goal_reached_at END
FROM json_to_recordset(%s::json) AS b (id bigint, placed_at timestamptz)
WHERE e.id = b.id
"""


def paid_at(fact: collect.Fact) -> datetime | None:
    """Return when the order of an `order.version` was placed; None when it is no purchase."""
    order = fact.decode(_Order)
    return order.placed_at if _is_purchase(order) else None


def record_orders(facts: Sequence[collect.Fact], *, widest: timedelta, at: datetime) -> None:
    """Record what these orders mean to people inside a flow or within their goal's time, and to triggers to come.

    Args:
        facts: any number of `order.version`.
        widest: the widest window of a live trigger; zero when no flow is live.
    """
    orders = [(fact, fact.decode(_Order)) for fact in facts]
    if not orders:
        return
    # With no flow live, years of history end here, before anything is looked up.
    oldest = None if widest else _oldest_entry(min(order.placed_at for _, order in orders), at)
    wanted = [(fact, order) for fact, order in orders if oldest is None or order.placed_at > oldest]
    if not wanted:
        return
    told = _told(wanted, at)
    if widest:
        remember(told, widest=widest, at=at)
    if hits := _first_orders([order for order in told if order.is_purchase]):
        _record(hits, at)


def _oldest_entry(placed_at: datetime, at: datetime) -> datetime:
    with raw_cursor() as cursor:
        cursor.execute(_OLDEST, (placed_at,))
        oldest: datetime | None = cursor.fetchall()[0][0]
        return oldest or at


def _is_purchase(order: _Order) -> bool:
    left_minor = order.totals.total_minor - (order.totals.refunded_minor or 0)
    return order.type == "order" and order.status == "paid" and left_minor > 0


def _told(orders: Sequence[tuple[collect.Fact, _Order]], at: datetime) -> list[Told]:
    customers = shop.resolve_customers([fact.identifiers for fact, _ in orders], at=at)
    roots = shop.root_of([customer_id for customer_id in customers if customer_id is not None])
    return [
        Told(
            roots.get(customer_id, customer_id),
            order.order_ref,
            order.placed_at,
            fact.received_at,
            _is_purchase(order),
        )
        for (fact, order), customer_id in zip(orders, customers, strict=True)
        if customer_id is not None
    ]


def _first_orders(purchases: Sequence[Told]) -> list[_Hit]:
    rows = [{"root_id": each.root_id, "placed_at": each.placed_at, "order_ref": each.order_ref} for each in purchases]
    with raw_cursor() as cursor:
        cursor.execute(_HITS, (msgspec.json.encode(rows).decode(),))
        hits = [_Hit(*row) for row in cursor.fetchall()]
    earliest: dict[int, _Hit] = {}
    for hit in hits:
        earliest.setdefault(hit.enrolment_id, hit)
    return list(earliest.values())


def _record(hits: Sequence[_Hit], at: datetime) -> None:
    with raw_cursor() as cursor:
        rows = [{"id": hit.enrolment_id, "placed_at": hit.placed_at} for hit in hits]
        cursor.execute(_ORDERED, (msgspec.json.encode(rows).decode(),))
    programs = programs_of([hit.version_id for hit in hits])
    reached = [hit for hit in hits if hit.goal_reached_at is None and hit.placed_at <= hit.goal_until_at]
    _tell_goals(reached, {key: (p.flow_key, p.version) for key, p in programs.items()}, at)
    end_many(
        [
            Leaving(hit.enrolment_id, ORDERED, hit.placed_at, {"order_ref": hit.order_ref})
            for hit in hits
            if hit.state != "ended" and programs[hit.version_id].program.exits_when_ordered
        ],
        at=at,
    )


def _tell_goals(hits: Iterable[_Hit], versions: dict[int, tuple[str, int]], at: datetime) -> None:
    hits = list(hits)
    record_receipts(
        [
            NewReceipt(
                hit.flow_id,
                hit.enrolment_id,
                hit.customer_id,
                hit.step or "after",
                "goal reached",
                {"order_ref": hit.order_ref, "ordered_at": hit.placed_at.isoformat()},
            )
            for hit in hits
        ],
        at=at,
    )
    append_events(
        [
            journey_fact(
                "goal_reached",
                flow=versions[hit.version_id][0],
                version=versions[hit.version_id][1],
                enrolment_id=hit.enrolment_id,
                customer_id=hit.customer_id,
                occurrence_key=hit.occurrence_key,
                occurred_at=hit.placed_at,
                details={"order_ref": hit.order_ref},
            )
            for hit in hits
        ],
        at=at,
    )
