"""What facts start: fresh ones only, so that history never triggers."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from kembali.collect import api as collect
from kembali.journeys.contracts.flow import Entered, Happened
from kembali.journeys.queries.programs import LiveFlow, live_flows
from kembali.journeys.rules.lengths import length_of
from kembali.journeys.rules.triggering import Arrival, is_fresh
from kembali.journeys.services.enrolling import enrol_many
from kembali.journeys.services.orders import paid_at, record_orders
from kembali.shop import api as shop

KINDS = frozenset({"segment.entered", "order.version", "consent.given", "customer.profile"})
_NO_WINDOW = timedelta(0)


class _Told(msgspec.Struct, frozen=True):
    """A file tells of it, as of no date of its own: its occurrence is the import's."""

    from_file: bool = False


class _SegmentEntered(msgspec.Struct, frozen=True):
    segment: str


def handle(facts: Sequence[collect.Fact], at: datetime) -> None:
    """Record what orders mean to those inside, then let in whom these facts call for.

    Both by one consumer, one batch after the other: whoever bought after the trigger's instant is found inside or kept
    out, in whichever order the two facts arrive.
    """
    flows = live_flows()
    widest = max((length_of(live.flow.trigger.window) for live in flows), default=_NO_WINDOW)
    record_orders([fact for fact in facts if fact.kind == "order.version"], widest=widest, at=at)
    for live in flows:
        trigger = live.flow.trigger
        window = length_of(trigger.window)
        fresh = [fact for fact in facts if is_fresh(fact.occurred_at, live_since=live.live_since, window=window, at=at)]
        arrivals = _entered(fresh, trigger) if isinstance(trigger, Entered) else _happened(fresh, trigger, at)
        if arrivals:
            enrol_many(live, arrivals, occasion=occasion_of(live), at=at)


def occasion_of(live: LiveFlow) -> str:
    """Return what people enter for, as the occurrence key and the receipt name it."""
    trigger = live.flow.trigger
    return f"entered {trigger.segment}" if isinstance(trigger, Entered) else trigger.kind


def _entered(facts: Sequence[collect.Fact], trigger: Entered) -> list[Arrival]:
    return [
        Arrival(int(fact.identifiers["customer_id"]), fact.occurred_at)
        for fact in facts
        if fact.kind == "segment.entered" and fact.decode(_SegmentEntered).segment == trigger.segment
    ]


def _happened(facts: Sequence[collect.Fact], trigger: Happened, at: datetime) -> list[Arrival]:
    wanted = [fact for fact in facts if fact.kind == trigger.kind and not fact.decode(_Told).from_file]
    if trigger.kind == "order.version":
        wanted = [fact for fact in wanted if paid_at(fact) is not None]
    customers = shop.resolve_customers([fact.identifiers for fact in wanted], at=at) if wanted else []
    return [
        Arrival(customer_id, fact.occurred_at)
        for fact, customer_id in zip(wanted, customers, strict=True)
        if customer_id is not None
    ]
