"""How many come back: repeat rate, time to the second order, share ordering again within some days.

Shares carry Wilson's 95 % interval (*Journal of the American Statistical Association* 22, 1927), which holds for small
groups and for shares near 0 and 1.
"""

from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir

from kembali.insight.gaps import known_before, per_customer, with_gaps
from kembali.insight.instants import epoch_seconds, month_index

Z_95 = 1.959963984540054
_DAY_S = 86_400


def repeat_rate(purchases: ir.Table, *, as_of: datetime, window_days: int) -> ir.Table:
    """One row: of the customers who bought in the `window_days` before `as_of`, the share that had bought before.

    "Before" means any earlier purchase, in the window or not. Returns: customer_count, repeat_count int64, share,
        share_low, share_high float64 (null without customers).
    """
    return repeat_rate_of(per_customer(with_gaps(known_before(purchases, as_of=as_of))), as_of, window_days)


def repeat_rate_of(customers: ir.Table, as_of: datetime, window_days: int) -> ir.Table:
    """The same from `gaps.per_customer`."""
    start = ibis.literal(as_of - timedelta(days=window_days), type="timestamp('UTC')")
    recent = customers.filter(customers.last_order_at >= start)
    return _with_share(
        recent.aggregate(
            customer_count=recent.count().cast("int64"),
            repeat_count=ibis.coalesce((recent.order_count > 1).cast("int64").sum(), 0).cast("int64"),
        )
    )


def again_within(purchases: ir.Table, *, as_of: datetime, days: int) -> ir.Table:
    """One row per first-purchase month: who ordered a second time within `days` of the first.

    Only customers whose `days` are over by `as_of` count, so a young month is small rather than wrong.
    Returns: cohort_month int64 (months since year 0), customer_count, repeat_count int64, share, share_low, share_high.
    """
    gaps = with_gaps(known_before(purchases, as_of=as_of))
    return again_within_of(second_orders(gaps, per_customer(gaps)), as_of, days)


def again_within_of(seconds: ir.Table, as_of: datetime, days: int) -> ir.Table:
    """The same from `second_orders`."""
    end = ibis.literal(as_of - timedelta(days=days), type="timestamp('UTC')")
    mature = seconds.filter(seconds.first_order_at <= end)
    in_time = ibis.coalesce(mature.wait_s <= days * _DAY_S, False)
    return _with_share(
        mature.group_by("cohort_month").aggregate(
            customer_count=mature.count().cast("int64"), repeat_count=in_time.cast("int64").sum().cast("int64")
        )
    )


def time_to_second(purchases: ir.Table, *, as_of: datetime) -> ir.Table:
    """One row: how long customers who came back took to their second order.

    Those who have not come back (yet) are not in the days; their number is.
    Returns: customer_count, repeat_count int64, days_25, days_50, days_75 float64 (null without a second order).
    """
    gaps = with_gaps(known_before(purchases, as_of=as_of))
    return time_to_second_of(second_orders(gaps, per_customer(gaps)))


def time_to_second_of(seconds: ir.Table) -> ir.Table:
    """The same from `second_orders`."""
    days = seconds.wait_s.cast("float64") / _DAY_S
    return seconds.aggregate(
        customer_count=seconds.count().cast("int64"),
        repeat_count=seconds.wait_s.count().cast("int64"),
        days_25=days.quantile(0.25),
        days_50=days.quantile(0.5),
        days_75=days.quantile(0.75),
    )


def second_orders(gaps: ir.Table, customers: ir.Table) -> ir.Table:
    """One row per customer: cohort_month int64, first_order_at, wait_s int64 null (seconds to the second order)."""
    second = gaps.filter(gaps.is_second).select("customer_id", second_at="placed_at")
    t = customers.join(second, "customer_id", how="left")
    return t.select(
        "customer_id",
        "first_order_at",
        cohort_month=month_index(t.first_on),
        wait_s=epoch_seconds(t.second_at) - epoch_seconds(t.first_order_at),
    )


def _with_share(t: ir.Table) -> ir.Table:
    n = t.customer_count.cast("float64").nullif(0.0)
    share = t.repeat_count / n
    centre = (share + Z_95**2 / (2 * n)) / (1 + Z_95**2 / n)
    half = (Z_95 / (1 + Z_95**2 / n)) * (share * (1 - share) / n + Z_95**2 / (4 * n * n)).sqrt()
    return t.mutate(share=share, share_low=centre - half, share_high=centre + half)
