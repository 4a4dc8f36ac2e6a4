"""Webhooks in the worker: a thread beside its rounds, whose end is not kept quiet."""

import threading
from dataclasses import replace

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from kembali.cli.relaying import relaying
from kembali.collect import api as collect
from kembali.relay import api as relay
from kembali.shop import api as shop
from tests.makers.receiving import receiving

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_fact_leaves_while_the_worker_does_something_else() -> None:
    shop.set_up_shop(name="Ann's Shop", currency="GBP", time_zone="Europe/London")
    at = timezone.now()
    with (
        receiving() as receiver,
        override_settings(KEMBALI=replace(settings.KEMBALI, allow_private_addresses=True)),
        relaying(threading.Event()),
    ):
        relay.create_endpoint(receiver.url, at=at)
        fact = collect.NewFact(source="test", message_id="m", kind="test.happened", occurred_at=at, payload={})
        collect.append_facts([fact], at=at)
        assert collect.run_consumer(relay.CONSUMER, at=at) == 1
        receiver.wait_for(1)


def test_a_bug_there_ends_the_worker_and_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(relay.Dispatcher, "step", broken)
    stop = threading.Event()
    with pytest.raises(ZeroDivisionError), relaying(stop):
        assert stop.wait(5)
