"""The whole import against the bare reading and copying it is made of.

Same machine, same run, same file: (1) DuckDB reads the file with all columns materialised, and PostgreSQL takes the
same rows by COPY into one bare table; (2) the whole import: every order version a committed fact, and all of them
folded into orders, lines, customers, products and refunds. `ratio` = (2) / (1). Target: at most 4. `in_log_ratio` ends
the clock where every line is accounted for and every order version is a committed fact, while the folding goes on.
Three runs, each in a process and a database of its own; the one with the middle ratio is reported, all are named.
"""

import argparse
import csv
import gzip
import io
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from throwaway import throwaway_home

ROOT = Path(__file__).resolve().parents[1]
REAL_FILE = ROOT.parent / "shared/data/online_retail/online_retail_2010-12-01_2011-09-09.csv.gz"
REAL_LINES = 334_054
AT = datetime(2026, 11, 1, tzinfo=UTC)
HEADER = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
BARE = (
    "CREATE TABLE bare (invoice text, code text, title text, quantity int, at timestamp, price double precision, "
    "customer text, country text)"
)


@contextmanager
def measured(parts: dict[str, float], name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    parts[name] = round(time.perf_counter() - started, 3)


def generated_file(folder: Path, lines: int) -> Path:
    """A shop's file of the same columns and proportions, for machines without the real one."""
    draw = random.Random(1)
    path = folder / "generated.csv.gz"
    at = datetime(2025, 1, 1, 8, tzinfo=UTC)
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(HEADER)
        written, invoice = 0, 500_000
        while written < lines:
            invoice, at = invoice + 1, at + timedelta(minutes=draw.randrange(1, 40))
            cancels = draw.random() < 0.15
            customer = draw.randrange(12_000, 15_400) if draw.random() < 0.75 else ""
            for _ in range(min(draw.randrange(1, 40), lines - written)):
                code = draw.randrange(3_700)
                pieces = draw.randrange(1, 25) * (-1 if cancels else 1)
                number = f"{'C' if cancels else ''}{invoice}"
                price = f"{1 + code % 900 / 100:.2f}"
                rows.writerow(
                    [number, 20_000 + code, f"THING No {code}", pieces, f"{at:%F %T}", price, customer, "EIRE"]
                )
                written += 1
    return path


def measure_base(path: Path, folder: Path) -> tuple[int, dict[str, float]]:
    """DuckDB reads, PostgreSQL copies: what no import can do without. Writing the CSV between them is not counted."""
    import duckdb

    from kembali.infra.database import one_transaction

    parts: dict[str, float] = {}
    with measured(parts, "duckdb_read"):
        base = duckdb.connect()
        base.execute("CREATE TABLE rows AS SELECT * FROM read_csv($path)", {"path": str(path)})
    plain = folder / "plain.csv"
    base.execute(f"COPY rows TO '{plain}' (HEADER false)")
    count = base.execute("SELECT count(*) FROM rows").fetchall()[0][0]
    base.close()
    with measured(parts, "postgresql_copy"), one_transaction() as cursor:
        cursor.execute(BARE)
        with cursor.copy("COPY bare FROM STDIN (FORMAT csv)") as copy, io.FileIO(plain) as file:
            while block := file.read(1 << 18):
                copy.write(block)
        cursor.execute("DROP TABLE bare")
    return int(count), parts


def measure_import(path: Path, parts: dict[str, float], *, is_quick: bool) -> tuple[int, dict[str, object]]:
    """The whole import: facts in, folded on a second connection meanwhile, until all is committed. Then, once more."""
    from kembali.collect import api as collect
    from kembali.shop import api as shop

    shop.set_up_shop(name="Benchmark", currency="GBP", time_zone="Europe/London")
    with (
        measured(parts, "import_and_fold"),
        collect.following([shop.PROJECTION], at=AT),
        measured(parts, "import"),
    ):
        result = collect.import_file(path, currency="GBP", time_zone="Europe/London", at=AT)
    account: dict[str, object] = {
        "accepted": result.accepted,
        "rejected": result.rejected,
        "merged": result.merged,
        "orders": result.orders,
        "customers": result.customers,
        "revenue_minor": result.revenue_minor,
    }
    if is_quick:
        return result.lines, account
    with measured(parts, "import_again"):
        again = collect.import_file(path, currency="GBP", time_zone="Europe/London", at=AT)
    before = shop.state_hash()
    with measured(parts, "rebuild"):
        shop.rebuild(AT)
    return result.lines, account | {"again_merged": again.merged, "rebuild_same": shop.state_hash() == before}


def one_run(path: Path, *, is_quick: bool) -> dict[str, object]:
    """Measure once, in a database of its own."""
    parts: dict[str, float] = {}
    with throwaway_home() as home:
        # Libraries are loaded on both sides before the clock starts.
        import pyarrow.dataset  # noqa: F401 - only loaded

        import kembali.collect.files.order_file  # noqa: F401 - only loaded

        path = path if path.exists() else generated_file(home, REAL_LINES)
        # Machines change their pace: the base is the median of runs before and after.
        times = 1 if is_quick else 2
        before = [measure_base(path, home) for _ in range(times)]
        counted, account = measure_import(path, parts, is_quick=is_quick)
        runs = [base for _, base in (*before, *(measure_base(path, home) for _ in range(times)))]
    for name in runs[0]:
        parts[name] = median(run[name] for run in runs)
    base = median(sum(run.values()) for run in runs)
    return {
        "benchmark": "import",
        "ratio": round(parts["import_and_fold"] / base, 2),
        "in_log_ratio": round(parts["import"] / base, 2),
        "target": 4.0,
        "lines": counted,
        "lines_read": before[0][0],
        "file": path.name,
        "base_seconds": round(base, 3),
        "parts": parts,
        **account,
    }


def in_a_process_of_its_own(options: argparse.Namespace) -> dict[str, Any]:
    """Measure once where nothing has been measured before: no caches, no connections, a new database."""
    command = [sys.executable, __file__, "--runs=1", f"--file={options.file}", *(["--quick"] if options.quick else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the whole file, but no second import and no rebuild")
    parser.add_argument("--file", type=Path, default=REAL_FILE)
    parser.add_argument("--runs", type=int, default=3, help="an odd number; the one with the middle ratio is reported")
    options = parser.parse_args()
    if options.runs == 1:
        print(json.dumps(one_run(options.file, is_quick=options.quick)))
        return
    runs = sorted((in_a_process_of_its_own(options) for _ in range(options.runs)), key=lambda run: float(run["ratio"]))
    middle = runs[len(runs) // 2]
    print(f"{'part':<28}{'seconds':>9}{'lines/s':>12}")
    for name, seconds in middle["parts"].items():
        print(f"{name:<28}{seconds:>9.2f}{middle['lines_read'] / seconds:>12,.0f}")
    print(f"{'base (read + copy)':<28}{middle['base_seconds']:>9.2f}")
    print(json.dumps(middle | {"ratios": [run["ratio"] for run in runs]}))


if __name__ == "__main__":
    main()
