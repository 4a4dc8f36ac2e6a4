"""Each customer's own rhythm: when the next order is due, and when the silence is clearly long *for this person*.

Log gaps between purchase days are normal, the customer's mean is normal around the shop's (see `prior`), so with n gaps
of sum S and squared deviations SS (Gelman et al., *Bayesian Data Analysis*, 3rd ed., sections 2.5 and 5.4):

    k = within^2 / between^2                  m = (k mu + S) / (k + n)
    s^2 = (v0 within^2 + SS) / (v0 + n - 1)   next log gap ~ m + s sqrt(1 + 1/(k + n)) * t(v0 + n - 1)

Our deviation: the spread s is shrunk on its own with `PRESET_SPREAD_GAPS` = v0, not jointly (a customer whose mean
is far from the shop's is not called irregular for it). t quantiles use the expansion of Abramowitz & Stegun 26.7.5,
exact to three digits from six degrees of freedom, because it needs only + - * /.

What follows for one customer changes only with a purchase of theirs: own gaps up to the last purchase, the shop's prior
as known at the start of the local month of that purchase.
"""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from kembali.insight.gaps import LOG_SCALE, known_before, per_customer, with_gaps, with_running_gaps
from kembali.insight.instants import SECONDS_PER_DAY, epoch_seconds, instant_of
from kembali.insight.prior import month_sums, priors

PRESET_SPREAD_GAPS = 6
"""How many gaps the shop's usual spread weighs against a customer's own."""
Z_INTERVAL = 1.2815515655446004
"""Normal quantile of 90 %: both ends of the 80 % interval."""
Z_IDLE = Z_INTERVAL
"""One wait in ten of a customer still buying is longer."""
Z_LOST = 2.3263478740408408
"""Normal quantile of 99 %."""
IDLE_MEAN_FACTOR = 1.5
LOST_IDLE_FACTOR = 2.0
LEAST_IDLE_DAYS = 2.0
MOST_WAIT_DAYS = 3650.0

RHYTHM_COLUMNS = (
    "gap_mean_days",
    "gap_sd_days",
    "expected_next_at",
    "expected_next_low_at",
    "expected_next_high_at",
    "idle_from",
    "lost_from",
)


def rhythm(purchases: ir.Table, *, as_of: datetime) -> ir.Table:
    """One row per customer with a purchase before `as_of` (exclusive).

    purchases: customer_id int64, placed_at timestamp UTC, placed_on date (shop zone), net_minor, margin_minor int64.
    Returns: customer_id int64, order_count int64, last_order_at, gap_count int64, and
        gap_mean_days, gap_sd_days float64 null: the customer's shrunk gap; null with a single purchase day;
        expected_next_at: as likely before as after (median), with expected_next_low_at and expected_next_high_at its
        80 % interval; idle_from: the wait becomes clearly long (90 %, and at least 1.5 mean gaps); lost_from: it is
        past hope (99 %, and at least twice the idle wait). All timestamp UTC, to the second.
    """
    gaps = with_gaps(known_before(purchases, as_of=as_of))
    last = per_customer(gaps)
    prior = priors(month_sums(gaps), last.select("month").distinct())
    return with_rhythm(last, prior).select("customer_id", "order_count", "last_order_at", "gap_count", *RHYTHM_COLUMNS)


def crossings(purchases: ir.Table, *, start: datetime, end: datetime, min_orders: int) -> ir.Table:
    """One row per wait that became clearly long in [start, end) before the customer's next purchase ended it.

    Equal to what refreshing at every instant would have found, in one pass; purchases at or after `end` change nothing.

    Returns: customer_id int64, crossed_at timestamp UTC, order_count int64 (orders up to the wait, ≥ `min_orders`),
        last_order_at timestamp UTC.
    """
    gaps = with_gaps(known_before(purchases, as_of=end))
    known = with_running_gaps(gaps)
    prior = priors(month_sums(gaps), known.select("month").distinct())
    waits = with_rhythm(known.filter(known.orders_so_far >= min_orders).rename(last_order_at="placed_at"), prior)
    first, last = (ibis.literal(instant, type="timestamp('UTC')") for instant in (start, end))
    crossed = waits.filter(
        waits.idle_from >= first,
        waits.idle_from < last,
        waits.next_placed_at.isnull() | (waits.next_placed_at > waits.idle_from),
    )
    return crossed.select(
        "customer_id", "last_order_at", crossed_at=crossed.idle_from, order_count=crossed.orders_so_far
    )


def overdue_score(traits: ir.Table, *, at: datetime) -> ir.FloatingValue:
    """Return the wait so far over the customer's own idle wait: 0 just bought, 1 clearly long, 2 twice that."""
    last = epoch_seconds(traits.last_order_at)
    waited = epoch_seconds(ibis.literal(at, type="timestamp('UTC')")) - last
    return waited.cast("float64") / (epoch_seconds(traits.idle_from) - last).cast("float64").nullif(0.0)


def with_rhythm(rows: ir.Table, prior: ir.Table) -> ir.Table:
    """Add the rhythm to rows that carry a customer's gaps up to some purchase.

    rows: last_order_at, month, gap_count, log_sum, log_square_sum (see `gaps.per_customer`). prior: see `prior.priors`.
    """
    t = rows.join(prior, "month")
    gaps = t.gap_count.cast("float64")
    strength = t.within_variance / t.between_variance
    own_sum = t.log_sum.cast("float64") / LOG_SCALE
    deviations = t.log_square_sum.cast("float64") / LOG_SCALE**2 - own_sum * own_sum / ibis.greatest(gaps, 1.0)
    t = t.mutate(
        log_centre=(strength * t.log_mean + own_sum) / (strength + gaps),
        freedom=PRESET_SPREAD_GAPS + ibis.greatest(gaps - 1, 0.0),
        own_deviations=ibis.greatest(deviations, 0.0),
        strength_and_gaps=strength + gaps,
        last_second=epoch_seconds(t.last_order_at),
    )
    t = t.mutate(own_variance=(PRESET_SPREAD_GAPS * t.within_variance + t.own_deviations) / t.freedom)
    t = t.mutate(next_sd=(t.own_variance * (1.0 + 1.0 / t.strength_and_gaps)).sqrt())
    return _with_instants(t)


def _with_instants(t: ir.Table) -> ir.Table:
    def wait(z: float) -> ir.FloatingValue:
        return ibis.least((t.log_centre + _student(z, t.freedom) * t.next_sd).exp(), MOST_WAIT_DAYS)

    def after(days: ir.FloatingValue) -> ir.TimestampValue:
        return instant_of(t.last_second + (days * SECONDS_PER_DAY).round().cast("int64"))

    mean = ibis.least((t.log_centre + t.own_variance / 2).exp(), MOST_WAIT_DAYS)
    idle = ibis.greatest(wait(Z_IDLE), IDLE_MEAN_FACTOR * mean, LEAST_IDLE_DAYS)
    lost = ibis.greatest(wait(Z_LOST), LOST_IDLE_FACTOR * idle)
    own = t.gap_count > 0
    return t.mutate(
        gap_mean_days=ibis.ifelse(own, mean.round(3), ibis.null("float64")),
        gap_sd_days=ibis.ifelse(own, (mean * (t.own_variance.exp() - 1).sqrt()).round(3), ibis.null("float64")),
        expected_next_at=after(ibis.least(t.log_centre.exp(), MOST_WAIT_DAYS)),
        expected_next_low_at=after(wait(-Z_INTERVAL)),
        expected_next_high_at=after(wait(Z_INTERVAL)),
        idle_from=after(idle),
        lost_from=after(lost),
    )


def _student(z: float, freedom: ir.FloatingValue) -> ir.FloatingValue:
    """Return the t quantile whose normal quantile is z (Abramowitz & Stegun 26.7.5)."""
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / (freedom * freedom) + third / (freedom * freedom * freedom)
