"""Who a flow's trigger would have called for in the past, in one pass."""

from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from kembali.insight import api as insight
from kembali.journeys.contracts.flow import Flow, Happened
from kembali.journeys.errors import ReplayNotPossible
from kembali.journeys.replay.outcomes import bought_within, micros
from kembali.kernel.ids import SegmentKey
from kembali.segments import api as segments


def arrivals(
    flow: Flow, purchases: ir.Table, *, start: datetime, end: datetime, rule: segments.Rule | None
) -> pa.Table:
    """One row per time the trigger fired in (start, end), by (entered_at, customer_id).

    Returns: customer_id int64, entered_at timestamp(us, UTC).

    Raises:
        ReplayNotPossible: the trigger or a filter rests on more than purchases.
    """
    if flow.filters:
        raise ReplayNotPossible(
            f"The flow {flow.key} has filters, and what they ask is not kept for every past instant.",
            hint="Replay it without filters.",
        )
    trigger = flow.trigger
    if isinstance(trigger, Happened):
        if trigger.kind != "order.version":
            raise ReplayNotPossible(f"Facts of the kind {trigger.kind} cannot be replayed.")
        rows = purchases.select("customer_id", entered_at=purchases.placed_at)
    else:
        asked = segments.find_segment(SegmentKey(trigger.segment)).rule if rule is None else rule
        crossed = insight.crossings(purchases, start=start, end=end, min_orders=_least_orders(asked, trigger.segment))
        rows = crossed.rename(entered_at="crossed_at")
    first, last = (ibis.literal(instant, type="timestamp('UTC')") for instant in (start, end))
    rows = rows.filter(rows.entered_at > first, rows.entered_at < last)
    found: pa.Table = rows.select("customer_id", "entered_at").order_by("entered_at", "customer_id").to_pyarrow()
    return found


def _least_orders(rule: segments.Rule, segment: str) -> int:
    """Return N of a rule “at least N orders, and the own rhythm is over” (and hope is not yet gone, which comes later).

    Raises:
        ReplayNotPossible: the rule is another one.
    """
    parts = rule.of if isinstance(rule, segments.AllOf) else (rule,)
    least_orders = 1
    for part in parts:
        match part:
            case segments.Compare(attribute="order_count", op=">=", value=int(value)):
                least_orders = max(least_orders, value)
            case segments.Passed(attribute="idle_from", plus_days=0):
                pass
            case segments.Not(that=segments.Passed(attribute="lost_from", plus_days=0)):
                pass
            case _:
                raise ReplayNotPossible(
                    f"Entering the segment {segment} cannot be found in past purchases yet: {part}."
                )
    if segments.Passed(attribute="idle_from") not in parts:
        raise ReplayNotPossible(f"The segment {segment} is not about a rhythm that ends.")
    return least_orders


def still_there(
    found: pa.Table, purchases: pa.Table, *, start: datetime, every: timedelta, window: timedelta
) -> pa.Table:
    """Keep the arrivals that rounds at `start + n · every` would have seen.

    A round sees a person who has not bought since, and whose arrival is younger than the trigger's window.
    """
    entered_us = micros(found["entered_at"])
    start_us = round(start.timestamp() * 1_000_000)
    every_us = every // timedelta(microseconds=1)
    round_us = start_us + -((start_us - entered_us) // every_us) * every_us
    in_time = round_us - entered_us < window // timedelta(microseconds=1)
    # (entered, round): a purchase at the very instant of the round is not yet seen by it.
    since = bought_within(found["customer_id"].to_numpy(), entered_us, round_us - 1, purchases)
    return found.filter(pa.array(in_time & (since.count == 0)))
