"""A home folder with an embedded PostgreSQL of its own for one benchmark run, gone afterwards."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def throwaway_home() -> Iterator[Path]:
    """Yield a fresh home whose database is migrated and to which this process's Django is set up.

    Once per process, and before anything of Django's is imported: settings are read when Django starts.
    """
    for name in [name for name in os.environ if name.startswith("KEMBALI_")]:
        del os.environ[name]
    home = Path(tempfile.mkdtemp(prefix="kembali-bench-"))
    os.environ["KEMBALI_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "kembali.config.settings"
    from kembali.infra.postgres import EmbeddedPostgres

    postgres = EmbeddedPostgres(home)
    try:
        postgres.acquire()
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        yield home
    finally:
        from django.db import connections

        connections.close_all()
        postgres.release()
        shutil.rmtree(home, ignore_errors=True)
