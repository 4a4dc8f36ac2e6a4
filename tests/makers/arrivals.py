"""When customers of a simulated shop go idle, by insight's own rule and on its own engine."""

from datetime import datetime

import duckdb
import ibis
import pyarrow as pa

from kembali.insight.rhythm import crossings
from kembali.segments.shipped import LOYAL_ORDERS
from kembali.twin.api import TIME_ZONE, Purchases

_SHAPE = {
    "customer_id": "int64",
    "placed_at": "timestamp('UTC', 6)",
    "placed_on": "date",
    "net_minor": "int64",
    "margin_minor": "int64",
}
# The shop's zone, as the lake has it: days are the shop's own.
_LOAD = f"""
CREATE OR REPLACE TABLE purchases AS
SELECT customer_id, placed_at, CAST(placed_at AT TIME ZONE '{TIME_ZONE}' AS DATE) AS placed_on, net_minor, margin_minor
FROM bought
"""


class Arrivals:
    """When loyal customers went idle in (start, end) by insight's rule: compiled once, then run shop after shop."""

    def __init__(self, *, start: datetime, end: datetime) -> None:
        found = crossings(ibis.table(_SHAPE, name="purchases"), start=start, end=end, min_orders=LOYAL_ORDERS)
        self._sql = str(ibis.to_sql(found.select("customer_id", entered_at=found.crossed_at), dialect="duckdb"))
        self._engine = duckdb.connect()
        self._engine.execute("SET TimeZone = 'UTC'; SET threads = 1")

    def of(self, purchases: Purchases) -> pa.Table:
        """One row per wait that became clearly long: customer_id int64, entered_at timestamp(us, UTC)."""
        self._engine.register("bought", table_of(purchases))
        self._engine.execute(_LOAD)
        return self._engine.execute(self._sql).to_arrow_table()


def table_of(purchases: Purchases) -> pa.Table:
    """Return customer_id, placed_at timestamp(us, UTC), net_minor and margin_minor int64, as the lake has them."""
    return pa.table(
        {
            "customer_id": purchases.customer,
            "placed_at": pa.array(purchases.placed_at_s * 1_000_000, pa.timestamp("us", "UTC")),
            "net_minor": purchases.net_minor,
            "margin_minor": purchases.margin_minor,
        }
    )
