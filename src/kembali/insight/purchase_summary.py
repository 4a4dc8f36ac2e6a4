"""What each customer has bought so far, in one row."""

from datetime import datetime

import ibis.expr.types as ir

from kembali.insight.gaps import known_before


def purchase_summary(purchases: ir.Table, *, as_of: datetime) -> ir.Table:
    """One row per customer with a purchase before `as_of` (exclusive).

    purchases: customer_id int64, placed_at timestamp UTC, placed_on date (shop zone), net_minor, margin_minor int64.
    Returns: customer_id int64, first_order_at, last_order_at timestamp UTC, last_on date, order_count int64, net_minor,
        margin_minor int64, aov_minor int64 (average order value, half away from zero).
    """
    known = known_before(purchases, as_of=as_of)
    summed = known.group_by("customer_id").aggregate(
        first_order_at=known.placed_at.min(),
        last_order_at=known.placed_at.max(),
        last_on=known.placed_on.max(),
        order_count=known.count().cast("int64"),
        net_minor=known.net_minor.sum().cast("int64"),
        margin_minor=known.margin_minor.sum().cast("int64"),
    )
    return summed.mutate(aov_minor=average_minor(summed.net_minor, summed.order_count))


def average_minor(total_minor: ir.IntegerValue, count: ir.IntegerValue) -> ir.IntegerValue:
    """Return total/count in whole minor units, half away from zero."""
    return (total_minor.cast("float64") / count.cast("float64")).round().cast("int64")
