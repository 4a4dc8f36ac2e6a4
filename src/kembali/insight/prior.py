"""The shop's usual gap between purchases, as it was known at the start of each local month.

Log gaps y_ij = mu_i + e_ij, mu_i ~ N(mu, between^2), e_ij ~ N(0, within^2). From gaps that *ended* before the month:

    mu = mean of customers' first gaps            total^2 = variance of customers' first gaps
    within^2 = sum of (y_j - y_(j-1))^2 / 2 pairs between^2 = total^2 - within^2

The within estimate is von Neumann's mean square successive difference (*Annals of Mathematical Statistics* 12, 1941):
slow drift of one customer's habit does not count as irregularity, and a frequent buyer does not set the shop's mean.
Each estimate is blended with a preset and rounded to two decimals, so that one late order does not shift everyone's
dates by seconds. The preset weighs as much as `PRESET_WEIGHT` customers or pairs; in a shop's first `YOUNG_MONTHS` it
weighs at least the missing share of them times all that is known: a gap is seen only when it is over, so a young shop
has seen its short ones.

All of it is sums of whole numbers over gaps: months add up, and a changed customer's share comes out again exactly.
"""

import math

import ibis
import ibis.expr.types as ir

from kembali.insight.gaps import LOG_SCALE
from kembali.insight.instants import month_index

PRESET_WEIGHT = 30
YOUNG_MONTHS = 12
PRESET_LOG_MEAN = round(math.log(60), 2)
PRESET_WITHIN_VARIANCE = 0.64
PRESET_BETWEEN_VARIANCE = 0.36
LEAST_VARIANCE = 0.01

SUM_COLUMNS = ("first_count", "first_sum", "first_square_sum", "pair_count", "pair_square_sum")


def month_sums(gaps: ir.Table) -> ir.Table:
    """One row per month in which a gap ended: what its gaps add to the sums of the estimate.

    gaps: as `gaps.with_gaps` gives them.
    Returns: month int64 (see `instants.month_index`) and the int64 columns of `SUM_COLUMNS`: number, sum and sum of
        squares of customers' first gaps, number and sum of squared differences of successive gaps (logs in
        ten-thousandths).
    """
    ended = gaps.filter(gaps.log_gap.notnull())
    ended = ended.select(
        month=month_index(ended.placed_on),
        first=ibis.ifelse(ended.is_second, ended.log_gap, ibis.null("int64")),
        step=ended.log_gap - ended.earlier_log_gap,
    )
    return ended.group_by("month").aggregate(
        first_count=ended["first"].count().cast("int64"),
        first_sum=ibis.coalesce(ended["first"].sum(), 0).cast("int64"),
        first_square_sum=ibis.coalesce((ended["first"] * ended["first"]).sum(), 0).cast("int64"),
        pair_count=ended.step.count().cast("int64"),
        pair_square_sum=ibis.coalesce((ended.step * ended.step).sum(), 0).cast("int64"),
    )


def priors(sums: ir.Table, months: ir.Table) -> ir.Table:
    """One row per month asked for: the shop's gap prior as known when that month began.

    sums: as `month_sums` gives them. months: month int64, distinct.
    Returns: month int64, log_mean, within_variance, between_variance float64 (natural logs of days).
    """
    gaps = sums.rename(gap_month="month")
    earlier = months.join(gaps, months.month > gaps.gap_month, how="left")
    known = earlier.group_by("month").aggregate(
        since_month=ibis.coalesce(earlier.gap_month.min(), earlier.month.min()),
        **{name: ibis.coalesce(earlier[name].sum(), 0).cast("float64") for name in SUM_COLUMNS},
    )
    known = known.mutate(unseen=ibis.greatest(1.0 - (known.month - known.since_month) / float(YOUNG_MONTHS), 0.0))
    count, pairs = known.first_count, known.pair_count
    mean = known.first_sum / LOG_SCALE / ibis.greatest(count, 1.0)
    total = known.first_square_sum / LOG_SCALE**2 / ibis.greatest(count, 1.0) - mean * mean
    seen_within = known.pair_square_sum / LOG_SCALE**2 / 2 / ibis.greatest(pairs, 1.0)
    within = _blended(seen_within, pairs, known.unseen, PRESET_WITHIN_VARIANCE)
    between = _blended(ibis.greatest(total - seen_within, 0.0), count, known.unseen, PRESET_BETWEEN_VARIANCE)
    return known.select(
        "month",
        log_mean=_blended(mean, count, known.unseen, PRESET_LOG_MEAN).round(2),
        within_variance=ibis.greatest(within, LEAST_VARIANCE).round(2),
        between_variance=ibis.greatest(between, LEAST_VARIANCE).round(2),
    )


def _blended(
    seen: ir.FloatingValue, count: ir.FloatingValue, unseen: ir.FloatingValue, preset: float
) -> ir.FloatingValue:
    """Return `seen`, known from `count` rows, drawn to the preset."""
    weight = ibis.greatest(count * unseen, float(PRESET_WEIGHT))
    return (seen * count + preset * weight) / (count + weight)
