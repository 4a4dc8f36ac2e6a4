"""The embedded database: in any folder, for several processes, and back after a kill."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from kembali.infra.postgres import EmbeddedPostgres


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "a shop's home, with spaces"
    folder.mkdir(mode=0o700)
    yield folder
    last = EmbeddedPostgres(folder)
    last.acquire()
    last.release()


def count_of(postgres: EmbeddedPostgres) -> int:
    with psycopg.connect(postgres.conninfo) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (id int)")
        connection.execute("INSERT INTO note VALUES (1)")
        row = connection.execute("SELECT count(*) FROM note").fetchone()
    assert row is not None
    return int(row[0])


def test_the_last_process_out_stops_it_and_a_second_start_finds_everything(home: Path) -> None:
    first, second = EmbeddedPostgres(home), EmbeddedPostgres(home)
    first.acquire()
    second.acquire()
    assert count_of(first) == 1
    first.release()
    assert count_of(second) == 2  # still running: somebody uses it
    second.release()
    assert not second.is_running()
    first.acquire()
    assert count_of(first) == 3
    first.release()
    assert not first.is_running()


def test_it_comes_back_after_a_kill(home: Path) -> None:
    postgres = EmbeddedPostgres(home)
    postgres.acquire()
    assert count_of(postgres) == 1
    os.kill(int((home / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    postgres.ensure_running()
    assert count_of(postgres) == 2
    postgres.release()


def test_it_listens_on_a_private_socket_only(home: Path) -> None:
    postgres = EmbeddedPostgres(home)
    postgres.acquire()
    with psycopg.connect(postgres.conninfo) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
        assert connection.info.server_version >= 180000
    assert postgres.socket_dir.stat().st_mode & 0o777 == 0o700
    postgres.release()


def test_an_interrupted_first_start_is_made_again(home: Path) -> None:
    (home / "postgres.new").mkdir()
    (home / "postgres.new" / "half").write_text("made")
    postgres = EmbeddedPostgres(home)
    postgres.acquire()
    assert count_of(postgres) == 1
    assert not (home / "postgres.new").exists()
    postgres.release()
