"""Workers that share what is due: killed, late, or two at once."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from kembali.relay import api as relay
from tests.makers.receiving import Receiver
from tests.makers.relaying import AT, CLIENT, deliver, happen, listen, states

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)  # another process sees only what is committed
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
