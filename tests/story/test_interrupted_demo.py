"""A demo that was interrupted while it was being built: the next start builds it anew."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from kembali.infra.postgres import EmbeddedPostgres


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """The demo's own database, kept running between its starts."""
    (tmp_path / "home").mkdir()
    found = EmbeddedPostgres(tmp_path / "home")
    found.acquire()
    yield found
    found.release()


@contextmanager
def building(folder: Path, name: str) -> Iterator["subprocess.Popen[bytes]"]:
    """`kembali demo --build-only`, killed at the end of the block."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("KEMBALI_")}
    environ.pop("DJANGO_SETTINGS_MODULE", None)
    with (folder / name).open("wb") as words:
        demo = subprocess.Popen(
            [sys.executable, "-m", "kembali", "demo", "--build-only"],
            env=environ | {"KEMBALI_HOME": str(folder / "home")},
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
        )
        try:
            yield demo
        finally:
            demo.kill()
            demo.wait()


def wait_until(happened: Callable[[], bool], demo: "subprocess.Popen[bytes]", words: Path) -> None:
    deadline = time.monotonic() + 120
    while not happened():
        assert demo.poll() is None, words.read_text("utf-8")
        assert time.monotonic() < deadline, words.read_text("utf-8")
        time.sleep(0.05)


def shop_of(connection: psycopg.Connection[tuple[object, ...]]) -> tuple[object, ...] | None:
    """The shop's name and the transaction that wrote it, None where there is none."""
    if connection.execute("SELECT to_regclass('shop_settings')").fetchone() == (None,):
        return None
    return connection.execute("SELECT name, xmin::text FROM shop_settings").fetchone()


def test_half_a_demo_is_thrown_away_and_built_anew(tmp_path: Path, postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.conninfo, autocommit=True) as connection:
        with building(tmp_path, "first") as demo:
            wait_until(lambda: shop_of(connection) is not None, demo, tmp_path / "first")
        half = shop_of(connection)
        with building(tmp_path, "second") as demo:
            wait_until(lambda: shop_of(connection) not in (None, half), demo, tmp_path / "second")
        assert half is not None
        assert half[0] == "Kopi & Daun"


def test_a_real_shop_is_never_taken_for_half_a_demo(tmp_path: Path, postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.conninfo, autocommit=True) as connection:
        with building(tmp_path, "first") as demo:
            wait_until(lambda: shop_of(connection) is not None, demo, tmp_path / "first")
        connection.execute("UPDATE shop_settings SET name = 'A real shop'")
        before = shop_of(connection)
        with building(tmp_path, "second") as demo:
            assert demo.wait(timeout=120) == 1
        assert shop_of(connection) == before
    assert "holds the shop “A real shop”" in " ".join((tmp_path / "second").read_text("utf-8").split())
