"""Purchases with the gap before each: the base of every model here, and the only place where time is cut.

Logarithms are kept as whole numbers (ten-thousandths), so that sums do not depend on the order of rows: an incremental
refresh, a full one, DuckDB and Spark add up to the same number.
"""

import ibis
import ibis.expr.types as ir

from kembali.insight.instants import Instant, month_index, scalar

LOG_SCALE = 10_000


def known_before(purchases: ir.Table, *, as_of: Instant) -> ir.Table:
    """Return the purchases placed before `as_of` (exclusive)."""
    return purchases.filter(purchases.placed_at < scalar(as_of))


def with_gaps(purchases: ir.Table) -> ir.Table:
    """One row per purchase with the gap, in shop-zone days, that it ended.

    Purchases on one day are one occasion: the second has no gap (null), like the customer's first ever.

    Returns: customer_id int64, placed_at timestamp UTC, placed_on date, net_minor int64, margin_minor int64,
        previous_on date null: day of the purchase before;
        log_gap int64 null: ln(days since) in ten-thousandths;
        earlier_log_gap int64 null: the same of the purchase before, null unless that one ended a gap too;
        is_second bool: this is the customer's second purchase.
    """
    ordered = ibis.window(group_by="customer_id", order_by="placed_at")
    lagged = purchases.select(
        "customer_id",
        "placed_at",
        "placed_on",
        "net_minor",
        "margin_minor",
        previous_on=purchases.placed_on.lag(1).over(ordered),
        before_previous_on=purchases.placed_on.lag(2).over(ordered),
    )
    return lagged.select(
        "customer_id",
        "placed_at",
        "placed_on",
        "net_minor",
        "margin_minor",
        "previous_on",
        log_gap=_log_days(lagged.previous_on, lagged.placed_on),
        earlier_log_gap=_log_days(lagged.before_previous_on, lagged.previous_on),
        is_second=lagged.previous_on.notnull() & lagged.before_previous_on.isnull(),
    )


def with_running_gaps(gaps: ir.Table) -> ir.Table:
    """Add to `with_gaps` what was known of the customer's gaps after each purchase, and when the next one came.

    Returns: the columns of `with_gaps` and month int64, gap_count, log_sum, log_square_sum, orders_so_far int64,
        next_placed_at timestamp UTC null.
    """
    so_far = ibis.window(group_by="customer_id", order_by="placed_at", preceding=None, following=0)
    ordered = ibis.window(group_by="customer_id", order_by="placed_at")
    return gaps.mutate(
        month=month_index(gaps.placed_on),
        gap_count=gaps.log_gap.count().over(so_far).cast("int64"),
        log_sum=ibis.coalesce(gaps.log_gap.sum().over(so_far), 0).cast("int64"),
        log_square_sum=ibis.coalesce((gaps.log_gap * gaps.log_gap).sum().over(so_far), 0).cast("int64"),
        orders_so_far=gaps.count().over(so_far).cast("int64"),
        next_placed_at=gaps.placed_at.lead().over(ordered),
    )


def per_customer(gaps: ir.Table) -> ir.Table:
    """One row per customer: what all their purchases add up to, and their gaps after the last one.

    gaps: as `with_gaps` gives them.
    Returns: customer_id, first_order_at, last_order_at, first_on, last_on date, month int64 (of last_on), order_count,
        net_minor, margin_minor, gap_count, log_sum, log_square_sum int64.
    """
    summed = gaps.group_by("customer_id").aggregate(
        first_order_at=gaps.placed_at.min(),
        last_order_at=gaps.placed_at.max(),
        first_on=gaps.placed_on.min(),
        last_on=gaps.placed_on.max(),
        order_count=gaps.count().cast("int64"),
        net_minor=gaps.net_minor.sum().cast("int64"),
        margin_minor=gaps.margin_minor.sum().cast("int64"),
        gap_count=gaps.log_gap.count().cast("int64"),
        log_sum=ibis.coalesce(gaps.log_gap.sum(), 0).cast("int64"),
        log_square_sum=ibis.coalesce((gaps.log_gap * gaps.log_gap).sum(), 0).cast("int64"),
    )
    return summed.mutate(month=month_index(summed.last_on))


def _log_days(earlier: ir.DateValue, later: ir.DateValue) -> ir.IntegerValue:
    """Return ln(days between) in ten-thousandths, null unless at least one day lies between."""
    days = later.delta(earlier, unit="day").cast("float64")
    return (days.nullif(0.0).abs().ln() * LOG_SCALE).round().cast("int64")
