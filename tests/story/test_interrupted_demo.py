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


def test_half_a_demo_is_thrown_away_and_built_anew(tmp_path: Path, postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.conninfo, autocommit=True) as connection:

        def exists(table: str) -> bool:
            return connection.execute("SELECT to_regclass(%s)", (table,)).fetchone() != (None,)

        def has_a_shop() -> bool:
            return exists("shop_settings") and connection.execute("SELECT 1 FROM shop_settings").fetchone() is not None

        with building(tmp_path, "first") as demo:
            wait_until(has_a_shop, demo, tmp_path / "first")
        connection.execute("CREATE TABLE of_the_first_start ()")

        with building(tmp_path, "second") as demo:
            wait_until(lambda: not exists("of_the_first_start"), demo, tmp_path / "second")
            wait_until(has_a_shop, demo, tmp_path / "second")
