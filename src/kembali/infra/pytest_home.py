"""A pytest plugin: every test run gets a home folder and an embedded PostgreSQL of its own, gone afterwards.

Loaded by `-p` before Django reads its settings, because the home must be named first.
"""

import os
import shutil
import tempfile
from pathlib import Path

import psycopg
import pytest

from kembali.infra.postgres import EmbeddedPostgres

for _name in list(os.environ):
    if _name.startswith("KEMBALI_") and not _name.startswith("KEMBALI_REQUIRE_"):
        del os.environ[_name]
_home = Path(tempfile.mkdtemp(prefix="kembali-tests-"))
os.environ["KEMBALI_HOME"] = str(_home)
os.environ["DJANGO_SETTINGS_MODULE"] = "kembali.config.settings"
_postgres = EmbeddedPostgres(_home)


def pytest_configure(config: pytest.Config) -> None:
    """Start the database before a test asks for it. Who only hands tests out to workers needs none.

    It does not wait for the disk: killed processes lose nothing by that, only a power cut would. Tests of durability
    make a database of their own.
    """
    if _hands_out(config):
        return
    _postgres.acquire()
    with psycopg.connect(_postgres.conninfo, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the database and leave nothing behind."""
    if not _hands_out(config):
        _postgres.release()
    shutil.rmtree(_home, ignore_errors=True)


def _hands_out(config: pytest.Config) -> bool:
    """Return whether this process runs no test itself: its workers do, each with a home and a database of its own."""
    return bool(config.getoption("numprocesses", None)) and not hasattr(config, "workerinput")
