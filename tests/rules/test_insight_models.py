"""Insight's models on tables in memory: exact values, no future, recovery of planted parameters."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kembali.insight.cohorts import cohorts
from kembali.insight.gaps import with_gaps, with_running_gaps
from kembali.insight.prior import month_sums, priors
from kembali.insight.purchase_summary import purchase_summary
from kembali.insight.repeat import again_within, repeat_rate, time_to_second
from kembali.insight.rfm import GROUPS, breakpoints, rfm
from kembali.insight.rhythm import crossings, overdue_score, rhythm, with_rhythm
from kembali.insight.traits import traits

START = datetime(2025, 1, 1, tzinfo=UTC)
Purchase = tuple[int, float]
"""Customer and day since the start."""


def purchases(rows: Sequence[Purchase], net_minor: int = 1000) -> ir.Table:
    at = [START + timedelta(seconds=round(day * 86_400)) for _, day in rows]
    return ibis.memtable(
        pa.table(
            {
                "order_id": pa.array(range(len(rows)), pa.int64()),
                "customer_id": pa.array([customer for customer, _ in rows], pa.int64()),
                "placed_at": pa.array(at, pa.timestamp("us", "UTC")),
                "placed_on": pa.array([instant.date() for instant in at], pa.date32()),
                "net_minor": pa.array([net_minor + n for n in range(len(rows))], pa.int64()),
                "margin_minor": pa.array([net_minor // 2] * len(rows), pa.int64()),
            }
        )
    )


def rows_of(table: ir.Table, *keys: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = table.order_by(*keys).to_pyarrow().to_pylist()
    return found


def on(day: float) -> datetime:
    return START + timedelta(days=day)


HISTORY = st.lists(
    st.tuples(st.integers(1, 4), st.floats(0, 400, allow_nan=False).map(lambda day: round(day, 3))),
    min_size=1,
    max_size=25,
)


@settings(max_examples=4, deadline=None)
@given(HISTORY, st.integers(30, 400))
def test_truncating_the_future_changes_nothing(history: list[Purchase], day: int) -> None:
    whole, past = purchases(history), purchases([(c, d) for c, d in history if on(d) < on(day)] or [(9, 399.5)])
    if not any(d < day for _, d in history):
        return
    # Row numbers feed the money column, so compare on equal rows of the whole table.
    past = whole.filter(whole.placed_at < ibis.literal(on(day), type="timestamp('UTC')"))
    models: list[Callable[[ir.Table], ir.Table]] = [
        lambda t: traits(t, as_of=on(day)).order_by("customer_id"),
        lambda t: rhythm(t, as_of=on(day)).order_by("customer_id"),
        lambda t: cohorts(t, as_of=on(day)).order_by("cohort_month", "months_later"),
        lambda t: repeat_rate(t, as_of=on(day), window_days=90),
        lambda t: time_to_second(t, as_of=on(day)),
        lambda t: again_within(t, as_of=on(day), days=30).order_by("cohort_month"),
        lambda t: crossings(t, start=START, end=on(day), min_orders=1).order_by("customer_id", "crossed_at"),
    ]
    for model in models:
        assert model(whole).to_pyarrow() == model(past).to_pyarrow()


def test_a_summary_has_one_row_per_buyer_before_the_moment() -> None:
    found = rows_of(purchase_summary(purchases([(1, 0), (1, 40), (2, 3), (3, 90)]), as_of=on(90)), "customer_id")
    assert [(row["customer_id"], row["order_count"], row["net_minor"], row["aov_minor"]) for row in found] == [
        (1, 2, 2001, 1001),
        (2, 1, 1002, 1002),
    ]


def test_a_steady_customer_is_expected_after_their_own_gap() -> None:
    """Ten gaps of 30 days outweigh a preset of 60."""
    found = rows_of(rhythm(purchases([(1, 30 * n) for n in range(11)]), as_of=on(301)), "customer_id")[0]
    waits = {
        name: (found[name] - on(300)) / timedelta(days=1)  # type: ignore[operator]
        for name in ("expected_next_low_at", "expected_next_at", "expected_next_high_at", "idle_from", "lost_from")
    }
    assert 28 < waits["expected_next_at"] < 40
    assert waits["expected_next_low_at"] < waits["expected_next_at"] < waits["expected_next_high_at"]
    assert waits["idle_from"] >= max(waits["expected_next_high_at"], 1.5 * float(str(found["gap_mean_days"])) - 0.01)
    assert waits["lost_from"] >= 2 * waits["idle_from"] - 0.01


def test_a_single_purchase_has_the_shop_prior_and_no_gap_of_its_own() -> None:
    found = rows_of(rhythm(purchases([(1, 0), (1, 0.2)]), as_of=on(5)), "customer_id")[0]
    assert (found["gap_mean_days"], found["gap_count"], found["order_count"]) == (None, 0, 2)
    expected_days = (found["expected_next_at"] - on(0.2)) / timedelta(days=1)  # type: ignore[operator]
    assert expected_days == pytest.approx(np.exp(4.09), abs=0.01)


def test_a_late_purchase_of_somebody_else_does_not_move_a_rhythm() -> None:
    mine = [(1, 10.0), (1, 45.0)]
    others = [(2, 50.0 + 3 * n) for n in range(30)]
    alone = rows_of(rhythm(purchases(mine), as_of=on(200)), "customer_id")[0]
    together = rows_of(rhythm(purchases([*mine, *others]), as_of=on(200)), "customer_id")[0]
    assert alone == together


def test_planted_gaps_are_recovered() -> None:
    """mu = ln 20 ± .08, within sd .5 ± .05, between sd .4 ± .08 over three years; the 80 % interval holds 77–83 %."""
    rng = np.random.default_rng(11)
    rows: list[Purchase] = []
    for customer in range(400):
        centre, day = np.log(20) + rng.normal(0, 0.4), rng.uniform(0, 60)
        while day < 1095:
            rows.append((customer, float(day)))
            day += max(float(np.exp(centre + rng.normal(0, 0.5))), 1.0)
    shop = purchases(rows)
    months = ibis.memtable(pa.table({"month": [2028 * 12]}))
    prior = rows_of(priors(month_sums(with_gaps(shop)), months), "month")[0]
    assert prior["log_mean"] == pytest.approx(np.log(20), abs=0.08)
    assert float(str(prior["within_variance"])) ** 0.5 == pytest.approx(0.5, abs=0.05)
    assert float(str(prior["between_variance"])) ** 0.5 == pytest.approx(0.4, abs=0.08)
    running = with_running_gaps(with_gaps(shop))
    prior_by_month = priors(month_sums(with_gaps(shop)), running.select("month").distinct())
    told = with_rhythm(running.rename(last_order_at="placed_at"), prior_by_month)
    told = told.filter(told.last_order_at > on(400), told.last_order_at < on(900), told.next_placed_at.notnull())
    inside = told.next_placed_at.between(told.expected_next_low_at, told.expected_next_high_at)
    found = told.aggregate(share=inside.cast("float64").mean(), n=told.count()).to_pyarrow().to_pylist()[0]
    assert found["n"] > 5000
    assert 0.77 <= found["share"] <= 0.83


def test_crossings_are_what_asking_every_day_finds() -> None:
    rng = np.random.default_rng(3)
    rows = [(int(rng.integers(1, 7)), float(np.round(rng.uniform(0, 300), 3))) for _ in range(45)]
    shop = purchases(rows)
    found: dict[tuple[int, datetime], int] = {
        (row["customer_id"], row["crossed_at"]): row["order_count"]  # type: ignore[misc]
        for row in rows_of(crossings(shop, start=on(0), end=on(420), min_orders=3), "customer_id", "crossed_at")
    }
    asked = {}
    # Every instant at which the answer can change: just after each crossing the pass reports, and each day.
    instants = sorted({on(day) for day in range(1, 421, 7)} | {at + timedelta(seconds=1) for _, at in found})
    for instant in instants:
        now = rhythm(shop, as_of=instant)
        for row in rows_of(now.filter(now.order_count >= 3), "customer_id"):
            if row["idle_from"] <= instant and row["idle_from"] < on(420):  # type: ignore[operator]
                asked[(row["customer_id"], row["idle_from"])] = row["order_count"]
    assert asked == found
    assert len(found) >= 4


def test_the_overdue_score_is_one_when_the_wait_becomes_long() -> None:
    known = rhythm(purchases([(1, 0), (1, 30), (1, 61)]), as_of=on(62))
    idle_from = rows_of(known, "customer_id")[0]["idle_from"]
    assert isinstance(idle_from, datetime)
    score = known.select(score=overdue_score(known, at=idle_from)).to_pyarrow().to_pylist()[0]["score"]
    assert score == pytest.approx(1.0)


def test_every_cell_of_the_map_has_exactly_one_name() -> None:
    cells = [cell for cells in GROUPS.values() for cell in cells]
    assert sorted(cells) == [(r, f) for r in range(1, 6) for f in range(1, 6)]


@pytest.mark.parametrize("count", [1, 2, 3, 7, 50])
def test_quintiles_of_distinct_customers_are_even_and_ties_stay_together(count: int) -> None:
    days = [(customer, float(customer)) for customer in range(count)]
    summary = purchase_summary(purchases([*days, *((c, 200.0 + c) for c, _ in days)]), as_of=on(500))
    scored = rows_of(rfm(summary, breakpoints(summary)), "customer_id")
    sizes = [sum(row["recency_quintile"] == q for row in scored) for q in range(1, 6)]
    assert max(sizes) - min(sizes) <= 1
    assert {row["frequency_quintile"] for row in scored} == {3}


def test_who_bought_once_has_frequency_one() -> None:
    summary = purchase_summary(purchases([(1, 0), (2, 0), (2, 9)]), as_of=on(10))
    scored = rows_of(rfm(summary, breakpoints(summary)), "customer_id")
    assert [row["frequency_quintile"] for row in scored] == [1, 4]


def test_cohorts_count_each_customer_once_a_month_and_show_empty_months() -> None:
    found = rows_of(
        cohorts(purchases([(1, 0), (1, 35), (1, 36), (2, 5), (3, 70)]), as_of=on(89)), "cohort_month", "months_later"
    )
    assert [(row["months_later"], row["customer_count"], row["returned_count"]) for row in found] == [
        (0, 2, 2),
        (1, 2, 1),
        (2, 2, 0),
        (0, 1, 1),
    ]


def test_repeat_figures_carry_wilson_intervals() -> None:
    shop = purchases([(1, 0), (1, 10), (2, 1), (3, 2), (4, 80)])
    rate = rows_of(repeat_rate(shop, as_of=on(100), window_days=365), "share")[0]
    assert (rate["customer_count"], rate["repeat_count"]) == (4, 1)
    assert (rate["share_low"], rate["share_high"]) == (pytest.approx(0.0456, abs=1e-4), pytest.approx(0.6994, abs=1e-4))
    again = rows_of(again_within(shop, as_of=on(100), days=90), "cohort_month")
    assert [(row["customer_count"], row["repeat_count"]) for row in again] == [(3, 1)]
    assert rows_of(time_to_second(shop, as_of=on(100)), "days_50")[0]["days_50"] == pytest.approx(10.0)


def test_months_are_those_of_the_shop_day() -> None:
    """23:30 UTC on 31 January is February in a shop east of Greenwich: `placed_on` says so."""
    table = purchases([(1, 30.98)]).mutate(placed_on=ibis.literal(date(2025, 2, 1)))
    assert rows_of(cohorts(table, as_of=on(60)), "cohort_month")[0]["cohort_month"] == 2025 * 12 + 1
