"""A/A on a real shop: replay *Win back* once over Online Retail, where nothing was ever sent, then redraw the groups.

Each salt splits the same people by chance alone, so a 95 % interval should cover zero in 95 of 100 salts. Prints a
table and one JSON line. `--quick` uses 400 salts instead of 2,000.
"""

import argparse
import json
import os
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import ibis
import numpy as np
import pyarrow as pa

from kembali.experiments.rules import assignment_hash, holdout_threshold
from kembali.journeys.playbooks import playbook_of
from kembali.kernel.ids import CustomerId
from kembali.measure.contracts import Interval, Metric, Outcomes
from kembali.measure.rules.compare import compare_groups
from kembali.segments.shipped import SHIPPED
from kembali.shop.rules import GoodsLine, allocate_cancellations

if TYPE_CHECKING:
    from kembali.journeys.replay.result import ReplayResult

DATA = Path(__file__).resolve().parents[2] / "shared/data/online_retail/online_retail_2010-12-01_2011-09-09.csv.gz"
HOLDOUT_PERCENTS = (10, 20, 50)
MARGIN_PERCENT = 35
SALTS, QUICK_SALTS = 2000, 400
_LINES = """
SELECT InvoiceNo, CustomerID::BIGINT, lower(StockCode), Quantity::BIGINT,
       round_even(Quantity::DECIMAL(12, 0) * UnitPrice::DECIMAL(12, 3) * 100, 0)::BIGINT,
       InvoiceDate::TIMESTAMP AT TIME ZONE 'Europe/London', InvoiceDate::TIMESTAMP::DATE
FROM read_csv(?, all_varchar = true, header = true)
WHERE CustomerID <> '' AND Quantity::BIGINT <> 0 AND NOT starts_with(InvoiceNo, 'A')
"""


@dataclass(frozen=True, slots=True)
class Tally:
    """How often the intervals of one metric at one holdout share covered zero."""

    metric: Metric
    holdout_percent: int
    salts: int
    shown: int
    covered: int

    @property
    def coverage(self) -> float | None:
        """Covered among shown; None when nothing was shown."""
        return self.covered / self.shown if self.shown else None


def purchases_of(path: Path) -> pa.Table:
    """The shop's purchases in the lake's shape, net of what cancellations of the same person and product unwind."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        lines = connection.execute(_LINES, [str(path)]).fetchall()
    net: dict[str, int] = defaultdict(int)
    about: dict[str, tuple[int, datetime, object]] = {}
    sold: dict[tuple[int, str], list[GoodsLine]] = defaultdict(list)
    back: dict[tuple[int, str], list[GoodsLine]] = defaultdict(list)
    for position, (ref, customer_id, sku, quantity, total_minor, placed_at, placed_on) in enumerate(lines):
        line = GoodsLine(("online_retail", ref, position), placed_at, abs(quantity), abs(total_minor))
        if ref.startswith("C"):
            back[customer_id, sku].append(line)
        elif quantity > 0:
            sold[customer_id, sku].append(line)
            net[ref] += total_minor
            about.setdefault(ref, (customer_id, placed_at, placed_on))
    for key, cancelled in back.items():
        for allocation in allocate_cancellations(cancelled, sold.get(key, ())):
            net[allocation.line[1]] -= allocation.amount_minor
    kept = [(ref, *about[ref], net[ref]) for ref in sorted(about) if net[ref] > 0]
    refs, customers, placed_at, placed_on, net_minor = zip(*kept, strict=True)
    return pa.table(
        {
            "order_id": pa.array(range(len(refs)), pa.int64()),
            "customer_id": pa.array(customers, pa.int64()),
            "placed_at": pa.array(placed_at, pa.timestamp("us", "UTC")),
            "placed_on": pa.array(placed_on, pa.date32()),
            "net_minor": pa.array(net_minor, pa.int64()),
            "margin_minor": pa.array([minor * MARGIN_PERCENT // 100 for minor in net_minor], pa.int64()),
        }
    )


def replayed(purchases: pa.Table) -> "ReplayResult":
    """Who would have entered *Win back* over the whole file. Django is set up, no database is touched."""
    with tempfile.TemporaryDirectory(prefix="kembali-bench-") as home:
        os.environ |= {"KEMBALI_HOME": home, "DJANGO_SETTINGS_MODULE": "kembali.config.settings"}
        import django

        django.setup()
        from kembali.journeys.api import replay

        return replay(
            playbook_of("win_back").flow,
            ibis.memtable(purchases),
            start=datetime(2010, 12, 1, tzinfo=UTC),
            end=datetime(2011, 9, 10, tzinfo=UTC),
            data_until=datetime(2011, 9, 9, 23, tzinfo=UTC),
            rule=next(shipped.rule for shipped in SHIPPED if shipped.key == "idle_loyal"),
        )


def first_stays(result: "ReplayResult") -> pa.Table:
    """One row per person: their first stay. A person's arm is one, so a second stay would count them twice."""
    _, first = np.unique(result.column("customer_id"), return_index=True)
    return result.outcomes.take(pa.array(np.sort(first)))


def tally(people: pa.Table, holdout_percent: int, hashes: Sequence[Sequence[str]]) -> list[Tally]:
    """Compare the groups once per salt and count per metric."""
    threshold = holdout_threshold(holdout_percent)
    columns = {metric: people[metric.value].to_numpy(zero_copy_only=False) for metric in Metric}
    shown: Counter[Metric] = Counter()
    covered: Counter[Metric] = Counter()
    for salt, hashed in enumerate(hashes):
        outcomes = Outcomes(
            treated=np.array([each >= threshold for each in hashed]),
            ordered_again=columns[Metric.ORDERED_AGAIN],
            orders=columns[Metric.ORDERS],
            revenue_minor=columns[Metric.REVENUE],
            margin_minor=columns[Metric.MARGIN],
        )
        comparison = compare_groups(
            outcomes, planned_holdout_share=holdout_percent / 100, rng=np.random.default_rng(salt)
        )
        for metric in Metric:
            reading = comparison.reading(metric)
            if isinstance(reading, Interval):
                shown[metric] += 1
                covered[metric] += not reading.rules_out_zero
    return [Tally(metric, holdout_percent, len(hashes), shown[metric], covered[metric]) for metric in Metric]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_SALTS} salts instead of {SALTS:,}")
    salts = QUICK_SALTS if parser.parse_args().quick else SALTS
    began = time.perf_counter()
    purchases = purchases_of(DATA)
    replayed_at = time.perf_counter()
    result = replayed(purchases)
    replay_s = time.perf_counter() - replayed_at
    people = first_stays(result)
    summary = result.summary()
    print(f"{purchases.num_rows:,} purchases, read in {replayed_at - began:.1f} s; replayed in {replay_s:.1f} s")
    print(
        f"{summary.enrolled} enrolments of {summary.people} people with a full window, {summary.cut_off} cut off, "
        f"{summary.turned_away} turned away; {summary.ordered_again} ordered again anyway"
    )
    ids = [CustomerId(each) for each in people["customer_id"].to_pylist()]
    hashes = [[assignment_hash(str(salt), each) for each in ids] for salt in range(salts)]
    tallies = [each for percent in HOLDOUT_PERCENTS for each in tally(people, percent, hashes)]
    print(f"{'metric':<14} {'holdout':>8} {'shown':>7} {'withheld':>9} {'covers zero':>12}")
    for each in tallies:
        coverage = "-" if each.coverage is None else f"{each.coverage:.2%}"
        withheld = f"{1 - each.shown / each.salts:.1%}"
        print(f"{each.metric.value:<14} {each.holdout_percent:>6} % {each.shown:>7} {withheld:>9} {coverage:>12}")
    print(json.dumps(_report(tallies, people.num_rows, time.perf_counter() - began)))


def _report(tallies: Sequence[Tally], people: int, seconds: float) -> dict[str, object]:
    return {
        "benchmark": "aa",
        "people": people,
        "salts": tallies[0].salts,
        "seconds": round(seconds, 1),
        "coverage": {f"{each.metric.value}@{each.holdout_percent}": each.coverage for each in tallies},
        "withheld": {
            f"{each.metric.value}@{each.holdout_percent}": round(1 - each.shown / each.salts, 4) for each in tallies
        },
    }


if __name__ == "__main__":
    main()
