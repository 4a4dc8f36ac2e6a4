"""The whole import against the bare reading and copying it is made of.

Same machine, same run, same file: (1) DuckDB reads the file with all columns materialised, and PostgreSQL takes the
same rows by COPY into one bare table; (2) the whole import: every order version a committed fact, and all of them
folded into orders, lines, customers, products and refunds. `ratio` = (2) / (1). Target: at most 4. `in_log_ratio` ends
the clock where every line is accounted for and every order version is a committed fact, while the folding goes on.
"""

import argparse
import csv
import gzip
import io
import json
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from throwaway import throwaway_home

ROOT = Path(__file__).resolve().parents[1]
REAL_FILE = ROOT.parent / "shared/data/online_retail/online_retail_2010-12-01_2011-09-09.csv.gz"
QUICK_LINES = 60_000
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


def first_lines(path: Path, folder: Path, count: int) -> Path:
    short = folder / "first.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as whole, gzip.open(short, "wt", encoding="utf-8") as part:
        part.writelines(line for line, _ in zip(whole, range(count + 1), strict=False))
    return short


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


def measure_import(path: Path, parts: dict[str, float]) -> tuple[int, dict[str, object]]:
    """The whole import: facts in, folded on a second connection meanwhile, until all is committed."""
    from kembali.collect import api as collect
    from kembali.shop import api as shop

    shop.set_up_shop(name="Benchmark", currency="GBP", time_zone="Europe/London")
    with (
        measured(parts, "import_and_fold"),
        collect.following([shop.PROJECTION], at=AT),
        measured(parts, "import"),
    ):
        result = collect.import_orders(path, currency="GBP", time_zone="Europe/London", at=AT)
    with measured(parts, "import_again"):
        again = collect.import_orders(path, currency="GBP", time_zone="Europe/London", at=AT)
    before = shop.state_hash()
    with measured(parts, "rebuild"):
        shop.rebuild(AT)
    return result.lines, {
        "accepted": result.accepted,
        "rejected": result.rejected,
        "merged": result.merged,
        "orders": result.orders,
        "customers": result.customers,
        "revenue_minor": result.revenue_minor,
        "again_merged": again.merged,
        "rebuild_same": shop.state_hash() == before,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"only {QUICK_LINES:,} lines")
    parser.add_argument("--file", type=Path, default=REAL_FILE)
    options = parser.parse_args()
    parts: dict[str, float] = {}
    with throwaway_home() as home:
        # Libraries are loaded on both sides before the clock starts.
        import pyarrow.dataset  # noqa: F401

        import kembali.collect.files.order_file  # noqa: F401

        if not options.file.exists():
            path = generated_file(home, QUICK_LINES if options.quick else REAL_LINES)
        else:
            path = first_lines(options.file, home, QUICK_LINES) if options.quick else options.file
        # Machines change their pace: the base is the median of two runs before and two after.
        before = [measure_base(path, home) for _ in range(2)]
        counted, account = measure_import(path, parts)
        runs = [base for _, base in (*before, *(measure_base(path, home) for _ in range(2)))]
    lines = before[0][0]
    for name in runs[0]:
        parts[name] = median(run[name] for run in runs)
    base = median(sum(run.values()) for run in runs)
    print(f"{'part':<28}{'seconds':>9}{'lines/s':>12}")
    for name, seconds in parts.items():
        print(f"{name:<28}{seconds:>9.2f}{lines / seconds:>12,.0f}")
    print(f"{'base (read + copy)':<28}{base:>9.2f}")
    print(json.dumps({
        "benchmark": "import",
        "ratio": round(parts["import_and_fold"] / base, 2),
        "in_log_ratio": round(parts["import"] / base, 2),
        "target": 4.0,
        "lines": counted,
        "file": path.name,
        "base_seconds": round(base, 3),
        "parts": parts,
        **account,
    }))  # fmt: skip


if __name__ == "__main__":
    main()
