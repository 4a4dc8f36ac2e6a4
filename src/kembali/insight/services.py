"""Bring traits and shop-wide reports up to date with the lake."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import msgspec
import pyarrow as pa

from kembali.infra.database import for_another_thread, one_transaction
from kembali.insight import storing
from kembali.insight.contracts import MODEL_VERSION, TRAITS, Refreshed
from kembali.insight.gaps import known_before, per_customer, with_gaps
from kembali.insight.models import Run
from kembali.insight.prior import SUM_COLUMNS, month_sums, priors
from kembali.insight.reporting import store_reports
from kembali.insight.rfm import BREAKPOINT_COLUMNS, breakpoints
from kembali.insight.steps import CUSTOMERS_TABLE, POINTS_TABLE, SUMS_TABLE, Steps
from kembali.insight.traits import traits_of
from kembali.lake.api import Lake, LakeNotReady, Manifest

_UNFINISHED = ""  # a model version nobody has
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


@contextmanager
def refreshing(lake: Lake, *, at: datetime, full: bool | None = None) -> Iterator[Refreshed]:
    """Compute the traits of customers as of `at` (exclusive) and write what changed to PostgreSQL.

    The block does what follows from them, with the rows just computed: everyone's are in `lake` as `traits`, those of
    changed customers as `TRAITS.recent`. The latter are written beside the block and complete when it is left. Only
    then is the refresh remembered: after a failure in either, the next one finds the same changes again.

    full: True recomputes everyone, the RFM breakpoints and the reports; False only customers whose purchases changed
        since the last refresh or have become past since, on the breakpoints of the last full one, with the same result
        otherwise; None is False where possible, and True for the first refresh, another model version, a rebuilt lake,
        a clock set back, after a full one that failed, and for the first refresh of a month.
    """
    former = None if full else _former(lake, at)
    if former is None or (full is None and _calendar_month(at) != former.full_month):
        Run.objects.update(model_version=_UNFINISHED)
        done, known = _refresh_all(lake, at)
        yield done
    else:
        rows, ids = _compute_changed(lake, at, former)
        known = _known(lake, at, former)
        done = Refreshed(at, tuple(ids.column("customer_id").to_pylist()), rows.num_rows)
        with ThreadPoolExecutor(max_workers=1) as beside:
            written = beside.submit(for_another_thread(_write_changed), rows, ids)
            yield done
            done.written = written.result()
    with one_transaction():
        Run.objects.update_or_create(id=1, defaults=known)


def _refresh_all(lake: Lake, at: datetime) -> tuple[Refreshed, dict[str, object]]:
    gaps = lake.put("insight_gaps", with_gaps(known_before(lake.table("purchases"), as_of=at)))
    customers = lake.put(CUSTOMERS_TABLE, per_customer(gaps))
    sums = lake.put(SUMS_TABLE, month_sums(gaps))
    points = lake.put(POINTS_TABLE, breakpoints(customers))
    prior = priors(sums, customers.select("month").distinct())
    rows = lake.arrow(lake.put(TRAITS.name, traits_of(customers, prior, points, as_of=at)).order_by("customer_id"))
    written = storing.load_all(rows) if storing.is_empty() else storing.upsert(rows) + storing.delete_others(rows)
    store_reports(lake, gaps, customers, at=at)
    known = _known(lake, at, None)
    lake.drop("insight_gaps", CUSTOMERS_TABLE)
    return Refreshed(at, None, rows.num_rows, written), known


def _compute_changed(lake: Lake, at: datetime, former: _Former) -> tuple[pa.Table, pa.Table]:
    """Return the rows of the customers to recompute, and the ids of all of them (customer_id)."""
    lake.view("purchases")
    lake.past_view("purchases", former.manifest)
    lake.note(at=at, former_at=former.at, since_xid=former.manifest.horizon, last_month=former.last_month)
    lake.put("insight_old_sums", former.sums)
    lake.put(POINTS_TABLE, former.points)
    steps = Steps(lake, former.manifest)
    for name, step in steps.to_sums().items():
        lake.make(name, step)
    ids, gaps = "insight_changed", "insight_gaps"
    if months := lake.read("insight_moved_months", steps.moved_months).column("month").to_pylist():
        # A late order changed what a past month knew: everyone who last bought in such a month moves with it.
        everyone = per_customer(with_gaps(steps.known()))
        affected = everyone.filter(everyone.month.isin(months)).select("customer_id")
        ids, gaps = "insight_recomputed", "insight_recomputed_gaps"
        changed = lake.put(ids, lake.table("insight_changed").union(affected, distinct=True))
        lake.put(gaps, with_gaps(steps.known().semi_join(changed, "customer_id")))
    lake.make(CUSTOMERS_TABLE, lambda: per_customer(lake.table(gaps)), key=gaps)
    lake.make(TRAITS.recent, lambda: steps.recent(ids), key=ids)
    return lake.read("insight_rows", steps.rows), lake.read("insight_ids", lambda: lake.table(ids), key=ids)


def _write_changed(rows: pa.Table, ids: pa.Table) -> int:
    return storing.upsert(rows) + (storing.delete_missing(ids, rows) if ids.num_rows > rows.num_rows else 0)


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


def _known(lake: Lake, at: datetime, former: _Former | None) -> dict[str, object]:
    """Return what the next refresh continues from."""
    customers = CUSTOMERS_TABLE
    latest = lake.read("insight_latest", lambda: lake.table(customers).agg(month=lake.table(customers).month.max()))
    known: dict[str, object] = {
        "at": at,
        "model_version": MODEL_VERSION,
        "lake_manifest": msgspec.to_builtins(lake.manifest),
        "month_sums": lake.read("insight_sums_now", lambda: lake.table(SUMS_TABLE)).to_pydict(),
        "breakpoints": lake.read("insight_points_now", lambda: lake.table(POINTS_TABLE)).to_pydict(),
        "last_month": max(latest.column("month")[0].as_py() or 0, 0 if former is None else former.last_month),
        "full_month": _calendar_month(at) if former is None else former.full_month,
    }
    if former is None:
        known["full_at"] = at
    return known
