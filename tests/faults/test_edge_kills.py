"""kill -9 of the edge and of PostgreSQL under load: what was acknowledged is there, once.

The database is one of its own that waits for the disk as in production. A killed process leaves the pages it has
written to the operating system: what only a power cut would show is not shown here.
"""

import logging
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from kembali.infra.postgres import EmbeddedPostgres
from tests.faults.senders import Senders
from tests.story.test_command_line import environ_of, kembali

_log = logging.getLogger(__name__)
_EDGE = [sys.executable, "-m", "kembali", "edge"]
_SABOTAGED = [sys.executable, "-m", "granian", "--interface", "asgi", "--log-level", "error", "tests.faults.edge_server:application"]  # fmt: skip  # noqa: E501 - one command line


@dataclass
class Shop:
    """A home with its database and its edge, both to be killed."""

    folder: Path
    postgres: EmbeddedPostgres
    key: str
    port: int
    sabotage: str = ""
    edge: "subprocess.Popen[bytes] | None" = None

    def start_edge(self) -> None:
        command = [*_SABOTAGED[:-1], "--port", str(self.port), _SABOTAGED[-1]] if self.sabotage else _EDGE
        environ = {"KEMBALI_EDGE_PORT": str(self.port), "SABOTAGE": self.sabotage}
        self.edge = subprocess.Popen(command, env=environ_of(self.folder) | environ, start_new_session=True)
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=2).close()
                return
            except OSError:
                time.sleep(0.05)
        pytest.fail("The edge did not start.")

    def kill_edge(self) -> None:
        if self.edge is not None:
            os.killpg(self.edge.pid, signal.SIGKILL)
            self.edge.wait(30)
            self.edge = None

    def kill_postgres(self) -> None:
        """Kill every process of the cluster at once: none lives to write down what the others had in memory."""
        postmaster = int((self.postgres.data_dir / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for pid in (postmaster, *map(int, children)):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        while self.postgres.is_running():
            time.sleep(0.01)

    def stored(self) -> list[str]:
        """Return the message id of every row, without asking the index that keeps them unique."""
        with psycopg.connect(self.postgres.conninfo, autocommit=True) as connection:
            connection.execute(
                "SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off"
            )
            return [row[0] for row in connection.execute("SELECT message_id FROM collect_fact")]

    def forget_all(self) -> None:
        with psycopg.connect(self.postgres.conninfo, autocommit=True) as connection:
            connection.execute("TRUNCATE collect_fact")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("a shop to be killed")
    key = str(kembali(folder, "keys", "create", "site")["key"])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    postgres = EmbeddedPostgres(folder / "home")
    postgres.acquire()
    with psycopg.connect(postgres.conninfo) as connection:
        settings = [connection.execute(f"SHOW {name}").fetchall()[0][0] for name in ("fsync", "synchronous_commit")]
    assert settings == ["on", "on"]
    yield Shop(folder, postgres, key, port)
    postgres.release()


@contextmanager
def under_load(shop: Shop, sabotage: str = "") -> Iterator[Senders]:
    """Run the edge with senders; at the end everything was acknowledged, or the edge is down."""
    shop.forget_all()
    shop.sabotage = sabotage
    shop.start_edge()
    senders = Senders(shop.port, shop.key)
    senders.start()
    try:
        yield senders
    finally:
        senders.stop()
        shop.kill_edge()


def kill_in_turn(shop: Shop, kills: int, *, seed: int, victims: tuple[str, ...] = ("edge", "postgres")) -> None:
    chance = random.Random(seed)
    for number in range(kills):
        time.sleep(chance.uniform(0.1, 0.6))
        if victims[number % len(victims)] == "edge":
            shop.kill_edge()
            shop.start_edge()
        else:
            shop.kill_postgres()
            time.sleep(chance.uniform(0.0, 0.2))
            shop.postgres.ensure_running()


def faults(senders: Senders, stored: list[str]) -> list[str]:
    """Return everything that must not be."""
    missing = senders.acknowledged - set(stored)
    found = list(senders.wrong)
    if missing:
        found.append(f"{len(missing)} acknowledged events are missing")
    if len(stored) > len(set(stored)):
        found.append(f"{len(stored) - len(set(stored))} events are there twice")
    return found


@pytest.mark.parametrize(("kills", "seed"), [(4, 1), pytest.param(60, 2, marks=pytest.mark.slow)])
def test_what_was_acknowledged_survives_every_kill_and_nothing_is_there_twice(
    shop: Shop, kills: int, seed: int
) -> None:
    with under_load(shop) as senders:
        kill_in_turn(shop, kills, seed=seed)
        time.sleep(0.3)
    stored = shop.stored()
    _log.info("%d kills, %d acknowledged, %d sendings repeated", kills, len(senders.acknowledged), senders.again)
    assert faults(senders, stored) == []
    assert len(senders.acknowledged) >= 30 * kills
    assert senders.again >= kills / 2  # the kills were felt


@pytest.mark.parametrize(("sabotage", "victim"), [("async", "postgres"), ("early", "edge")])
def test_the_oracle_bites_when_answers_do_not_wait_for_the_disk(shop: Shop, sabotage: str, victim: str) -> None:
    with under_load(shop, sabotage) as senders:
        for attempt in range(8):
            kill_in_turn(shop, 1, seed=attempt, victims=(victim,))
            if senders.acknowledged.copy() - set(shop.stored()):
                break
    assert any("acknowledged events are missing" in one for one in faults(senders, shop.stored()))
