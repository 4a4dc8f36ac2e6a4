"""Results about the whole shop, kept as small rows for pages that must not load an engine."""

from datetime import datetime

import ibis.expr.types as ir
import msgspec

from kembali.infra.database import one_transaction
from kembali.insight.cohorts import cohorts_of
from kembali.insight.models import Report
from kembali.insight.repeat import again_within_of, repeat_rate_of, second_orders, time_to_second_of
from kembali.lake.api import Lake

AGAIN_DAYS = 90
REPEAT_WINDOW_DAYS = 365


def store_reports(lake: Lake, gaps: ir.Table, customers: ir.Table, *, at: datetime) -> None:
    """Compute and store cohorts, repeat rate, time to the second order, share ordering again, and the RFM map."""
    seconds = lake.put("insight_seconds", second_orders(gaps, customers))
    traits = lake.table("traits")
    cells = traits.group_by("recency_quintile", "frequency_quintile", "rfm_group").aggregate(
        customer_count=traits.count().cast("int64"), net_minor=traits.net_minor.sum().cast("int64")
    )
    found = {
        "cohorts": cohorts_of(gaps, customers).order_by("cohort_month", "months_later"),
        "repeat_rate": repeat_rate_of(customers, at, REPEAT_WINDOW_DAYS),
        "time_to_second": time_to_second_of(seconds),
        "again_within_90_days": again_within_of(seconds, at, AGAIN_DAYS).order_by("cohort_month"),
        "rfm_map": cells.order_by("recency_quintile", "frequency_quintile"),
    }
    payloads = {name: msgspec.to_builtins(lake.arrow(rows).to_pylist()) for name, rows in found.items()}
    lake.drop("insight_seconds")
    with one_transaction():
        for name, payload in payloads.items():
            Report.objects.update_or_create(name=name, defaults={"as_of": at, "payload": payload})
