"""What people bought in a window of their own, counted on columns."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from kembali.journeys.replay.outcomes import with_outcomes

DAY = datetime(2026, 1, 1, tzinfo=UTC)
WINDOW = timedelta(days=60)
INSTANT = pa.timestamp("us", "UTC")


def at(day: float) -> datetime:
    return DAY + timedelta(days=day)


def entries(*rows: tuple[int, float]) -> pa.Table:
    return pa.table(
        {
            "customer_id": pa.array([customer for customer, _ in rows], pa.int64()),
            "entered_at": pa.array([at(day) for _, day in rows], INSTANT),
        }
    )


def purchases(*rows: tuple[int, float, int]) -> pa.Table:
    return pa.table(
        {
            "customer_id": pa.array([customer for customer, _, _ in rows], pa.int64()),
            "placed_at": pa.array([at(day) for _, day, _ in rows], INSTANT),
            "net_minor": pa.array([minor for _, _, minor in rows], pa.int64()),
            "margin_minor": pa.array([minor // 2 for _, _, minor in rows], pa.int64()),
        }
    )


def test_the_window_is_open_at_entering_and_closed_at_its_end() -> None:
    bought = purchases((1, 10, 100), (1, 10.001, 200), (1, 70, 400), (1, 70.001, 800), (2, 20, 1600))
    found = with_outcomes(entries((1, 10), (2, 30), (3, 5)), bought, window=WINDOW)
    assert found["orders"].to_pylist() == [2, 0, 0]
    assert found["ordered_again"].to_pylist() == [True, False, False]
    assert found["revenue_minor"].to_pylist() == [600, 0, 0]
    assert found["margin_minor"].to_pylist() == [300, 0, 0]


def test_nobody_and_nothing_bought_are_no_special_cases() -> None:
    assert with_outcomes(entries(), purchases((1, 1, 1)), window=WINDOW).num_rows == 0
    assert with_outcomes(entries((1, 1)), purchases(), window=WINDOW)["orders"].to_pylist() == [0]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 100)), max_size=12),
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 200), st.integers(1, 9999)), max_size=40),
)
def test_it_counts_what_a_plain_loop_counts(
    people: list[tuple[int, float]], bought: list[tuple[int, float, int]]
) -> None:
    found = with_outcomes(entries(*people), purchases(*bought), window=WINDOW)
    expected = [
        [minor for who, day, minor in bought if who == customer and start < day <= start + 60]
        for customer, start in people
    ]
    assert found["orders"].to_pylist() == [len(each) for each in expected]
    assert found["revenue_minor"].to_pylist() == [sum(each) for each in expected]
