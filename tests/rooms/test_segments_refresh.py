"""Memberships as intervals and facts, refreshed little by little."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
from django.db import connection

from kembali.collect.models import Fact
from kembali.insight import api as insight
from kembali.kernel.ids import CustomerId, SegmentKey
from kembali.lake import api as lake
from kembali.segments import api as segments
from kembali.segments import registry, storing
from kembali.segments.models import Membership
from tests.rooms.test_insight_refresh import START, conninfo, history, orders, place

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["orders"]

IDLE = SegmentKey("idle_loyal")
DAYS = range(265, 400, 27)
LAST_DAY = DAYS[-1]


@pytest.fixture(autouse=True)
def attributes(orders: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", [])
    segments.register(
        source=insight.TRAITS, attributes=insight.ATTRIBUTES, changed_at=insight.CHANGED_AT, purchases="purchases"
    )


def refresh(day: float, folder: Path, *, full: bool | None = False) -> segments.SegmentsRefreshed:
    at = START + timedelta(days=day)
    lake.export(folder, conninfo())
    with lake.open_lake(folder) as opened, insight.refreshing(opened, at=at, full=full) as done:
        return segments.refresh(opened, at=at, changed=done.changed)


def intervals(*, only_open: bool = False) -> set[tuple[str, int, datetime]]:
    rows = Membership.objects.filter(left_at__isnull=True) if only_open else Membership.objects.all()
    return set(rows.values_list("segment__key", "customer_id", "entered_at"))


def members() -> set[tuple[str, int]]:
    return set(Membership.objects.filter(left_at__isnull=True).values_list("segment__key", "customer_id"))


def moves_of(kind: str, segment: str) -> list[Fact]:
    return [move for move in Fact.objects.filter(kind=kind) if move.payload["segment"] == segment]


def test_a_first_build_writes_members_and_no_facts(orders: None, tmp_path: Path) -> None:
    place(history(40, 200, seed=1))
    done = refresh(520, tmp_path, full=True)
    assert done.entered == Membership.objects.count() > 0
    assert Fact.objects.count() == 0


def test_members_after_small_refreshes_are_those_of_a_rebuild(orders: None, tmp_path: Path) -> None:
    small_refreshes(tmp_path)
    little_by_little = members()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE segments_membership; UPDATE segments_segment SET built_version = NULL")
    # RFM breakpoints are those of the last full refresh, so the comparison stays on them.
    refresh(LAST_DAY, tmp_path)
    assert little_by_little == members()


def test_an_idle_customer_enters_at_the_instant_their_wait_became_long_and_leaves_with_the_next_order(
    orders: None, tmp_path: Path
) -> None:
    place([(n, 1, START + timedelta(days=30 * n), 1000) for n in range(6)])
    refresh(151, tmp_path, full=True)
    idle_from = insight.traits_of([CustomerId(1)])[CustomerId(1)].idle_from
    refresh(1 + (idle_from - START).days, tmp_path)
    assert (IDLE, 1, idle_from) in intervals(only_open=True)
    entered = moves_of("segment.entered", "idle_loyal")[0]
    assert entered.message_id == f"segment:idle_loyal:1:{idle_from:%Y-%m-%dT%H:%M:%S.%fZ}"
    assert entered.occurred_at == idle_from
    back = idle_from + timedelta(days=20)
    place([(6, 1, back, 1000)])
    refresh((back - START).days + 1, tmp_path)
    stay = next(stay for stay in segments.stays_of(CustomerId(1)) if stay.key == IDLE)
    assert (stay.entered_at, stay.left_at) == (idle_from, back)
    assert segments.members_at(IDLE, back - timedelta(seconds=1), limit=9) == [1]
    assert segments.members_at(IDLE, back, limit=9) == []
    assert [move.occurred_at for move in moves_of("segment.left", "idle_loyal")] == [back]


def test_somebody_out_and_in_again_between_two_refreshes_has_two_stays(orders: None, tmp_path: Path) -> None:
    place([(n, 1, START + timedelta(days=30 * n), 1000) for n in range(6)])
    refresh(151, tmp_path, full=True)
    first = insight.traits_of([CustomerId(1)])[CustomerId(1)].idle_from
    refresh(1 + (first - START).days, tmp_path)
    back = first + timedelta(days=5)
    place([(6, 1, back, 1000)])
    refresh((back - START).days + 150, tmp_path)
    second = insight.traits_of([CustomerId(1)])[CustomerId(1)].idle_from
    stays = [stay for stay in segments.stays_of(CustomerId(1)) if stay.key == IDLE]
    assert [(stay.entered_at, stay.left_at) for stay in stays] == [(second, None), (first, back)]


def test_crossings_in_one_pass_are_the_entries_that_refreshes_along_the_way_find(orders: None, tmp_path: Path) -> None:
    step, end = timedelta(days=40), START + timedelta(days=440)
    rows = history(12, 130, seed=5, days=420)
    for number in range(1, 12):
        place([row for row in rows if START + (number - 1) * step <= row[2] < START + number * step])
        refresh(40 * number, tmp_path)
    with lake.open_lake(tmp_path) as opened:
        found = opened.arrow(
            insight.crossings(opened.table("purchases"), start=START, end=end, min_orders=3)
        ).to_pylist()
    # A wait that a purchase ended before the next look was never looked at.
    looks = {
        (row["customer_id"], row["crossed_at"]): START + -((START - row["crossed_at"]) // step) * step for row in found
    }
    expected = {
        (customer, at)
        for (customer, at), look in looks.items()
        if not any(buyer == customer and at <= placed_at < look for _, buyer, placed_at, _ in rows)
    }
    entered = {(c, at) for key, c, at in intervals() if key == IDLE}
    assert entered == expected
    assert 3 < len(expected) <= len(looks)


def test_an_edited_rule_moves_members_without_facts(orders: None, tmp_path: Path) -> None:
    place(history(20, 100, seed=3, days=100))
    refresh(120, tmp_path, full=True)
    version = segments.define(
        key=SegmentKey("loyal"),
        name="Loyal",
        question="?",
        rule=segments.Compare(attribute="order_count", op=">=", value=6),
    )
    assert version == 2
    done = refresh(120.5, tmp_path)
    assert done.entered + done.left > 0
    assert not moves_of("segment.entered", "loyal") + moves_of("segment.left", "loyal")


def test_purchases_counted_in_a_window_run_out_by_themselves(orders: None, tmp_path: Path) -> None:
    key = SegmentKey("busy")
    segments.install_shipped()
    segments.define(key=key, name="Busy", question="?", rule=segments.Bought(at_least=2, within_days=30))
    place([(1, 1, START, 100), (2, 1, START + timedelta(days=10), 100), (3, 2, START, 100)])
    refresh(11, tmp_path, full=True)
    assert segments.members_at(key, START + timedelta(days=11), limit=9) == [1]
    refresh(35, tmp_path)
    stay = next(stay for stay in segments.stays_of(CustomerId(1)) if stay.key == key)
    assert (stay.entered_at, stay.left_at) == (START + timedelta(days=10), START + timedelta(days=30))


def test_sizes_and_growth_count_intervals(orders: None, tmp_path: Path) -> None:
    place([(n, 1, START + timedelta(days=30 * n), 1000) for n in range(6)] + [(9, 2, START, 5)])
    refresh(151, tmp_path, full=True)
    at = START + timedelta(days=151)
    assert segments.sizes_at(at, days=30)[SegmentKey("one_time")].member_count == 1
    assert segments.growth_of(SegmentKey("loyal"), [START, at]) == [0, 1]
    assert segments.segments_of([CustomerId(1)], at)[CustomerId(1)] >= {"loyal", "active"}


def small_refreshes(folder: Path) -> tuple[object, ...]:
    """Return every stay and every fact after a year of small refreshes."""
    rows = history(30, 240, seed=2)
    place(rows[:200])
    refresh(250, folder)
    for number, day in enumerate(DAYS):
        place(rows[200 + 8 * number : 208 + 8 * number])
        place([(o, c, at, 0) for o, c, at, _ in rows[number * 3 : number * 3 + 2]])
        refresh(day, folder)
    stays = set(Membership.objects.values_list("segment__key", "customer_id", "entered_at", "left_at"))
    facts = set(Fact.objects.values_list("message_id", "kind", "subject", "occurred_at"))
    return stays, facts


def start_anew() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE made_order, segments_membership, collect_fact, insight_trait, insight_run; "
            "UPDATE segments_segment SET built_version = NULL, refreshed_at = NULL"
        )


def test_moves_in_small_batches_and_stopped_between_them_end_alike(
    orders: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = small_refreshes(tmp_path / "one")
    monkeypatch.setattr(storing, "_BATCH_MOVES", 2)
    start_anew()
    assert small_refreshes(tmp_path / "two") == at_once
    start_anew()
    record, calls = storing._record, iter(range(10_000))

    def stop_now_and_then(news: Mapping[int, str], *, at: datetime) -> int:
        if next(calls) % 5 == 3:
            raise KeyboardInterrupt
        return record(news, at=at)

    monkeypatch.setattr(storing, "_record", stop_now_and_then)
    monkeypatch.setitem(globals(), "refresh", persistent(refresh))
    assert small_refreshes(tmp_path / "three") == at_once


def persistent(once: Callable[..., segments.SegmentsRefreshed]) -> Callable[..., segments.SegmentsRefreshed]:
    """Return a refresh that is run again after every stop, as the next tick would."""

    def again(day: float, folder: Path) -> segments.SegmentsRefreshed:
        while True:
            with suppress(KeyboardInterrupt):
                return once(day, folder)

    return again


def test_rows_not_stored_yet_decide_about_their_customers(orders: None, tmp_path: Path) -> None:
    """Members are right although the traits of the changed are written only afterwards."""
    rows = history(30, 200, seed=4)
    place(rows)
    refresh(505, tmp_path, full=True)
    gone = rows[0][1]
    place([(900, 99, START + timedelta(days=504), 5), *((o, c, at, 0) for o, c, at, _ in rows if c == gone)])
    lake.export(tmp_path, conninfo())
    at = START + timedelta(days=506)
    params = connection.get_connection_params() | {"cursor_factory": None}
    with psycopg.connect(**params) as other, lake.open_lake(tmp_path) as opened:
        other.execute("SET idle_in_transaction_session_timeout = '20s'")  # a failing block waits for the writer
        other.execute("LOCK TABLE insight_trait IN SHARE MODE")
        with insight.refreshing(opened, at=at, full=False) as done:
            segments.refresh(opened, at=at, changed=done.changed)
            other.commit()
    inside = members()
    assert {key for key, customer in inside if customer == 99} >= {"new", "active", "one_time"}
    assert gone not in {customer for _, customer in inside}


def test_a_batch_holds_all_moves_of_its_customers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "_BATCH_MOVES", 2)
    moves = pa.table({"customer_id": [1, 2, 2, 2, 3, 3, 4, 5, 6]})
    batches = [batch.column("customer_id").to_pylist() for batch in storing._batches(moves)]
    assert batches == [[1, 2, 2, 2], [3, 3], [4, 5], [6]]
    assert storing._batches(moves.slice(0, 0)) == []
