"""Endpoints: how many, which addresses, gone, failing, resting, paused, rotated, tested, removed."""

import json
from datetime import timedelta

import pytest
from standardwebhooks import WebhookVerificationError

from kembali.collect import api as collect
from kembali.infra.http import AddressRefused, Client
from kembali.relay import api as relay
from kembali.relay import models
from tests.makers.receiving import Receiver
from tests.makers.relaying import AT, CLIENT, DAY, SECOND, deliver, happen, listen, numbers_of, states

pytestmark = pytest.mark.django_db


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
