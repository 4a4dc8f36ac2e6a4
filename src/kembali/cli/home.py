"""Opening a home: the embedded database started, Django ready, migrations applied."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from kembali.infra.postgres import EmbeddedPostgres
from kembali.infra.settings import Settings, load_settings
from kembali.kernel.errors import Conflict


class MigrationsPending(Conflict):
    """The database is older than this version of kembali."""

    code = "migrations_pending"


@contextmanager
def opened_database() -> Iterator[Settings]:
    """The database of this home, started if it does not run and stopped again when nobody else uses it."""
    settings = load_settings()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kembali.config.settings")
    if settings.database_url:
        yield settings
        return
    postgres = EmbeddedPostgres(settings.home)
    postgres.acquire()
    try:
        yield settings
    finally:
        _close_connections()
        postgres.release()


@contextmanager
def opened_home() -> Iterator[Settings]:
    """The database, Django set up, and its tables up to date.

    The embedded database is migrated without asking; a database of the owner's own is not.

    Raises:
        MigrationsPending: the owner's database needs `kembali migrate`.
    """
    with opened_database() as settings:
        start_django()
        if pending_migrations():
            if settings.database_url:
                raise MigrationsPending("The database is older than this version.", hint="Run kembali migrate.")
            migrate()
        yield settings


def start_django() -> None:
    """Load Django and the wiring between rooms. Safe to call twice."""
    import django

    django.setup()


def pending_migrations() -> int:
    """How many migrations are not applied yet."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate() -> None:
    """Bring the tables up to date and let the facts log notice a restored cluster."""
    import psycopg
    from django.core.management import call_command

    from kembali.collect import door
    from kembali.infra.postgres import conninfo_of

    call_command("migrate", verbosity=0, interactive=False)
    with psycopg.connect(conninfo_of(load_settings())) as connection:
        door.open_log(connection)


def wall_clock() -> datetime:
    """The one place where commands read the clock; everything below is handed `at`."""
    return datetime.now(UTC)


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()
