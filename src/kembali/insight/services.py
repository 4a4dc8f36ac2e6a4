"""Bring traits and shop-wide reports up to date with the lake."""

from dataclasses import dataclass
from datetime import datetime

import ibis.expr.types as ir
import msgspec
import pyarrow as pa

from kembali.infra.database import one_transaction
from kembali.insight import storing
from kembali.insight.contracts import MODEL_VERSION, Refreshed
from kembali.insight.gaps import known_before, per_customer, with_gaps
from kembali.insight.models import Run
from kembali.insight.prior import SUM_COLUMNS, month_sums, priors
from kembali.insight.reporting import store_reports
from kembali.insight.rfm import BREAKPOINT_COLUMNS, breakpoints
from kembali.insight.traits import traits_of
from kembali.lake.api import Lake, LakeNotReady, Manifest

SUMS_TABLE = "insight_sums"
POINTS_TABLE = "insight_points"
CUSTOMERS_TABLE = "insight_customers"
_SUM_SCHEMA = pa.schema([("month", pa.int64()), *((name, pa.int64()) for name in SUM_COLUMNS)])
_POINT_SCHEMA = pa.schema([(name, pa.int64()) for name in BREAKPOINT_COLUMNS])


@dataclass(frozen=True, slots=True)
class _Former:
    """What the last refresh knew."""

    at: datetime
    manifest: Manifest
    sums: pa.Table
    points: pa.Table
    last_month: int
    full_month: int


def refresh(lake: Lake, *, at: datetime, full: bool | None = None) -> Refreshed:
    """Compute the traits of customers as of `at` (exclusive) and write what changed to PostgreSQL.

    full: True recomputes everyone, the RFM breakpoints and the reports; False only customers whose purchases changed
        since the last refresh or have become past since, on the breakpoints of the last full one, with the same result
        otherwise; None is False where possible, and True for the first refresh, another model version, a rebuilt lake,
        a clock set back and the first refresh of a month. A full refresh leaves the table `traits` in `lake`.
    """
    former = None if full else _former(lake, at)
    if former is None or (full is None and _calendar_month(at) != former.full_month):
        return _refresh_all(lake, at)
    return _refresh_changed(lake, at, former)


def _refresh_all(lake: Lake, at: datetime) -> Refreshed:
    gaps = lake.put("insight_gaps", with_gaps(known_before(lake.table("purchases"), as_of=at)))
    customers = lake.put(CUSTOMERS_TABLE, per_customer(gaps))
    sums = lake.put(SUMS_TABLE, month_sums(gaps))
    points = lake.put(POINTS_TABLE, breakpoints(customers))
    prior = priors(sums, customers.select("month").distinct())
    rows = lake.arrow(lake.put("traits", traits_of(customers, prior, points, as_of=at)).order_by("customer_id"))
    written = storing.load_all(rows) if storing.is_empty() else storing.upsert(rows) + storing.delete_others(rows)
    store_reports(lake, gaps, customers, at=at)
    _remember(lake, at, None)
    lake.drop("insight_gaps", CUSTOMERS_TABLE)
    return Refreshed(at, None, rows.num_rows, written)


def _refresh_changed(lake: Lake, at: datetime, former: _Former) -> Refreshed:
    now = known_before(lake.table("purchases"), as_of=at)
    before = known_before(lake.past_table("purchases", former.manifest), as_of=former.at)
    changed = lake.put("insight_changed", _changed_customers(lake, now, before, former))
    gaps = lake.put("insight_gaps", with_gaps(now.semi_join(changed, "customer_id")))
    old_gaps = lake.put("insight_old_gaps", with_gaps(before.semi_join(changed, "customer_id")))
    old_sums = lake.put("insight_old_sums", former.sums)
    sums = lake.put(SUMS_TABLE, _moved(old_sums, month_sums(old_gaps), month_sums(gaps)))
    points = lake.put(POINTS_TABLE, former.points)
    customers = per_customer(gaps)
    if months := _moved_months(lake, old_sums, sums, former.last_month):
        # A late order changed what a past month knew: everyone who last bought in such a month moves with it.
        everyone = per_customer(with_gaps(now))
        affected = lake.put("insight_affected", everyone.filter(everyone.month.isin(months)).select("customer_id"))
        changed = lake.put("insight_recomputed", changed.union(affected, distinct=True))
        customers = per_customer(with_gaps(now.semi_join(changed, "customer_id")))
    customers = lake.put(CUSTOMERS_TABLE, customers)
    prior = priors(sums, customers.select("month").distinct())
    rows = lake.arrow(traits_of(customers, prior, points, as_of=at).order_by("customer_id"))
    ids = lake.arrow(changed)
    written = storing.upsert(rows) + (storing.delete_missing(ids, rows) if ids.num_rows > rows.num_rows else 0)
    _remember(lake, at, former)
    return Refreshed(at, tuple(ids.column("customer_id").to_pylist()), rows.num_rows, written)


def _changed_customers(lake: Lake, now: ir.Table, before: ir.Table, former: _Former) -> ir.Table:
    """Customers with purchases that changed, were placed since the last refresh, or belonged to somebody else then."""
    rows = lake.put(
        "insight_changed_rows", lake.changed_rows("purchases", former.manifest).select("order_id", "customer_id")
    )
    owners = rows.select("customer_id").filter(rows.customer_id.notnull())
    moved = before.semi_join(rows, "order_id").select("customer_id")
    grown = now.filter(now.placed_at >= former.at).select("customer_id")
    return owners.union(moved).union(grown).distinct()


def _moved(old: ir.Table, less: ir.Table, more: ir.Table) -> ir.Table:
    """Return month sums without one set of gaps and with another."""
    taken = less.mutate(**{name: -less[name] for name in SUM_COLUMNS})
    everything = old.union(taken.select(*old.columns)).union(more.select(*old.columns))
    return everything.group_by("month").aggregate(
        **{name: everything[name].sum().cast("int64") for name in SUM_COLUMNS}
    )


def _moved_months(lake: Lake, old: ir.Table, new: ir.Table, last_month: int) -> list[int]:
    """Return the months up to the last refresh's whose prior is not what it was."""
    months = old.select("month").union(new.select("month")).distinct()
    months = lake.put("insight_months", months.filter(months.month <= last_month))
    same = priors(old, months).intersect(priors(new, months))
    return [int(month) for month in lake.arrow(months.anti_join(same, "month")).column("month").to_pylist()]


def _calendar_month(at: datetime) -> int:
    return at.year * 12 + at.month - 1


def _former(lake: Lake, at: datetime) -> _Former | None:
    """Return what the last refresh knew, None where an incremental one cannot follow it."""
    run = Run.objects.filter(model_version=MODEL_VERSION, at__lte=at).first()
    if run is None:
        return None
    manifest = msgspec.convert(run.lake_manifest, Manifest)
    if manifest.epoch != lake.manifest.epoch:
        return None
    try:
        lake.past_table("purchases", manifest)
    except LakeNotReady:
        return None
    sums = pa.table(run.month_sums, schema=_SUM_SCHEMA)
    return _Former(
        run.at, manifest, sums, pa.table(run.breakpoints, schema=_POINT_SCHEMA), run.last_month, run.full_month
    )


def _remember(lake: Lake, at: datetime, former: _Former | None) -> None:
    latest = lake.arrow(lake.table(CUSTOMERS_TABLE).aggregate(month=lambda t: t.month.max())).column("month")[0].as_py()
    values: dict[str, object] = {
        "at": at,
        "model_version": MODEL_VERSION,
        "lake_manifest": msgspec.to_builtins(lake.manifest),
        "month_sums": lake.arrow(lake.table(SUMS_TABLE)).to_pydict(),
        "breakpoints": lake.arrow(lake.table(POINTS_TABLE)).to_pydict(),
        "last_month": max(latest or 0, 0 if former is None else former.last_month),
        "full_month": _calendar_month(at) if former is None else former.full_month,
    }
    if former is None:
        values["full_at"] = at
    with one_transaction():
        Run.objects.update_or_create(id=1, defaults=values)
