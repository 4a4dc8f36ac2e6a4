"""How much a refresh of insight and all shipped segments costs over the bare DuckDB work it is made of.

`python bench/refresh.py [--quick]`: generated customers and orders in lake tables; an embedded database of its own,
gone afterwards. A full refresh is measured from lake tables in place to traits and memberships committed, against the
hand-written `refresh_bare.sql` in the same run (before and after, the mean counts). The last line is JSON.
"""

import argparse
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

HERE = Path(__file__).parent
START = np.datetime64("2022-01-01T00:00:00", "us")
DAYS = 1000
AS_OF = datetime(2022, 1, 1, tzinfo=UTC) + timedelta(days=DAYS)
INCREMENTAL_DAYS = 3  # the first also compiles its queries, as a worker does once after its start


def orders(customer_ids: np.ndarray, first_id: int, days: np.ndarray, xid: int, rng: np.random.Generator) -> pa.Table:
    """Purchases in order of time, as the lake keeps them."""
    at = np.sort(START + (days * 86_400).astype("timedelta64[s]"))
    count = len(at)
    return pa.table(
        {
            "order_id": np.arange(first_id, first_id + count),
            "customer_id": customer_ids,
            "placed_at": pa.array(at).cast(pa.timestamp("us", "UTC")),
            "placed_on": pa.array(at.astype("datetime64[D]")),
            "net_minor": rng.integers(100, 20_000, count),
            "margin_minor": rng.integers(10, 5_000, count),
            "is_live": np.ones(count, bool),
            "row_xid": np.full(count, xid, np.int64),
        }
    )


def generate(customers: int, count: int, seed: int) -> pa.Table:
    """Each customer has a rate of their own and a first day; a third stops early."""
    rng = np.random.default_rng(seed)
    weight = rng.gamma(0.8, 1.0, customers)
    extra = rng.multinomial(count - customers, weight / weight.sum())
    ids = np.repeat(np.arange(1, customers + 1), extra + 1)
    begin = rng.uniform(0, DAYS * 0.95, customers)
    end = np.where(rng.random(customers) < 0.35, begin + (DAYS - begin) * rng.random(customers), DAYS - 1e-3)
    days = begin[ids - 1] + rng.random(len(ids)) * (end - begin)[ids - 1]
    order = np.argsort(days, kind="stable")
    return orders(ids[order], 1, days[order], 1, rng)


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bare(files: list[str]) -> float:
    """Run the hand-written script; return its seconds."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
    connection.execute(f"CREATE VIEW purchases AS FROM read_parquet({files})")
    script = (HERE / "refresh_bare.sql").read_text().replace(":as_of", f"TIMESTAMPTZ '{AS_OF.isoformat()}'")
    seconds = timed(lambda: connection.execute(script))
    connection.close()
    return seconds


@contextmanager
def home() -> Iterator[Path]:
    """A home with a migrated embedded database, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="kembali-bench-"))
    os.environ.update(KEMBALI_HOME=str(folder), DJANGO_SETTINGS_MODULE="kembali.config.settings")
    from kembali.infra.postgres import EmbeddedPostgres

    database = EmbeddedPostgres(folder)
    database.acquire()
    try:
        import django
        from django.core.management import call_command

        django.setup()
        for room in ("collect", "insight", "segments"):
            call_command("migrate", room, verbosity=0)
        yield folder / "lake"
    finally:
        from django.db import connections

        connections.close_all()
        database.release()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="200,000 customers and 1,000,000 orders")
    customers, count = (200_000, 1_000_000) if parser.parse_args().quick else (1_000_000, 5_000_000)
    with home() as lake_dir:
        print(json.dumps(run(lake_dir, customers, count)))


def run(lake_dir: Path, customers: int, count: int) -> dict[str, object]:
    from kembali.insight import api as insight
    from kembali.lake import api as lake
    from kembali.lake.contracts import Manifest, TableState
    from kembali.lake.files import base_dir, changed_dir, paths_of, write_manifest, write_rows
    from kembali.segments import api as segments

    table = lake.LakeTable(
        name="purchases",
        columns={
            "order_id": "int64",
            "customer_id": "int64",
            "placed_at": "timestamp",
            "placed_on": "date",
            "net_minor": "int64",
            "margin_minor": "int64",
        },
        key="order_id",
        select="never read here :since",
    )
    lake.register(table)
    segments.register(
        source=insight.TRAITS, attributes=insight.ATTRIBUTES, changed_at=insight.CHANGED_AT, purchases="purchases"
    )
    started = time.perf_counter()
    write_rows(base_dir(lake_dir, "purchases"), generate(customers, count, seed=1))
    written = time.perf_counter() - started
    write_manifest(lake_dir, Manifest(1, 100, {"purchases": TableState(0, None, count, 0)}))
    files = paths_of(base_dir(lake_dir, "purchases"), 0)
    say(f"{count:,} orders of {customers:,} customers generated and written to the lake in {written:.1f} s")

    def refresh(at: datetime, *, full: bool) -> tuple[float, int, int]:
        start = time.perf_counter()
        with lake.open_lake(lake_dir) as opened, insight.refreshing(opened, at=at, full=full) as done:
            between = time.perf_counter()
            moved = segments.refresh(opened, at=at, changed=done.changed)
            after = time.perf_counter()
        end = time.perf_counter()
        say(
            f"  insight {between - start:.2f} s, segments {after - between:.2f} s ({moved}), "
            f"insight again {end - after:.2f} s ({done.written:,} rows)"
        )
        return end - start, done.written, moved.entered + moved.left

    before = bare(files)
    say(f"bare SQL {before:.2f} s")
    full_s, traits, members = refresh(AS_OF, full=True)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    after = bare(files)
    bare_s = (before + after) / 2
    say(f"bare SQL again {after:.2f} s; full refresh {full_s:.2f} s = {full_s / bare_s:.2f} x")

    rng = np.random.default_rng(2)
    new = count // 100
    days: list[tuple[float, int, int]] = []
    arrived: list[pa.Table] = []
    for day in range(INCREMENTAL_DAYS):
        ids = rng.integers(1, customers + 1, new)
        at = DAYS + day + rng.random(new) * 0.99
        arrived.append(orders(ids, count * 2 + day * new, at, 100 * day + 150, rng))
        version = write_rows(changed_dir(lake_dir, "purchases"), pa.concat_tables(arrived))
        state = TableState(0, version, count, new * (day + 1))
        write_manifest(lake_dir, Manifest(1, 100 * day + 200, {"purchases": state}))
        days.append(refresh(AS_OF + timedelta(days=day + 1), full=False))
        say(f"incremental after {new:,} new orders {days[-1][0]:.2f} s = {days[-1][0] / full_s:.2f} of a full one")
    incremental_s, changed, moved = sorted(days)[INCREMENTAL_DAYS // 2]
    again_s, rewritten, _ = refresh(AS_OF + timedelta(days=INCREMENTAL_DAYS), full=True)
    say(f"full again {again_s:.2f} s ({rewritten:,} rows differed: new breakpoints)")
    return {
        "customers": customers,
        "orders": count,
        "bare_s": round(bare_s, 2),
        "full_s": round(full_s, 2),
        "ratio": round(full_s / bare_s, 2),
        "incremental_s": round(incremental_s, 2),
        "incremental_ratio": round(incremental_s / full_s, 3),
        "incremental_days_s": [round(seconds, 2) for seconds, _, _ in days],
        "full_again_s": round(again_s, 2),
        "traits": traits,
        "memberships": members,
        "incremental_traits": changed,
        "incremental_moves": moved,
        "peak_rss_mb": peak_mb,
        "lake_write_s": round(written, 2),
    }


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
