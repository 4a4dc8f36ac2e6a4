"""The same expressions on DuckDB and on Spark with separate executors give the same rows."""

import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kembali.insight.cohorts import cohorts
from kembali.insight.repeat import again_within, repeat_rate, time_to_second
from kembali.insight.rhythm import crossings
from kembali.insight.traits import traits
from kembali.segments.ast import Bought, Rule
from kembali.segments.compiling import Compiler, with_bought
from kembali.segments.moving import found
from kembali.segments.shipped import SHIPPED

if TYPE_CHECKING:
    from ibis.backends.pyspark import Backend

pytest.importorskip("pyspark", reason="the optional extra “spark” is not installed")
pytestmark = pytest.mark.spark

START = np.datetime64("2024-01-01T00:00:00", "us")
AS_OF = datetime(2025, 2, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 customers, 2,400 purchases over 400 days as Parquet."""
    rng = np.random.default_rng(7)
    count = 2400
    at = START + (rng.uniform(0, 400, count) * 86_400).astype("timedelta64[s]")
    path = tmp_path_factory.mktemp("lake") / "purchases.parquet"
    pq.write_table(
        pa.table(
            {
                "order_id": np.arange(count),
                "customer_id": rng.zipf(1.4, count) % 400,
                "placed_at": pa.array(at).cast(pa.timestamp("us", "UTC")),
                "placed_on": pa.array(at.astype("datetime64[D]")),
                "net_minor": rng.integers(100, 9999, count),
                "margin_minor": rng.integers(10, 999, count),
            }
        ),
        path,
    )
    return path


@pytest.fixture(scope="module")
def spark() -> Iterator["Backend"]:
    """Two executors, each a process of its own."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .appName("kembali")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.driver.memory", "1g")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate()
    )
    yield ibis.pyspark.connect(session)
    session.stop()


def members(purchases: ir.Table) -> ir.Table:
    rules: dict[int, Rule] = {number: shipped.rule for number, shipped in enumerate(SHIPPED)}
    rules[99] = Bought(at_least=2, within_days=60)
    customers, bought = with_bought(traits(purchases, as_of=AS_OF), purchases, list(rules.values()), at=AS_OF)
    return found(Compiler(customers, AS_OF, "last_order_at", bought), rules)


EXPRESSIONS: dict[str, tuple[Callable[[ir.Table], ir.Table], list[str]]] = {
    "traits": (lambda t: traits(t, as_of=AS_OF), ["customer_id"]),
    "members": (members, ["segment_id", "customer_id"]),
    "cohorts": (lambda t: cohorts(t, as_of=AS_OF), ["cohort_month", "months_later"]),
    "repeat_rate": (lambda t: repeat_rate(t, as_of=AS_OF, window_days=90), ["share"]),
    "again_within": (lambda t: again_within(t, as_of=AS_OF, days=90), ["cohort_month"]),
    "time_to_second": (lambda t: time_to_second(t, as_of=AS_OF), ["days_50"]),
    "crossings": (
        lambda t: crossings(t, start=AS_OF - timedelta(days=200), end=AS_OF, min_orders=3),
        ["customer_id", "crossed_at"],
    ),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_duckdb_and_spark_agree(name: str, file: Path, spark: "Backend") -> None:
    expression, keys = EXPRESSIONS[name]
    here = ibis.duckdb.connect()
    here.raw_sql("SET TimeZone = 'UTC'")
    expected = plain(expression(here.read_parquet(file)), keys)
    got = plain(expression(spark.read_parquet(file)), keys)
    assert len(expected) > 0
    assert len(got) == len(expected)
    for one, other in zip(expected, got, strict=True):
        assert one.keys() == other.keys()
        assert [column for column in one if not same(one[column], other[column])] == []


def same(one: object, other: object) -> bool:
    """Equal; numbers to 1e-9, instants to a second (a logarithm may differ in its last bit)."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return abs(one - other) <= timedelta(seconds=1)
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-9)
    return one == other


def plain(rows: ir.Table, keys: list[str]) -> list[dict[str, object]]:
    """Rows in order of the keys as Python values, instants as UTC."""
    found_rows: list[dict[str, object]] = rows.to_pyarrow().to_pylist()
    for row in found_rows:
        for column, value in row.items():
            if isinstance(value, datetime):
                row[column] = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    return sorted(found_rows, key=lambda row: [str(row[key]).zfill(12) for key in keys])
