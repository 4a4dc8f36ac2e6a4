"""The facts log: idempotent, and read without skipping although numbers commit out of order."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from kembali.collect import api as collect
from kembali.collect import door
from kembali.collect.log.parking import replay_parked
from kembali.collect.models import Fact, Log, ParkedFact

AT = datetime(2026, 11, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


def fact(number: int, kind: str = "test.happened", **payload: object) -> collect.NewFact:
    return collect.NewFact(
        source="test", message_id=f"m{number}", kind=kind, occurred_at=AT, payload={"number": number, **payload}
    )


class Recorder:
    """A consumer that remembers what it was handed."""

    def __init__(self, *kinds: str) -> None:
        self.seen: list[str] = []
        self.consumer = collect.Consumer("recorder", frozenset(kinds), self.handle)

    def handle(self, facts: Sequence[collect.Fact], at: datetime) -> None:
        if any(b"poison" in bytes(f.payload) for f in facts):
            raise ValueError("cannot digest this")
        self.seen += [f.message_id for f in facts]

    def drain(self) -> list[str]:
        while collect.run_consumer(self.consumer, at=AT):
            pass
        return self.seen


@pytest.fixture
def other_connection() -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        yield other


def test_the_same_message_twice_is_one_fact() -> None:
    assert collect.append_facts([fact(1), fact(2), fact(1)], at=AT) == [True, True, False]
    assert collect.append_facts([fact(2), fact(3)], at=AT) == [False, True]
    assert Recorder().drain() == ["m1", "m2", "m3"]


def test_a_payload_postgresql_cannot_hold_is_refused_and_nothing_is_appended() -> None:
    with pytest.raises(collect.BadFact, match="U\\+0000"):
        collect.append_facts([fact(1), fact(2, text="a\0b")], at=AT)
    assert Recorder().drain() == []


def test_a_consumer_sees_only_its_kinds_and_each_fact_once() -> None:
    collect.append_facts([fact(1), fact(2, "other"), fact(3)], at=AT)
    recorder = Recorder("test.happened")
    assert recorder.drain() == ["m1", "m3"]
    collect.append_facts([fact(4, "other"), fact(5)], at=AT)
    assert recorder.drain() == ["m1", "m3", "m5"]


def test_a_fact_that_commits_late_is_not_skipped(other_connection: psycopg.Connection[tuple[object, ...]]) -> None:
    door.append(other_connection.cursor(), [fact(1)], received_at=AT)  # has the lower number, is not committed
    collect.append_facts([fact(2)], at=AT)
    recorder = Recorder()
    assert recorder.drain() == []  # m2 waits: m1 may still appear before it
    other_connection.commit()
    assert recorder.drain() == ["m1", "m2"]


def test_transaction_nine_comes_before_transaction_ten() -> None:
    collect.append_facts([fact(1), fact(2)], at=AT)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE collect_fact SET xid = CASE message_id WHEN 'm1' THEN '9' ELSE '10' END::xid8")
    recorder = Recorder()
    while collect.run_consumer(recorder.consumer, at=AT, limit=1):
        pass
    assert recorder.seen == ["m1", "m2"]


def test_a_poisonous_fact_is_parked_and_the_others_go_through() -> None:
    collect.append_facts([fact(n, text="poison" if n == 3 else "good") for n in range(1, 7)], at=AT)
    recorder = Recorder()
    recorder.drain()
    assert sorted(recorder.seen) == ["m1", "m2", "m4", "m5", "m6"]
    parked = ParkedFact.objects.get()
    assert parked.reason == "ValueError: cannot digest this"
    assert replay_parked(recorder.consumer, at=AT) == 0
    assert collect.count_parked() == 1
    mended = collect.Consumer("recorder", frozenset(), lambda facts, at: None)
    assert replay_parked(mended, at=AT) == 1
    assert collect.count_parked() == 0


def test_a_restored_cluster_whose_transaction_ids_start_again_gets_a_new_epoch(
    other_connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    collect.append_facts([fact(1)], at=AT)
    recorder = Recorder()
    assert recorder.drain() == ["m1"]
    assert door.open_log(other_connection) == 0
    with connection.cursor() as cursor:  # what a dump and restore into a younger cluster looks like
        cursor.execute("UPDATE collect_fact SET xid = '900000000'")
        cursor.execute("UPDATE collect_cursor SET xid = '900000000', seq = (SELECT max(seq) FROM collect_fact)")
    assert door.open_log(other_connection) == 1
    other_connection.commit()
    collect.append_facts([fact(2)], at=AT)
    assert recorder.drain() == ["m1", "m2"]
    Log.objects.all().delete()
    Fact.objects.all().delete()
    assert door.open_log(other_connection) == 0  # what new facts bear follows the log, whatever happened to it
    other_connection.commit()
    collect.append_facts([fact(3)], at=AT)
    assert Fact.objects.get(message_id="m3").epoch == 0


def test_a_timeline_is_the_persons_facts_newest_first() -> None:
    facts = [
        collect.NewFact(
            source="test",
            message_id=f"t{day}",
            kind="test.happened",
            occurred_at=AT.replace(day=day),
            payload={},
            identifiers={"email": "ann@example.com"} if day != 2 else {"email": "bob@example.com"},
        )
        for day in (1, 2, 3)
    ]
    collect.append_facts(facts, at=AT)
    assert [f.message_id for f in collect.timeline_of(["email:ann@example.com"])] == ["t3", "t1"]
    assert [f.message_id for f in collect.timeline_of(["email:ann@example.com"], before=AT.replace(day=3))] == ["t1"]


def test_selected_facts_are_appended_once_also_beside_new_ones() -> None:
    def select(first: int, last: int) -> sql.Composed:
        return sql.SQL(
            "SELECT 'test' AS source, 'm' || n AS message_id, 'test.happened' AS kind, NULL::text AS subject, "
            "'{{}}'::jsonb AS identifiers, {at}::timestamptz AS occurred_at, '{{}}'::json AS payload "
            "FROM generate_series({first}, {last}) n"
        ).format(at=AT, first=first, last=last)

    assert collect.append_selected(select(1, 3), at=AT) == 3
    assert collect.append_selected(select(2, 4), at=AT) == 1
    assert Recorder().drain() == ["m1", "m2", "m3", "m4"]
