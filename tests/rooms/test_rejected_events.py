"""What programs sent and could not be a fact: kept with its reason, within limits, and read again once it is mended."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from kembali.collect import api as collect
from kembali.collect import door
from kembali.collect.models import Fact, RejectedEvent
from kembali.collect.rejects import rejecting, rereading
from kembali.infra.database import one_transaction

AT = datetime(2032, 3, 1, 23, 30, tzinfo=UTC)
LATER = AT + timedelta(hours=3)
pytestmark = pytest.mark.django_db(transaction=True)


def keep(
    rejected: Sequence[collect.Rejected] | None = None, *, count: int = 1, at: datetime = AT, **said: object
) -> None:
    rejected = [wrong(**said)] * count if rejected is None else rejected
    with one_transaction() as cursor:
        door.keep_rejected(cursor, rejected, received_at=at)


def wrong(**said: object) -> collect.Rejected:
    made: dict[str, object] = {
        "source": "public:site",
        "call": "tracking.batch",
        "is_trusted": False,
        "reason_code": "unknown_type",
        "reason": "Its type is not known.",
        "raw": b'{"type": "shout", "messageId": "m1"}',
    }
    return collect.Rejected(**made | said)  # type: ignore[arg-type]


def read(events: Sequence[object], **beside: object) -> collect.Reading:
    envelope = door.open_envelope(json.dumps({"batch": events, **beside}).encode(), "batch")
    return door.read_events(
        envelope, "batch", source="trusted:shop", is_trusted=True, anonymous_id="a1", received_at=AT
    )


def tallies() -> list[tuple[str, str, int, int]]:
    found = collect.count_rejected_events(since=AT.date())
    return [(one.source, one.reason_code, one.seen_count, one.kept_count) for one in found]


def understand_shouts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kembali.collect.tracking.events._KINDS", {"shout": "tracking.shout"})


def test_of_a_source_so_many_are_kept_a_day_and_the_others_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejecting, "MOST_KEPT_A_DAY", 5)
    keep(count=3)
    keep(count=1, reason_code="nobody")
    keep(count=4)
    keep(count=2, source="public:app")
    assert tallies() == [
        ("public:site", "unknown_type", 7, 4),
        ("public:app", "unknown_type", 2, 2),
        ("public:site", "nobody", 1, 1),
    ]
    assert RejectedEvent.objects.filter(source="public:site").count() == 5
    keep(count=1, at=AT + timedelta(days=1))
    assert RejectedEvent.objects.filter(source="public:site").count() == 6


def test_what_is_kept_is_cut_and_what_was_cut_is_not_read_again() -> None:
    keep(raw=b"a" * 40_000, reason="\ud83d \0" * 500)
    keep(beside=b'{"context": "' + b"a" * 40_000 + b'"}')
    kept = collect.list_rejected_events()
    assert [len(one.raw) for one in kept] == [36, 32 * 1024]
    assert all(one.is_cut for one in kept)
    assert len(kept[1].reason) == 500
    assert collect.replay_events(at=LATER) == collect.EventsReplayed(accepted=0, rejected=0, last_id=None)
    assert collect.count_waiting_events() == 0


def test_a_mended_cause_lets_the_event_in_as_if_it_had_just_come(monkeypatch: pytest.MonkeyPatch) -> None:
    shout = {"type": "shout", "event": "Sale", "messageId": "m1", "timestamp": "2032-03-01T20:00:00Z"}
    nobody = {"type": "shout", "messageId": "m2"}
    reading = read([shout, nobody], sentAt="2032-03-01T21:00:00Z", context={"locale": "de"})
    assert reading.facts == []
    keep(reading.rejected)
    assert collect.replay_events(at=LATER) == collect.EventsReplayed(accepted=0, rejected=2, last_id=None)

    understand_shouts(monkeypatch)
    first = RejectedEvent.objects.order_by("id")[0]
    assert collect.replay_events([first.pk], at=LATER).accepted == 1
    fact = Fact.objects.get()
    assert (fact.source, fact.message_id, fact.kind) == ("trusted:shop", "m1", "tracking.shout")
    assert fact.occurred_at == AT - timedelta(hours=1)  # as long before its arrival as before its sending
    assert (fact.received_at, fact.identifiers) == (LATER, {"anonymous_id": "a1"})
    assert fact.payload["context"] == {"locale": "de"}

    assert collect.count_waiting_events() == 1
    assert collect.replay_events(source="trusted:shop", at=LATER).accepted == 1
    assert collect.replay_events(at=LATER) == collect.EventsReplayed(accepted=0, rejected=0, last_id=None)
    assert Fact.objects.count() == 2
    assert [one.replayed_at for one in collect.list_rejected_events(source="trusted:shop")] == [LATER, LATER]


def test_what_is_still_wrong_keeps_todays_reason() -> None:
    keep(raw=b'{"type": "track", "userId": "u1"}', reason_code="of_old", reason="Nobody knows.")
    assert collect.replay_events(reason_code="of_old", at=LATER).rejected == 1
    (kept,) = collect.list_rejected_events()
    assert (kept.reason_code, kept.replayed_at) == ("no_event_name", None)
    assert Fact.objects.count() == 0


def test_what_the_log_refuses_takes_no_other_event_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def reader(call: str, raw: bytes, beside: bytes, **said: object) -> collect.Reading:
        new = collect.NewFact(source="hook", message_id=raw.decode(), kind="test", occurred_at=AT, payload=beside)
        return collect.Reading(facts=[new])

    monkeypatch.setattr(rereading, "READERS", {"hook": reader})
    keep(
        [
            wrong(source="hook", call="hook.order", raw=name, beside=beside)
            for name, beside in ((b"m1", b"{}"), (b"m2", b'{"a": "\\u0000"}'), (b"m3", b"{}"))
        ]
    )
    keep(source="gone", call="gone.order")
    assert collect.replay_events(at=LATER) == collect.EventsReplayed(accepted=2, rejected=2, last_id=None)
    assert set(Fact.objects.values_list("message_id", flat=True)) == {"m1", "m3"}
    assert [one.reason_code for one in collect.list_rejected_events(source="hook")] == [
        "unknown_type",
        "bad_fact",
        "unknown_type",
    ]


def test_many_are_replayed_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    keep(read([{"type": "shout"}] * 3).rejected)
    understand_shouts(monkeypatch)
    step = collect.replay_events(at=LATER, limit=2)
    assert (step.accepted, step.last_id) == (2, RejectedEvent.objects.order_by("id")[1].pk)
    assert collect.replay_events(at=LATER, limit=2, after=step.last_id or 0).accepted == 1
    assert Fact.objects.count() == 3  # without an id of their own they are three events


def test_after_thirty_days_they_are_forgotten_and_their_counts_after_four_hundred() -> None:
    keep(at=AT)
    keep(at=AT + timedelta(days=2))
    assert collect.expire_rejected(at=AT + timedelta(days=31)) == 1
    assert tallies() == [("public:site", "unknown_type", 2, 2)]
    assert collect.expire_rejected(at=AT + timedelta(days=402)) == 1
    assert [seen for _, _, seen, _ in tallies()] == [1]


def test_the_latest_come_first_and_page_by_page() -> None:
    keep([wrong(raw=str(number).encode()) for number in range(4)])
    newest = collect.list_rejected_events(limit=2)
    assert [bytes(one.raw) for one in newest] == [b"3", b"2"]
    assert [bytes(one.raw) for one in collect.list_rejected_events(before_id=newest[-1].pk)] == [b"1", b"0"]
    assert collect.list_rejected_events(reason_code="nobody") == []


def test_forgetting_finds_its_rows_by_an_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT id FROM collect_rejectedevent WHERE received_at < %s ORDER BY received_at", [AT])
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("RESET enable_seqscan")
    assert "Index" in plan
