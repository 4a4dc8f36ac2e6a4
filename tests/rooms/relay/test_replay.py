"""What is said again from the log of facts, and how long the log of deliveries is kept."""

from datetime import timedelta

import pytest

from kembali.relay import api as relay
from kembali.relay import models
from tests.makers.receiving import Receiver
from tests.makers.relaying import AT, CLIENT, DAY, SECOND, deliver, happen, listen, numbers_of

pytestmark = pytest.mark.django_db


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


def test_the_log_is_kept_for_thirty_days(receiver: Receiver) -> None:
    endpoint_id, _ = listen(receiver)
    happen(1)
    happen(2, at=AT + DAY)
    deliver(AT + DAY)
    assert relay.forget_old(at=AT + timedelta(days=30, hours=1)) == 1
    assert relay.forget_old(at=AT + timedelta(days=30, hours=1)) == 0
    assert len(relay.list_deliveries(endpoint_id)) == 1
    assert models.Attempt.objects.count() == 1
