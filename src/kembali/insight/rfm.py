"""RFM: recency, frequency and monetary quintiles (5 = best), and a name for every recency × frequency cell.

A quintile is the place of a value among all customers of the last full refresh: customers with the same value share the
middle of their ranks, so ties never split and a shop with one customer puts them in the middle (3). A customer with one
order has frequency 1 by definition: they have not come back. The breakpoints are kept, so that an incremental refresh
places changed customers on the same scale. Method: Hughes, *Strategic Database Marketing*, 1994; group names as usual
in the trade. Money is apart from the names: a rare big spender and a frequent small one need different letters.
"""

import ibis
import ibis.expr.types as ir

QUINTILES = (1, 2, 3, 4, 5)
MEASURES = ("recency", "frequency", "monetary")
BREAKPOINT_COLUMNS = tuple(f"{measure}_{quintile}" for measure in MEASURES for quintile in QUINTILES[1:])

GROUPS: dict[str, tuple[tuple[int, int], ...]] = {
    "Champions": ((5, 5), (5, 4), (4, 5)),
    "Loyal": ((4, 4), (3, 5), (3, 4)),
    "Potential loyal": ((5, 3), (5, 2), (4, 3), (4, 2)),
    "New": ((5, 1),),
    "Promising": ((4, 1),),
    "Needs attention": ((3, 3),),
    "About to sleep": ((3, 2), (3, 1)),
    "At risk": ((2, 4), (2, 3), (1, 3)),
    "Can't lose": ((2, 5), (1, 5), (1, 4)),
    "Hibernating": ((2, 2), (2, 1), (1, 2)),
    "Lost": ((1, 1),),
}
"""Every (recency, frequency) pair exactly once."""


def breakpoints(customers: ir.Table) -> ir.Table:
    """One row: for each measure the least value of quintiles 2, 3, 4 and 5 (null where nobody reaches one).

    customers: last_on date, order_count int64, net_minor int64, one row per customer.
    Returns: int64 columns `BREAKPOINT_COLUMNS`; recency in days since 1970.
    """
    measured = customers.select(
        recency=_day_number(customers.last_on), frequency=customers.order_count, monetary=customers.net_minor
    )
    tables = [_breakpoints_of(measured, measure) for measure in MEASURES]
    return tables[0].cross_join(tables[1]).cross_join(tables[2])


def rfm(customers: ir.Table, points: ir.Table) -> ir.Table:
    """Add recency_quintile, frequency_quintile, monetary_quintile (int16, 1–5) and rfm_group (string).

    customers: as for `breakpoints`. points: the one row `breakpoints` gives, now or at the last full refresh.
    """
    t = customers.cross_join(points)
    scored = t.mutate(
        recency_quintile=_quintile(t, _day_number(t.last_on), "recency"),
        frequency_quintile=ibis.ifelse(
            t.order_count <= 1, ibis.literal(1, "int16"), _quintile(t, t.order_count, "frequency")
        ),
        monetary_quintile=_quintile(t, t.net_minor, "monetary"),
    )
    return scored.mutate(rfm_group=group_name(scored.recency_quintile, scored.frequency_quintile)).drop(
        *BREAKPOINT_COLUMNS
    )


def group_name(recency: ir.IntegerValue, frequency: ir.IntegerValue) -> ir.StringValue:
    """Return the name of a recency × frequency cell."""
    cell = recency * 10 + frequency
    return ibis.cases(
        *((cell.isin([10 * r + f for r, f in cells]), name) for name, cells in GROUPS.items()), else_="Needs attention"
    )


def _day_number(day: ir.DateValue) -> ir.IntegerValue:
    return day.delta(ibis.date(1970, 1, 1), unit="day").cast("int64")


def _breakpoints_of(measured: ir.Table, measure: str) -> ir.Table:
    """One row: the least value whose middle rank reaches each fifth of all customers."""
    counted = measured.group_by(value=measured[measure]).aggregate(n=measured.count().cast("int64"))
    up_to = ibis.window(order_by="value", preceding=None, following=0)
    everyone = ibis.window(preceding=None, following=None)
    # Twice the middle rank, in whole numbers: 2 (cumulative - n/2).
    ranked = counted.mutate(
        twice_rank=2 * counted.n.sum().over(up_to) - counted.n, twice_all=2 * counted.n.sum().over(everyone)
    )
    return ranked.aggregate(
        **{
            f"{measure}_{quintile}": ranked.value.min(where=5 * ranked.twice_rank >= (quintile - 1) * ranked.twice_all)
            for quintile in QUINTILES[1:]
        }
    )


def _quintile(t: ir.Table, value: ir.IntegerValue, measure: str) -> ir.IntegerValue:
    reached = [ibis.coalesce((value >= t[f"{measure}_{q}"]).cast("int16"), 0) for q in QUINTILES[1:]]
    return (1 + reached[0] + reached[1] + reached[2] + reached[3]).cast("int16")
