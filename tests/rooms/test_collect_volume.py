"""What came in is counted once as the log grows, by source, hour and lag, and told without counting the log."""

from datetime import UTC, datetime, timedelta

import pytest

from kembali.collect import api as collect
from kembali.collect.log import volume
from kembali.collect.models import Fact, Volume

AT = datetime(2026, 11, 2, 10, 30, tzinfo=UTC)
HOUR = AT.replace(minute=0)


def send(source: str, *lags_s: float, at: datetime = AT) -> None:
    collect.append_facts(
        [
            collect.NewFact(
                source=source,
                message_id=f"{at.isoformat()}:{place}",
                kind="tracking.track",
                occurred_at=at - timedelta(seconds=lag),
                payload={},
            )
            for place, lag in enumerate(lags_s)
        ],
        at=at,
    )


@pytest.mark.django_db(transaction=True)
def test_facts_are_counted_once_and_told_before_and_after_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volume, "_COUNT", volume._COUNT.replace(f"LIMIT {volume._BATCH}", "LIMIT 2"))
    monkeypatch.setattr(volume, "_BATCH", 2)
    send("site", 1, 1, 30, 90_000)
    send("till", 0, at=AT + timedelta(hours=1))
    uncounted = collect.list_sources()
    assert [(one.source, one.fact_count) for one in uncounted] == [("till", 1), ("site", 4)]
    assert uncounted[1].last_occurred_at == AT - timedelta(seconds=1)
    assert collect.count_new() == 5
    assert collect.list_sources() == uncounted
    assert collect.count_new() == 0
    send("site", 2, at=AT + timedelta(minutes=5))
    assert (collect.count_new(), collect.list_sources()[1].fact_count) == (1, 5)
    assert collect.hours_of_sources(since=HOUR) == {"site": [(HOUR, 5)], "till": [(HOUR + timedelta(hours=1), 1)]}
    assert collect.lags_of_sources(since=HOUR)["site"] == {0: 3, 1: 1, collect.HISTORY: 1}


@pytest.mark.django_db(transaction=True)
def test_counting_again_from_the_log_gives_the_same() -> None:
    send("site", 1, 400, 90_000)
    collect.count_new()
    send("site", 1, at=AT + timedelta(hours=2))
    collect.count_new()
    columns = ("source", "hour", "kind", "lag_class", "fact_count", "last_occurred_at", "last_received_at")
    before = sorted(Volume.objects.values_list(*columns))
    assert collect.recount() == Fact.objects.count() == 4
    assert sorted(Volume.objects.values_list(*columns)) == before


def test_the_lag_of_most_leaves_history_out() -> None:
    assert collect.lag_class_at(0.5, {0: 60, 2: 40, collect.HISTORY: 9000}) == 0
    assert collect.lag_class_at(0.95, {0: 60, 2: 40, collect.HISTORY: 9000}) == 2
    assert collect.lag_class_at(0.5, {collect.HISTORY: 9000}) is None


def test_a_source_is_silent_by_its_own_pauses_only() -> None:
    nights = [HOUR + timedelta(hours=h) for h in (0, 1, 2, 12, 13)]
    last = nights[-1]
    assert collect.silent_since(nights, last_received_at=last, at=last + timedelta(hours=20)) is None
    assert collect.silent_since(nights, last_received_at=last, at=last + timedelta(hours=21)) == timedelta(hours=21)
    assert collect.silent_since(nights[:2], last_received_at=last, at=last + timedelta(days=9)) is None


@pytest.mark.django_db(transaction=True)
def test_how_far_each_consumer_is_behind_is_counted_without_handling_anything() -> None:
    seen: list[int] = []
    reader = collect.Consumer("a reader", frozenset({"tracking.track"}), lambda facts, _: seen.append(len(facts)))
    send("site", 1, 2)
    collect.run_consumer(reader, at=AT)
    assert collect.distances() == [("a reader", 0)]
    send("site", 3, 4, 5, at=AT + timedelta(hours=1))
    assert (collect.distances(), seen) == ([("a reader", 3)], [2])
