"""kill -9 during a send run: nobody gets two, what is unknown was in flight and is listed, the rest arrives once."""

import logging
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from kembali.messages import api as messages
from kembali.messages.rules.headers import message_id
from tests.fakes.smtp import read_journal
from tests.faults.send_worker import LEASE
from tests.makers.sending import ask_for, customers, open_shop, write_templates

pytestmark = pytest.mark.django_db(transaction=True)
_PATIENCE_S = 60  # without any progress
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Run:
    """A mail server and a nursery of workers, each in processes of their own."""

    nursery: subprocess.Popen[str]
    journal: Path
    keys: list[str]
    killed_at_work: int = 0

    def start(self, mode: str = "work", *, seconds: float = 0) -> int:
        """Start a worker; return its pid."""
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        self.nursery.stdin.write(f"{mode} {seconds}\n")
        self.nursery.stdin.flush()
        return int(self.nursery.stdout.readline())

    def kill(self, pid: int) -> None:
        """Kill -9, and count it where there was work left to disturb."""
        self.killed_at_work += bool(self.open_count())
        os.kill(pid, signal.SIGKILL)
        until(partial(gone, pid))

    def open_count(self) -> int:
        counts = messages.counts_by_state("win_back")
        return counts.get("requested", 0) + counts.get("deferred", 0) + counts.get("handing_over", 0)

    @property
    def journal_bytes(self) -> int:
        return self.journal.stat().st_size

    def has_moved(self, bytes_before: int) -> bool:
        return self.journal_bytes > bytes_before or not self.open_count()

    def is_below(self, count: int) -> bool:
        return self.open_count() < count

    def finish(self, mode: str = "work") -> None:
        """Let the last worker end everything, retries included."""
        pid = self.start(mode, seconds=LEASE.total_seconds() + 600)
        try:
            left = self.open_count()
            while left:
                assert until(partial(self.is_below, left)), messages.counts_by_state("win_back")
                left = self.open_count()
        finally:
            self.kill(pid)

    def faults(self, *, in_flight: int) -> list[str]:
        """Return everything that must not be; at most `in_flight` mails may be unknown."""
        delivered = Counter(delivery.message_id for delivery in read_journal(self.journal))
        receipts = {key: messages.receipt_of(key) for key in self.keys}
        unknown = {key for key, receipt in receipts.items() if receipt.state == "unknown"}
        faults = [f"{message} arrived {count} times" for message, count in delivered.items() if count > 1]
        if len(unknown) > in_flight:
            faults.append(f"{len(unknown)} unknown, {in_flight} were in flight")
        if unknown != {receipt.send_key for receipt in messages.list_unknown()}:
            faults.append("not every unknown mail is listed")
        for key in set(self.keys) - unknown:
            arrived = delivered[message_id(key, "example.com")]
            if (receipts[key].state, arrived) != ("sent", 1):
                faults.append(f"{key} is {receipts[key].state} and arrived {arrived} times")
        return faults


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def until(condition: Callable[[], bool]) -> bool:
    ends = time.monotonic() + _PATIENCE_S
    while not condition():
        if time.monotonic() > ends:
            return False
        time.sleep(0.005)
    return True


@pytest.fixture
def start_run(tmp_path: Path) -> Iterator[Callable[[int], Run]]:
    processes: list[subprocess.Popen[str]] = []

    def process(words: Sequence[str], **environment: str) -> subprocess.Popen[str]:
        started = subprocess.Popen(
            [sys.executable, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
            start_new_session=True,
        )
        processes.append(started)
        return started

    def start(count: int) -> Run:
        open_shop()
        write_templates(tmp_path / "templates")
        keys = ask_for(customers(count))
        server = process(["-m", "tests.fakes.smtp", str(tmp_path / "journal")])
        assert server.stdout is not None
        port = int(server.stdout.readline())
        given = connection.get_connection_params()
        nursery = process(
            ["-m", "tests.faults.send_worker", str(tmp_path / "templates")],
            KEMBALI_HOME=str(tmp_path / "home"),
            KEMBALI_SECRET_KEY=settings.KEMBALI.secret_key,
            KEMBALI_DATABASE_URL=make_conninfo(host=given["host"], dbname=given["dbname"], user=given["user"]),
            KEMBALI_SMTP_URL=f"smtp://127.0.0.1:{port}",
        )
        return Run(nursery, tmp_path / "journal", keys)

    yield start
    for each in processes:
        os.killpg(each.pid, signal.SIGKILL)
        each.wait(10)


def kill_at_random(run: Run, kills: int, *, mode: str = "work") -> None:
    chance = random.Random(20261121)
    while run.killed_at_work < kills:
        assert run.open_count(), f"all mails went before {kills} kills: {run.killed_at_work}"
        arrived = run.journal_bytes
        pid = run.start(mode)
        if chance.random() < 0.8:  # the others die while they take and judge
            assert until(partial(run.has_moved, arrived))
        time.sleep(chance.uniform(0.0, 0.15))
        run.kill(pid)


def kill_at_the_worst_instant(run: Run, kills: int, mode: str) -> None:
    """Each worker dies when the server has said 250 and nobody has written it down."""
    for _ in range(kills):
        pid = run.start(mode)
        assert until(partial(gone, pid))
        run.killed_at_work += 1


@pytest.mark.parametrize(
    ("mails", "kills"),
    [(120, 4), pytest.param(2000, 30, marks=pytest.mark.slow), pytest.param(2000, 60, marks=pytest.mark.slow)],
)
def test_workers_killed_at_random_instants_send_nothing_twice_and_lose_nothing(
    start_run: Callable[[int], Run], mails: int, kills: int
) -> None:
    run = start_run(mails)
    kill_at_random(run, kills)
    run.finish()
    unknown = messages.list_unknown()
    _log.info("%d mails, %d kills, %d unknown, %d arrived", mails, kills, len(unknown), len(read_journal(run.journal)))
    assert run.faults(in_flight=kills) == []


def test_workers_killed_right_after_the_servers_yes_leave_one_unknown_each(start_run: Callable[[int], Run]) -> None:
    run = start_run(60)
    kill_at_the_worst_instant(run, 3, "die")
    run.finish()
    assert run.faults(in_flight=3) == []
    assert len(messages.list_unknown()) == 3
    assert len(read_journal(run.journal)) == 60


def test_the_oracle_bites_when_hand_overs_of_dead_workers_are_sent_again(start_run: Callable[[int], Run]) -> None:
    run = start_run(60)
    kill_at_the_worst_instant(run, 3, "die-resend")
    run.finish("work-resend")
    faults = run.faults(in_flight=3)
    assert len(faults) >= 3
    assert all("arrived 2 times" in each for each in faults)
