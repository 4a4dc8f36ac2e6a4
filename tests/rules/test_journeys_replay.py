"""A replay in one pass ends where looking at the shop day by day does."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from kembali.experiments import api as experiments
from kembali.insight import api as insight
from kembali.journeys import api as journeys
from kembali.journeys.rules.parsing import parse_flow
from kembali.kernel.ids import CustomerId
from kembali.segments import api as segments
from tests.makers.realdata import real_data

OPENED = datetime(2025, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
WIN_BACK = journeys.playbook_of("win_back").flow
OFTEN = parse_flow(
    journeys.playbook_of("win_back")
    .flow_yaml.replace("180 days", "30 days")
    .replace("ordered_within: 60", "ordered_within: 20")
)
IDLE_LOYAL = segments.AllOf(
    of=(
        segments.Compare(attribute="order_count", op=">=", value=3),
        segments.Passed(attribute="idle_from"),
        segments.Not(that=segments.Passed(attribute="lost_from")),
    )
)
replay = partial(journeys.replay, rule=IDLE_LOYAL)
Purchase = tuple[int, datetime, date, int]
Entry = tuple[int, datetime]


def table(rows: Iterable[Purchase]) -> pa.Table:
    customers, placed_at, placed_on, net_minor = zip(*rows, strict=True)
    return pa.table(
        {
            "order_id": pa.array(range(len(customers)), pa.int64()),
            "customer_id": pa.array(customers, pa.int64()),
            "placed_at": pa.array(placed_at, pa.timestamp("us", "UTC")),
            "placed_on": pa.array(placed_on, pa.date32()),
            "net_minor": pa.array(net_minor, pa.int64()),
            "margin_minor": pa.array([minor // 3 for minor in net_minor], pa.int64()),
        }
    )


@cache
def small_shop() -> pa.Table:
    """400 customers over 400 days, each with a rhythm of their own and a pause now and then."""
    rng = np.random.default_rng(7)
    rows: list[Purchase] = []
    for customer in range(1, 401):
        at = OPENED + timedelta(days=float(rng.uniform(0, 150)))
        gap = float(rng.uniform(4, 40))
        while at < OPENED + 400 * DAY:
            rows.append((customer, at, at.date(), int(rng.integers(500, 9000))))
            pause = 5 if rng.uniform() < 0.12 else 1
            at += timedelta(days=float(rng.gamma(6, gap / 6)) * pause, microseconds=int(rng.integers(0, 999_999)))
    return table(rows)


def day_by_day(flow: journeys.Flow, purchases: pa.Table, *, start: datetime, end: datetime) -> list[Entry]:
    """Refresh every midnight, let in who is newly idle and loyal; nothing is known of what comes later."""
    again_after = {"180 days": 180 * DAY, "30 days": 30 * DAY}[flow.again_after]
    days = [start + n * DAY for n in range((end - start).days + 1)]
    seen = [idle_loyal(purchases, day) for day in days]
    inside = seen[0]
    last: dict[int, datetime] = {}
    entries = []
    for day, now in zip(days[1:], seen[1:], strict=True):
        for customer, since in now.items():
            is_new = customer not in inside or inside[customer] != since
            is_fresh = since > start and since > day - 2 * DAY and since < end
            if is_new and is_fresh and (customer not in last or since >= last[customer] + again_after):
                last[customer] = since
                entries.append((customer, since))
        inside = now
    return sorted(entries, key=lambda entry: (entry[1], entry[0]))


_seen: dict[tuple[int, datetime], Mapping[int, datetime]] = {}


def idle_loyal(purchases: pa.Table, at: datetime) -> Mapping[int, datetime]:
    """Who is idle and loyal at a moment, as a refresh then would say; each day of each shop is computed once."""
    key = (id(purchases), at)
    if key not in _seen:
        _seen[key] = _idle_loyal(ibis.memtable(purchases), at)
    return _seen[key]


def _idle_loyal(memory: ibis.Table, at: datetime) -> Mapping[int, datetime]:
    rows = insight.traits_at(memory, as_of=at).to_pyarrow().to_pylist()
    return {
        row["customer_id"]: row["idle_from"]
        for row in rows
        if row["order_count"] >= 3 and row["idle_from"] <= at < row["lost_from"]
    }


def bought(purchases: pa.Table, customer: int, after: datetime, days: int) -> list[int]:
    rows = purchases.select(["customer_id", "placed_at", "net_minor"]).to_pylist()
    return [
        row["net_minor"]
        for row in rows
        if row["customer_id"] == customer and after < row["placed_at"] <= after + days * DAY
    ]


@pytest.mark.parametrize(("flow", "window_days"), [(WIN_BACK, 60), (OFTEN, 20)])
def test_one_pass_equals_day_by_day_on_a_small_shop(flow: journeys.Flow, window_days: int) -> None:
    shop = small_shop()
    start, end = OPENED + 200 * DAY, OPENED + 213 * DAY
    result = replay(flow, ibis.memtable(shop), start=start, end=end, data_until=OPENED + 400 * DAY, every=DAY)
    rows = result.outcomes.to_pylist()
    entries = [(row["customer_id"], row["entered_at"]) for row in rows]
    assert entries == day_by_day(flow, shop, start=start, end=end)
    assert len(entries) > 10
    for row in rows:
        orders = bought(shop, row["customer_id"], row["entered_at"], window_days)
        assert (row["orders"], row["revenue_minor"]) == (len(orders), sum(orders))
        assert row["ordered_again"] == bool(orders)
        assert row["arm"] == experiments.arm_of("win_back", CustomerId(row["customer_id"]), 20)


def test_what_comes_after_the_end_changes_nobodys_entering() -> None:
    shop = small_shop()
    start, end = OPENED + 200 * DAY, OPENED + 213 * DAY
    known = shop.filter(pc.less(shop["placed_at"], pa.scalar(end, pa.timestamp("us", "UTC"))))
    whole = replay(WIN_BACK, ibis.memtable(shop), start=start, end=end, data_until=end)
    cut = replay(WIN_BACK, ibis.memtable(known), start=start, end=end, data_until=end)
    for part in ("outcomes", "cut_off"):
        whole_part, cut_part = getattr(whole, part), getattr(cut, part)
        assert whole_part.select(["customer_id", "entered_at", "arm"]) == cut_part.select(
            ["customer_id", "entered_at", "arm"]
        )


def test_only_full_windows_count_and_the_rest_is_told_apart() -> None:
    shop = ibis.memtable(small_shop())
    start, end = OPENED + 200 * DAY, OPENED + 213 * DAY
    whole = replay(WIN_BACK, shop, start=start, end=end, data_until=OPENED + 400 * DAY)
    early = replay(WIN_BACK, shop, start=start, end=end, data_until=OPENED + 266 * DAY)
    limit = OPENED + 206 * DAY
    assert whole.cut_off.num_rows == 0
    assert max(early.outcomes["entered_at"].to_pylist()) <= limit < min(early.cut_off["entered_at"].to_pylist())
    assert early.outcomes.num_rows + early.cut_off.num_rows == whole.outcomes.num_rows
    assert early.summary().enrolled == early.outcomes.num_rows
    assert early.summary().cut_off == early.cut_off.num_rows


def test_another_salt_and_share_change_the_arms_only() -> None:
    shop = ibis.memtable(small_shop())
    start, end = OPENED + 200 * DAY, OPENED + 213 * DAY
    own = replay(WIN_BACK, shop, start=start, end=end)
    none = replay(WIN_BACK, shop, start=start, end=end, salt="other", holdout_percent=0)
    assert own.outcomes.drop_columns(["arm"]) == none.outcomes.drop_columns(["arm"])
    assert none.treated.all()
    assert 0 < own.summary().holdout < own.summary().enrolled


def test_a_flow_that_asks_for_more_than_purchases_is_refused() -> None:
    text = journeys.playbook_of("win_back").flow_yaml + "\nfilters: [{is: in_segment, segment: loyal}]\n"
    with pytest.raises(journeys.ReplayNotPossible, match="has filters"):
        replay(parse_flow(text), ibis.memtable(small_shop()), start=OPENED, end=OPENED + DAY)


def test_a_segment_that_is_not_about_an_ending_rhythm_is_refused() -> None:
    rule = segments.Compare(attribute="order_count", op=">=", value=3)
    with pytest.raises(journeys.ReplayNotPossible, match="not about a rhythm"):
        journeys.replay(WIN_BACK, ibis.memtable(small_shop()), start=OPENED, end=OPENED + DAY, rule=rule)


def test_one_pass_equals_day_by_day_for_nine_days_of_online_retail() -> None:
    shop = online_retail_sales(real_data("online_retail/online_retail_2010-12-01_2011-09-09.csv.gz"))
    start, end = datetime(2011, 5, 1, tzinfo=UTC), datetime(2011, 5, 10, tzinfo=UTC)
    result = replay(WIN_BACK, ibis.memtable(shop), start=start, end=end, every=DAY)
    entries = [(row["customer_id"], row["entered_at"]) for row in result.outcomes.to_pylist()]
    assert entries == day_by_day(WIN_BACK, shop, start=start, end=end)
    assert len(entries) > 3


def online_retail_sales(path: object) -> pa.Table:
    """Every sale to a known customer, one purchase per invoice; cancellations are left out."""
    totals: defaultdict[tuple[int, str], float] = defaultdict(float)
    placed: dict[tuple[int, str], datetime] = {}
    with gzip.open(str(path), "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            worth = float(row["Quantity"]) * float(row["UnitPrice"])
            if row["CustomerID"] and worth > 0:
                key = (int(row["CustomerID"]), row["InvoiceNo"])
                totals[key] += worth
                placed.setdefault(key, datetime.fromisoformat(row["InvoiceDate"]))
    london = ZoneInfo("Europe/London")
    return table(
        (customer, placed[key].replace(tzinfo=london).astimezone(UTC), placed[key].date(), round(totals[key] * 100))
        for key in sorted(totals)
        for customer in [key[0]]
    )
