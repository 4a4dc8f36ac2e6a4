"""A pytest plugin: every test run gets a home folder and an embedded PostgreSQL of its own, gone afterwards.

Loaded by `-p` before Django reads its settings, because the home must be named first.
"""

import os
import shutil
import tempfile
from pathlib import Path

import psycopg

from kembali.infra.postgres import EmbeddedPostgres

for _name in list(os.environ):
    if _name.startswith("KEMBALI_") and not _name.startswith("KEMBALI_REQUIRE_"):
        del os.environ[_name]
_home = Path(tempfile.mkdtemp(prefix="kembali-tests-"))
os.environ["KEMBALI_HOME"] = str(_home)
os.environ["DJANGO_SETTINGS_MODULE"] = "kembali.config.settings"
_postgres = EmbeddedPostgres(_home)


def pytest_configure() -> None:
    """Start the database before a test asks for it.

    It does not wait for the disk: killed processes lose nothing by that, only a power cut would. Tests of durability
    make a database of their own.
    """
    _postgres.acquire()
    with psycopg.connect(_postgres.conninfo, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")


def pytest_unconfigure() -> None:
    """Stop the database and leave nothing behind."""
    _postgres.release()
    shutil.rmtree(_home, ignore_errors=True)
