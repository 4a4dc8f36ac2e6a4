"""A/A on a real shop: nothing was sent, so re-drawn groups must differ only by chance."""

import csv
import gzip
import hashlib
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from kembali.measure.contracts import Interval, Metric, Outcomes
from kembali.measure.rules.compare import compare_groups
from tests.makers.realdata import real_data

SALTS = 2000


def _orders_by_customer() -> dict[str, list[tuple[datetime, int]]]:
    """Every customer's orders in time, each with its sum in pence; cancellations and free lines left out."""
    sums: defaultdict[tuple[str, str], float] = defaultdict(float)
    placed: dict[tuple[str, str], datetime] = {}
    path = real_data("online_retail/online_retail_2010-12-01_2011-09-09.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8", errors="replace", newline="") as file:
        for row in csv.DictReader(file):
            worth = float(row["Quantity"]) * float(row["UnitPrice"])
            if row["CustomerID"] and worth > 0 and not row["InvoiceNo"].startswith("C"):
                key = (row["CustomerID"], row["InvoiceNo"])
                sums[key] += worth
                placed.setdefault(key, datetime.fromisoformat(row["InvoiceDate"]))
    orders: defaultdict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for key, pounds in sums.items():
        orders[key[0]].append((placed[key], round(pounds * 100)))
    return {customer: sorted(theirs) for customer, theirs in orders.items()}


def _idle_regulars() -> dict[str, list[int]]:
    """Customers when first idle for twice their own mean gap after three orders or more: sums of the 60 days after."""
    customers = _orders_by_customer()
    last_seen = max(orders[-1][0] for orders in customers.values())
    watched = timedelta(days=60)
    found: dict[str, list[int]] = {}
    for customer, orders in customers.items():
        instants = [at for at, _ in orders]
        for count in range(3, len(orders) + 1):
            gap = (instants[count - 1] - instants[0]) / (count - 1)
            idle_from = instants[count - 1] + 2 * gap
            came_back_first = count < len(orders) and instants[count] <= idle_from
            if gap < timedelta(days=1) or came_back_first:
                continue
            if idle_from + watched <= last_seen:
                found[customer] = [minor for at, minor in orders if idle_from < at <= idle_from + watched]
            break
    return found


def _held_out(customers: list[str], salt: int, share: float) -> NDArray[np.bool_]:
    digests = (hashlib.md5(f"{salt}:{customer}".encode(), usedforsecurity=False).digest() for customer in customers)
    return np.array([int.from_bytes(digest) < share * 2**128 for digest in digests])


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_resalting_covers_zero_in_95_of_100_and_withholds_nothing(share: float) -> None:
    regulars = _idle_regulars()
    customers = sorted(regulars)
    orders = np.array([len(regulars[customer]) for customer in customers])
    revenue = np.array([sum(regulars[customer]) for customer in customers])
    covered: Counter[Metric] = Counter()
    for salt in range(SALTS):
        outcomes = Outcomes(
            treated=~_held_out(customers, salt, share),
            ordered_again=orders > 0,
            orders=orders,
            revenue_minor=revenue,
            margin_minor=revenue * 35 // 100,
        )
        comparison = compare_groups(outcomes, planned_holdout_share=share, rng=np.random.default_rng(salt))
        for metric in Metric:
            reading = comparison.reading(metric)
            assert isinstance(reading, Interval)
            covered[metric] += not reading.rules_out_zero
    assert all(0.935 <= covered[metric] / SALTS <= 0.965 for metric in Metric), covered
