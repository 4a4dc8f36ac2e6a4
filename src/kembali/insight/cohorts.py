"""Cohorts: of those who first bought in a month, how many bought again in each later month."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from kembali.insight.gaps import known_before, per_customer, with_gaps
from kembali.insight.instants import month_index


def cohorts(purchases: ir.Table, *, as_of: datetime) -> ir.Table:
    """One row per first-purchase month and month since in which the shop sold anything, up to `as_of` (exclusive).

    purchases: customer_id int64, placed_at timestamp UTC, placed_on date (shop zone), net_minor, margin_minor int64.
    Returns: cohort_month int64 (months since year 0), months_later int64 (0 = first month), customer_count int64 (size
        of the cohort), returned_count int64 (of them, who ordered in that month), share float64. The last month is as
        complete as `as_of` lets it be.
    """
    gaps = with_gaps(known_before(purchases, as_of=as_of))
    return cohorts_of(gaps, per_customer(gaps))


def cohorts_of(gaps: ir.Table, customers: ir.Table) -> ir.Table:
    """The same from tables already at hand (`gaps.with_gaps`, `gaps.per_customer`)."""
    firsts = customers.select("customer_id", cohort_month=month_index(customers.first_on))
    sizes = firsts.group_by("cohort_month").aggregate(customer_count=firsts.count().cast("int64"))
    months = gaps.select(month=month_index(gaps.placed_on)).distinct()
    active = gaps.select(
        "customer_id", month=month_index(gaps.placed_on), previous_month=month_index(gaps.previous_on)
    ).filter(lambda t: t.previous_month.isnull() | (t.previous_month < t.month))
    active = active.join(firsts, "customer_id")
    counted = active.group_by("cohort_month", "month").aggregate(returned_count=active.count().cast("int64"))
    grid = sizes.join(months, months.month >= sizes.cohort_month)
    filled = grid.join(counted, ["cohort_month", "month"], how="left")
    filled = filled.mutate(returned_count=ibis.coalesce(filled.returned_count, 0))
    return filled.select(
        "cohort_month",
        "customer_count",
        "returned_count",
        months_later=filled.month - filled.cohort_month,
        share=filled.returned_count / filled.customer_count.cast("float64"),
    )
