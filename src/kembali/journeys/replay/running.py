"""Run a flow over the past: nothing is sent or written, no clock is read."""

from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from kembali.experiments import api as experiments
from kembali.journeys.contracts.flow import Flow
from kembali.journeys.replay.arriving import arrivals, still_there
from kembali.journeys.replay.outcomes import micros, with_outcomes
from kembali.journeys.replay.result import ReplayResult
from kembali.journeys.rules.lengths import length_of
from kembali.journeys.rules.triggering import Arrival, in_turn
from kembali.kernel.ids import CustomerId
from kembali.segments import api as segments


def replay(
    flow: Flow,
    purchases: ir.Table,
    *,
    start: datetime,
    end: datetime,
    data_until: datetime | None = None,
    every: timedelta | None = None,
    rule: segments.Rule | None = None,
    salt: str | None = None,
    holdout_percent: int | None = None,
) -> ReplayResult:
    """Return who would have entered the flow, launched at `start`, before `end`, and what they did anyway.

    Same as going round by round with refresh and enrolment; each person enters on what was known at that instant.
    Orders count as they are known today: a refund that came later is already taken off.

    Args:
        purchases: customer_id int64, placed_at timestamp UTC, placed_on date, net_minor, margin_minor int64: the lake's
            table or any other Ibis table of that shape.
        data_until: up to when the purchases are complete; None = the last purchase. Who has no full goal window by
            then is told apart.
        every: time between rounds, the first at `start`; None = at every instant. A shop that looks once a day never
            sees who crosses in the morning and buys at noon.
        rule: the trigger's segment as a rule; None = as the shop has it today.
        salt, holdout_percent: other than the flow's own.

    Raises:
        ReplayNotPossible: the trigger or a filter rests on more than purchases.
    """
    found = arrivals(flow, purchases, start=start, end=end, rule=rule)
    window = length_of(flow.goal.ordered_within)
    bought = _bought_after(purchases, start)
    if every is not None:
        trigger_window = length_of(flow.trigger.window)
        found = still_there(found, bought, start=start, every=every, window=trigger_window)
    enrolled = _in_turn(found, again_after=length_of(flow.again_after))
    with_arms = enrolled.append_column("arm", _arms(enrolled, flow, salt, holdout_percent))
    known_until = data_until or max(bought["placed_at"].to_pylist(), default=end)
    is_full = micros(enrolled["entered_at"]) + window // timedelta(microseconds=1) <= round(
        known_until.timestamp() * 1_000_000
    )
    measured = with_outcomes(with_arms, bought, window=window)
    return ReplayResult(
        flow=flow.key,
        start=start,
        end=end,
        data_until=known_until,
        outcomes=measured.filter(pa.array(is_full)),
        cut_off=measured.filter(pa.array(~is_full)),
        turned_away=found.num_rows - enrolled.num_rows,
    )


def _bought_after(purchases: ir.Table, start: datetime) -> pa.Table:
    later = purchases.filter(purchases.placed_at > ibis.literal(start, type="timestamp('UTC')"))
    bought: pa.Table = later.select("customer_id", "placed_at", "net_minor", "margin_minor").to_pyarrow()
    return bought


def _in_turn(found: pa.Table, *, again_after: timedelta) -> pa.Table:
    rows = zip(found["customer_id"].to_pylist(), found["entered_at"].to_pylist(), strict=True)
    kept = list(in_turn([Arrival(customer_id, at) for customer_id, at in rows], again_after=again_after))
    return pa.table(
        {
            "customer_id": pa.array([arrival.customer_id for arrival in kept], pa.int64()),
            "entered_at": pa.array([arrival.entered_at for arrival in kept], pa.timestamp("us", "UTC")),
        }
    )


def _arms(enrolled: pa.Table, flow: Flow, salt: str | None, holdout_percent: int | None) -> pa.Array:
    percent = flow.holdout.percent if holdout_percent is None else holdout_percent
    chosen = flow.holdout.salt if salt is None else salt
    return pa.array(
        [experiments.arm_of(chosen, CustomerId(each), percent) for each in enrolled["customer_id"].to_pylist()],
        pa.string(),
    )
