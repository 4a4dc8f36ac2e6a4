"""What leaves, over real HTTP: told once, signed, only what was wanted, repeated until taken."""

import time
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from kembali.collect import api as collect
from kembali.config import wiring
from kembali.relay import api as relay
from kembali.relay import models
from kembali.shop import api as shop
from tests.makers.receiving import Answer, Receiver, receiving
from tests.makers.relaying import AT, CLIENT, DAY, SECOND, deliver, fold, happen, listen, numbers_of, states

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)  # a consumer reads only what is


def test_a_fact_is_told_once_signed_and_with_the_person_it_belongs_to(receiver: Receiver) -> None:
    endpoint_id, secret = listen(receiver)
    (person,) = shop.resolve_customers([{"email": "ann@example.com"}], at=AT)
    happen(1)
    collect.append_facts(
        [
            collect.NewFact(
                source="crm",
                message_id="p",
                kind="order.version",
                identifiers={"email": "ann@example.com"},
                occurred_at=AT - SECOND,
                payload={"order": 1},
            )
        ],
        at=AT,
    )
    fold(2)  # the first one again
    deliver()
    deliver()
    first, second = (one.checked(secret) for one in sorted(receiver.received, key=lambda one: one.id))
    assert len(receiver.received) == 2
    assert first["type"] == "test.happened"
    assert first["timestamp"] == "2026-11-01T12:00:00Z"
    assert second["type"] == "order.version"
    assert second["timestamp"] == "2026-11-01T11:59:59Z"
    assert second["data"] == {
        "fact_id": second["data"]["fact_id"],
        "source": "crm",
        "message_id": "p",
        "customer_id": person,
        "identifiers": {"email": "ann@example.com"},
        "occurred_at": "2026-11-01T11:59:59Z",
        "received_at": "2026-11-01T12:00:00Z",
        "payload": {"order": 1},
    }
    assert sorted(receiver.ids)[1] == f"msg_{endpoint_id}_{second['data']['fact_id']}"
    assert states(endpoint_id) == ["delivered", "delivered"]
    log = relay.attempts_of(relay.list_deliveries(endpoint_id)[0].id)
    assert [(one.number, one.status, one.answer) for one in log] == [(1, 200, "thanks")]


def test_the_time_in_a_signature_is_the_worlds_even_where_the_shops_clock_was_moved(receiver: Receiver) -> None:
    _, secret = listen(receiver, at=AT + 1000 * DAY)
    happen(1, at=AT + 1000 * DAY)
    deliver(AT + 1000 * DAY)
    assert receiver.received[0].checked(secret)["timestamp"] == "2029-07-28T12:00:00Z"
    assert abs(int(receiver.received[0].headers["webhook-timestamp"]) - time.time()) < 60


def test_only_the_wanted_kinds_and_only_from_the_beginning(receiver: Receiver) -> None:
    happen(1, 2, kind="test.wanted", at=AT - SECOND)
    listen(receiver, kinds=["test.wanted"])
    happen(3, kind="test.other")
    happen(4, kind="test.wanted")
    deliver()
    assert numbers_of(receiver.received) == [4]


def test_history_triggers_nothing_unless_it_is_asked_for(receiver: Receiver) -> None:
    listen(receiver)
    with receiving() as archive:
        listen(archive, with_history=True)
        happen(1, occurred_at=AT - 3 * DAY)
        happen(2, occurred_at=AT - DAY)
        deliver()
        assert numbers_of(receiver.received) == [2]
        assert numbers_of(archive.received) == [1, 2]


@committed
def test_nobody_reads_the_log_while_nobody_listens(receiver: Receiver) -> None:
    happen(1)
    assert relay.CONSUMER not in list(wiring.consumers())
    listen(receiver)
    assert relay.CONSUMER in list(wiring.consumers())
    assert collect.run_consumer(relay.CONSUMER, at=AT) == 0
    collect.append_facts(
        [collect.NewFact(source="test", message_id="after", kind="test.happened", occurred_at=AT, payload={})], at=AT
    )
    wiring.fold(AT)
    assert models.Delivery.objects.count() == 1


@committed
def test_a_thousand_facts_for_three_endpoints_are_queued_in_one_statement(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        listen(receiver)
    collect.append_facts(
        [
            collect.NewFact(
                source="test", message_id=f"m{number}", kind="test.happened", occurred_at=AT, payload={"number": number}
            )
            for number in range(1000)
        ],
        at=AT,
    )
    said: list[str] = []
    execute = psycopg.Cursor.execute

    def listened(cursor: psycopg.Cursor[Any], query: Any, *args: Any, **more: Any) -> psycopg.Cursor[Any]:
        said.append(str(query))
        return execute(cursor, query, *args, **more)

    monkeypatch.setattr(psycopg.Cursor, "execute", listened)
    assert collect.run_consumer(relay.CONSUMER, at=AT) == 1000
    assert len([one for one in said if "INSERT INTO relay_delivery" in one]) == 1
    assert len(said) < 15
    assert models.Delivery.objects.count() == 3000


def test_what_was_not_taken_is_sent_again_under_the_same_name(receiver: Receiver) -> None:
    endpoint_id, secret = listen(receiver)
    receiver.always(500, body=b"\xff\x00 broken" + b"x" * 2000)
    happen(1)
    deliver()
    assert states(endpoint_id) == ["waiting"]
    deliver(AT + 3 * SECOND)
    assert len(receiver.received) == 1
    receiver.always(200)
    deliver(AT + 7 * SECOND)
    assert len(receiver.received) == 2
    assert len(set(receiver.ids)) == 1
    assert receiver.received[1].checked(secret)
    assert states(endpoint_id) == ["delivered"]
    first, second = relay.attempts_of(relay.list_deliveries(endpoint_id)[0].id)
    assert (first.status, second.status) == (500, 200)
    assert first.answer.startswith("\ufffd\ufffd broken")
    assert len(first.answer) == 1024


def test_after_three_days_a_delivery_has_failed_and_can_be_replayed(receiver: Receiver) -> None:
    endpoint_id, _ = listen(receiver)
    receiver.always(422)
    happen(1)
    at = AT
    while states(endpoint_id) == ["waiting"]:
        at = relay.list_deliveries(endpoint_id)[0].due_at
        deliver(at)
    assert len(receiver.received) == 10
    assert states(endpoint_id) == ["failed"]
    assert timedelta(days=2.4) < at - AT < timedelta(days=3.6)
    receiver.always(200)
    relay.replay_delivery(relay.list_deliveries(endpoint_id)[0].id, at=at)
    deliver(at)
    assert len(set(receiver.ids)) == 1
    assert states(endpoint_id) == ["delivered"]


def test_nobody_waits_behind_a_slow_endpoint(receiver: Receiver) -> None:
    listen(receiver)
    with receiving() as slow:
        slow.always(200, after_s=1.5)
        listen(slow)
        happen(*range(40))
        began = time.monotonic()
        with relay.Dispatcher(client=CLIENT) as dispatcher:
            while len(receiver.received) < 40:
                dispatcher.step(at=AT, patience_s=0.05)
                assert time.monotonic() - began < 1.4
        assert len(slow.received) == 4


def test_a_redirect_is_not_followed_and_says_so(receiver: Receiver) -> None:
    endpoint_id, _ = listen(receiver)
    receiver.always(302, headers={"Location": "http://169.254.169.254/latest"})
    happen(1)
    deliver()
    assert len(receiver.received) == 1
    (delivery,) = relay.list_deliveries(endpoint_id)
    assert delivery.last_status == 302
    assert "169.254.169.254, which is not followed" in delivery.last_problem


def test_an_endless_answer_is_cut_and_counts_by_its_status(receiver: Receiver) -> None:
    endpoint_id, _ = listen(receiver)
    receiver.answer = lambda _: Answer(200, body=b"y" * 5_000_000)
    happen(1)
    deliver()
    assert states(endpoint_id) == ["delivered"]
    assert relay.attempts_of(relay.list_deliveries(endpoint_id)[0].id)[0].answer == "y" * 1024
