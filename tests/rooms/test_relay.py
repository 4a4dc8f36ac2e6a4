"""Facts on their way to other programs, over real HTTP: told once, signed, repeated until taken, never in the way."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo
from standardwebhooks import WebhookVerificationError

from kembali.collect import api as collect
from kembali.config import wiring
from kembali.infra.http import AddressRefused, Client
from kembali.relay import api as relay
from kembali.relay import models
from kembali.shop import api as shop
from tests.makers.receiving import Answer, Received, Receiver, receiving

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)  # a consumer reads only what is
AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
CLIENT = Client(allow_private=True)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture(autouse=True)
def a_shop() -> None:
    shop.set_up_shop(name="Ann's Shop", currency="GBP", time_zone="Europe/London")


def listen(to: Receiver, **more: Any) -> tuple[int, str]:
    endpoint, secret = relay.create_endpoint(to.url, client=CLIENT, **{"at": AT, **more})
    return endpoint.id, secret


def happen(*numbers: int, kind: str = "test.happened", at: datetime = AT, occurred_at: datetime | None = None) -> None:
    facts = [
        collect.NewFact(
            source="test",
            message_id=f"m{number}",
            kind=kind,
            identifiers={"email": "ann@example.com"},
            occurred_at=occurred_at or at,
            payload={"number": number},
        )
        for number in numbers
    ]
    collect.append_facts(facts, at=at)
    fold(len(numbers), at)


def fold(count: int, at: datetime = AT) -> None:
    """Hand the relay the newest facts, as its consumer does, but within the test's transaction."""
    relay.CONSUMER.handle(collect.recent_facts(limit=count).facts, at)


def deliver(at: datetime = AT) -> int:
    with relay.Dispatcher(client=CLIENT) as dispatcher:
        return dispatcher.run_until_idle(at=at)


def numbers_of(received: list[Received]) -> list[int]:
    return sorted(json.loads(one.body)["data"]["payload"]["number"] for one in received)


def states(endpoint_id: int) -> list[str]:
    return [one.state for one in relay.list_deliveries(endpoint_id)]


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


def test_an_endpoint_that_is_gone_is_told_no_more_and_that_is_a_fact(receiver: Receiver) -> None:
    endpoint_id, _ = listen(receiver)
    receiver.always(410)
    happen(1)
    deliver()
    happen(2, at=AT + SECOND)
    deliver(AT + DAY)
    assert len(receiver.received) == 1
    assert states(endpoint_id) == ["failed"]
    found = relay.endpoint_of(endpoint_id)
    assert (found.state, found.disabled_why) == ("disabled", "gone")
    (said,) = collect.recent_facts(kind="webhook.disabled").facts
    assert json.loads(bytes(said.payload)) == {"endpoint_id": endpoint_id, "why": "gone"}
    relay.resume_endpoint(endpoint_id)
    receiver.always(200)
    happen(3, at=AT + 2 * DAY)
    deliver(AT + 2 * DAY)
    assert numbers_of(receiver.received[1:]) == [3]


def test_after_days_of_failure_an_endpoint_is_disabled_and_a_success_in_between_counts(receiver: Receiver) -> None:
    endpoint_id, _ = listen(receiver)
    receiver.always(500)
    for day in range(5):
        happen(day, at=AT + day * DAY)
        deliver(AT + day * DAY)
    assert relay.endpoint_of(endpoint_id).state == "open"
    assert relay.endpoint_of(endpoint_id).failing_since == AT
    deliver(AT + 5 * DAY)
    assert relay.endpoint_of(endpoint_id).disabled_why == "failing"
    relay.resume_endpoint(endpoint_id)
    receiver.always(200)
    deliver(AT + 6 * DAY)
    assert relay.endpoint_of(endpoint_id).failing_since is None


def test_one_that_is_down_is_left_alone_as_long_as_it_asks(receiver: Receiver) -> None:
    endpoint_id, _ = listen(receiver)
    receiver.always(503, headers={"Retry-After": "120"})
    happen(*range(50))
    deliver()
    asked = len(receiver.received)
    assert asked <= 4
    deliver(AT + 119 * SECOND)
    assert len(receiver.received) == asked
    assert relay.endpoint_of(endpoint_id).rests_until == AT + 120 * SECOND
    receiver.always(200)
    deliver(AT + 400 * SECOND)
    assert set(states(endpoint_id)) == {"delivered"}


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


def test_an_address_is_vetted_when_it_is_saved_changed_tested_and_sent_to(receiver: Receiver) -> None:
    strict = Client()
    bad = "https://169.254.169.254/latest/meta-data"
    with pytest.raises(AddressRefused):
        relay.create_endpoint(bad, at=AT, client=strict)
    with pytest.raises(AddressRefused):
        relay.create_endpoint(bad, at=AT, client=CLIENT)
    assert relay.list_endpoints() == []
    endpoint_id, _ = listen(receiver)
    with pytest.raises(AddressRefused):
        relay.change_endpoint(endpoint_id, url=bad, kinds=[], description="", with_history=False, client=CLIENT)
    assert relay.endpoint_of(endpoint_id).url == receiver.url
    tested = relay.send_test(endpoint_id, at=AT, client=strict)
    assert (tested.status, tested.problem) == (None, "The address does not begin with https://.")
    happen(1)
    with relay.Dispatcher(client=strict) as dispatcher:
        dispatcher.run_until_idle(at=AT)
    assert receiver.received == []
    assert "https" in relay.list_deliveries(endpoint_id)[0].last_problem


def test_during_a_rotation_both_secrets_sign_and_afterwards_only_the_new_one(receiver: Receiver) -> None:
    endpoint_id, old = listen(receiver)
    new = relay.rotate_secret(endpoint_id, at=AT)
    happen(1)
    deliver()
    happen(2, at=AT + timedelta(hours=24, seconds=1))
    deliver(AT + timedelta(hours=24, seconds=1))
    during, after = receiver.received
    assert during.checked(old) == during.checked(new)
    assert after.checked(new)
    with pytest.raises(WebhookVerificationError):
        after.checked(old)
    stored = models.Endpoint.objects.values_list("secret_sealed", "former_sealed").get(id=endpoint_id)
    assert not any(secret in text or "whsec_" in text for secret in (old, new) for text in stored)


def test_a_paused_endpoint_is_told_later_what_happened_meanwhile(receiver: Receiver) -> None:
    endpoint_id, _ = listen(receiver)
    relay.pause_endpoint(endpoint_id, at=AT)
    happen(1)
    deliver()
    assert receiver.received == []
    relay.resume_endpoint(endpoint_id)
    deliver()
    assert numbers_of(receiver.received) == [1]


def test_a_test_reaches_the_endpoint_at_once_and_stands_in_its_log(receiver: Receiver) -> None:
    endpoint_id, secret = listen(receiver)
    receiver.always(204, body=b"")
    assert relay.send_test(endpoint_id, at=AT, client=CLIENT).status == 204
    assert receiver.received[0].checked(secret)["type"] == "webhook.test"
    (delivery,) = relay.list_deliveries(endpoint_id)
    assert (delivery.kind, delivery.state, delivery.fact_seq) == ("webhook.test", "delivered", None)
    with pytest.raises(relay.DeliveryNotFound):
        relay.replay_delivery(delivery.id, at=AT)


def test_a_time_range_is_replayed_for_one_endpoint_behind_what_is_new(receiver: Receiver) -> None:
    happen(1, 2, at=AT - 3 * DAY)
    happen(3, kind="test.other", at=AT - 2 * DAY)
    happen(4, at=AT - DAY)
    endpoint_id, _ = listen(receiver, kinds=["test.happened"])
    happen(5)
    relay.start_replay(endpoint_id, since=AT - 3 * DAY, until=AT, at=AT + SECOND)
    while relay.continue_replays(at=AT + SECOND):
        pass
    (replay,) = relay.list_replays(endpoint_id)
    assert (replay.queued_count, replay.finished_at) == (3, AT + SECOND)
    with relay.Dispatcher(client=CLIENT) as dispatcher:
        dispatcher.step(at=AT + SECOND)
        receiver.wait_for(1)
        dispatcher.run_until_idle(at=AT + SECOND)
    assert numbers_of(receiver.received) == [1, 2, 4, 5]
    newest_first = models.Delivery.objects.order_by("is_replay", "due_at", "id").first()
    assert newest_first is not None
    assert not newest_first.is_replay
    with pytest.raises(relay.BadEndpoint):
        relay.start_replay(endpoint_id, since=AT + DAY, at=AT)


def test_what_was_delivered_is_replayed_under_the_name_it_had(receiver: Receiver) -> None:
    endpoint_id, _ = listen(receiver)
    happen(1)
    deliver()
    relay.start_replay(endpoint_id, since=AT, at=AT + SECOND)
    relay.continue_replays(at=AT + SECOND)
    deliver(AT + SECOND)
    assert len(receiver.received) == 2
    assert len(set(receiver.ids)) == 1
    assert models.Delivery.objects.count() == 1


@committed
def test_a_worker_killed_before_the_answer_leaves_a_delivery_that_is_sent_again(receiver: Receiver) -> None:
    endpoint_id, _ = listen(receiver)
    receiver.always(200, after_s=60)
    happen(1)
    given = connection.get_connection_params()
    script = (
        "import django; django.setup()\n"
        "from datetime import datetime, timedelta\n"
        "from kembali.relay.api import Dispatcher\n"
        f"Dispatcher(lease=timedelta(seconds=1)).run_until_idle(at=datetime.fromisoformat({AT.isoformat()!r}))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        env={
            **os.environ,
            "KEMBALI_DATABASE_URL": make_conninfo(host=given["host"], dbname=given["dbname"], user=given["user"]),
            "KEMBALI_SECRET_KEY": settings.KEMBALI.secret_key,
            "KEMBALI_ALLOW_PRIVATE_ADDRESSES": "1",
        },
    ) as worker:
        receiver.wait_for(1)
        worker.send_signal(signal.SIGKILL)
    receiver.always(200)
    assert deliver() == 0
    assert states(endpoint_id) == ["waiting"]
    time.sleep(1.0)
    deliver()
    assert len(receiver.received) == 2
    assert len(set(receiver.ids)) == 1
    assert states(endpoint_id) == ["delivered"]


def test_a_worker_whose_lease_is_over_begins_no_call_and_settles_nothing_of_another(receiver: Receiver) -> None:
    endpoint_id, _ = listen(receiver)
    happen(1)
    with relay.Dispatcher(client=CLIENT, lease=timedelta(0)) as late:
        late.step(at=AT)
        deliver()
        late.step(at=AT)
    assert len(receiver.received) == 1
    assert states(endpoint_id) == ["delivered"]


def test_two_workers_share_what_is_due_and_send_nothing_twice(receiver: Receiver) -> None:
    listen(receiver)
    receiver.always(200, after_s=0.01)
    happen(*range(60))
    with relay.Dispatcher(client=CLIENT) as one, relay.Dispatcher(client=CLIENT) as other:
        while one.step(at=AT, patience_s=0.01) + other.step(at=AT, patience_s=0.01):
            pass
    assert len(receiver.received) == 60
    assert len(set(receiver.ids)) == 60


def test_the_log_is_kept_for_thirty_days(receiver: Receiver) -> None:
    endpoint_id, _ = listen(receiver)
    happen(1)
    happen(2, at=AT + DAY)
    deliver(AT + DAY)
    assert relay.forget_old(at=AT + timedelta(days=30, hours=1)) == 1
    assert relay.forget_old(at=AT + timedelta(days=30, hours=1)) == 0
    assert len(relay.list_deliveries(endpoint_id)) == 1
    assert models.Attempt.objects.count() == 1


def test_an_endless_answer_is_cut_and_counts_by_its_status(receiver: Receiver) -> None:
    endpoint_id, _ = listen(receiver)
    receiver.answer = lambda _: Answer(200, body=b"y" * 5_000_000)
    happen(1)
    deliver()
    assert states(endpoint_id) == ["delivered"]
    assert relay.attempts_of(relay.list_deliveries(endpoint_id)[0].id)[0].answer == "y" * 1024


def test_an_endpoint_removed_while_it_is_called_leaves_nothing(receiver: Receiver) -> None:
    endpoint_id, _ = listen(receiver)
    receiver.always(200, after_s=0.3)
    happen(1)
    with relay.Dispatcher(client=CLIENT) as dispatcher:
        dispatcher.step(at=AT)
        receiver.wait_for(1)
        relay.remove_endpoint(endpoint_id)
        dispatcher.run_until_idle(at=AT)
    assert models.Attempt.objects.count() == 0
    with pytest.raises(relay.EndpointNotFound):
        relay.endpoint_of(endpoint_id)


def test_there_are_so_many_endpoints_and_no_more(receiver: Receiver) -> None:
    for _ in range(25):
        listen(receiver)
    with pytest.raises(relay.TooManyEndpoints):
        listen(receiver)
    assert len(relay.list_endpoints()) == 25
