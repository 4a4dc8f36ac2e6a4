"""The trait row of every customer from what the other models found."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from kembali.insight.contracts import MODEL_VERSION, TRAIT_COLUMNS
from kembali.insight.gaps import known_before, per_customer, with_gaps
from kembali.insight.instants import Instant, scalar
from kembali.insight.prior import month_sums, priors
from kembali.insight.purchase_summary import average_minor
from kembali.insight.rfm import breakpoints, rfm
from kembali.insight.rhythm import with_rhythm


def traits(purchases: ir.Table, *, as_of: datetime) -> ir.Table:
    """One row per customer with a purchase before `as_of` (exclusive): the columns of `contracts.TRAIT_COLUMNS`.

    purchases: customer_id int64, placed_at timestamp UTC, placed_on date (shop zone), net_minor, margin_minor int64.
    """
    gaps = with_gaps(known_before(purchases, as_of=as_of))
    customers = per_customer(gaps)
    prior = priors(month_sums(gaps), customers.select("month").distinct())
    return traits_of(customers, prior, breakpoints(customers), as_of=as_of)


def traits_of(customers: ir.Table, prior: ir.Table, points: ir.Table, *, as_of: Instant) -> ir.Table:
    """The same from tables already at hand (`gaps.per_customer`, `prior.priors`, `rfm.breakpoints`)."""
    t = rfm(with_rhythm(customers, prior), points)
    return t.mutate(
        aov_minor=average_minor(t.net_minor, t.order_count),
        model_version=ibis.literal(MODEL_VERSION),
        as_of=scalar(as_of).cast("timestamp('UTC')"),
    ).select(*TRAIT_COLUMNS)
