"""The embedded PostgreSQL: the wheel's binaries under our own small supervisor.

The wheel's own server class is not used: it gives up on a start after ten seconds (recovery can take longer), opens
parent folders to other users when run as root, and shares one lock file between users.
"""

import fcntl
import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from kembali.infra.postgres_conf import conf
from kembali.infra.postgres_programs import DatabaseUnavailable, run_postgres
from kembali.infra.settings import Settings

_START_TIMEOUT_S = 300
_DYING_S = 2.0
_SOCKET_PATH_MAX = 90  # PostgreSQL fails above 107 characters; ".s.PGSQL.5432.lock" is added to the folder


class EmbeddedPostgres:
    """One PostgreSQL cluster in a home folder, shared by every process of that home.

    Processes `acquire` it and `release` it; the last one out stops the server. Locks are the kernel's, so a killed
    process leaves none behind.
    """

    def __init__(self, home: Path) -> None:
        self.data_dir = home / "postgres"
        self.log_path = home / "postgres.log"
        self._mutex_path = home / "postgres.lock"
        self._users_path = home / "postgres.users"
        self._users_fd: int | None = None
        self.socket_dir = _socket_dir(home)

    @property
    def conninfo(self) -> str:
        """The libpq connection string; valid while the server runs."""
        return f"host='{self.socket_dir}' dbname=kembali user=kembali"

    def acquire(self) -> None:
        """Count this process in and start the server if it does not run.

        Raises:
            DatabaseUnavailable: it cannot be made or started.
        """
        with self._mutex():
            if self._users_fd is None:
                self._users_fd = os.open(self._users_path, os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(self._users_fd, fcntl.LOCK_SH)
            self._ensure_running()

    def release(self) -> None:
        """Count this process out and stop the server when nobody else uses it. Safe to call twice."""
        if self._users_fd is None:
            return
        with self._mutex():
            try:
                fcntl.flock(self._users_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                self._stop()
            os.close(self._users_fd)
            self._users_fd = None

    def ensure_running(self) -> None:
        """Start the server again if it died (crash recovery included)."""
        with self._mutex():
            self._ensure_running()

    def is_running(self) -> bool:
        """True while a live server process owns the data folder.

        Where /proc exists it is asked for the process working in the data folder: `pg_ctl status` takes a killed
        process that nobody reaped, or a stranger who inherited the number, for a running server.
        """
        try:
            pid = int((self.data_dir / "postmaster.pid").read_text(encoding="ascii").split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return False
        if not Path("/proc/self/cwd").exists():
            return self._ctl("status").returncode == 0
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == self.data_dir.resolve()
        except OSError:
            return False

    def _ensure_running(self) -> None:
        if not (self.data_dir / "PG_VERSION").exists():
            self._create()
        if self.is_running():
            try:
                return self._prove()
            except DatabaseUnavailable:  # it may be dying at this very moment: look again before giving up
                time.sleep(_DYING_S)
                if self.is_running():
                    return self._prove()
        self._start()
        return self._prove()

    def _start(self) -> None:
        self._make_socket_dir()
        for left_behind in (self.data_dir / "postmaster.pid", *self.socket_dir.glob(".s.PGSQL.*")):
            left_behind.unlink(missing_ok=True)
        (self.data_dir / "kembali.conf").write_text(conf(self.socket_dir), encoding="utf-8")
        done = self._ctl("start", "-w", "-t", str(_START_TIMEOUT_S), "-l", str(self.log_path))
        if done.returncode != 0:
            raise DatabaseUnavailable(f"The embedded database did not start. {self._last_words()}")

    def _create(self) -> None:
        """Make the cluster beside its place and move it there whole, so that a broken attempt leaves nothing."""
        draft = self.data_dir.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        done = run_postgres(
            "initdb",
            f"--pgdata={draft}",
            "--username=kembali",
            "--auth=trust",  # the socket folder is 0700: only this user reaches it
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--no-instructions",
        )
        if done.returncode != 0:
            raise DatabaseUnavailable(f"The embedded database could not be made. {done.stdout[-800:].strip()}")
        with (draft / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write("\ninclude_if_exists = 'kembali.conf'\n")
        draft.rename(self.data_dir)

    def _prove(self) -> None:
        """Open a real connection, making the database on the way: `pg_ctl` alone has reported success wrongly."""
        try:
            with psycopg.connect(
                f"host='{self.socket_dir}' dbname=postgres user=kembali", autocommit=True, connect_timeout=10
            ) as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'kembali'").fetchone():
                    connection.execute("CREATE DATABASE kembali")
        except psycopg.OperationalError as error:
            raise DatabaseUnavailable(f"The embedded database does not answer: {error}") from error

    def _stop(self) -> None:
        if self.is_running():
            self._ctl("stop", "-m", "fast", "-w", "-t", "60")

    def _ctl(self, *words: str) -> subprocess.CompletedProcess[str]:
        return run_postgres("pg_ctl", "-D", str(self.data_dir), *words)

    def _make_socket_dir(self) -> None:
        try:
            self.socket_dir.mkdir(mode=0o700, parents=True)
        except FileExistsError:
            found = self.socket_dir.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                raise DatabaseUnavailable(f"{self.socket_dir} belongs to somebody else; remove it.") from None
            self.socket_dir.chmod(0o700)

    def _last_words(self) -> str:
        try:
            return f"The last lines of {self.log_path}:\n" + "\n".join(
                self.log_path.read_text(encoding="utf-8", errors="replace").splitlines()[-8:]
            )
        except FileNotFoundError:
            return ""

    @contextmanager
    def _mutex(self) -> Iterator[None]:
        fd = os.open(self._mutex_path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)


def conninfo_of(settings: Settings) -> str:
    """Return the libpq connection string of this home's database: the owner's own, else the embedded one."""
    return settings.database_url or EmbeddedPostgres(settings.home).conninfo


def _socket_dir(home: Path) -> Path:
    """Return a short private folder for the socket, the same for every process of this home."""
    name = f"kembali-{os.geteuid()}-{hashlib.sha256(os.fsencode(home)).hexdigest()[:10]}"
    for parent in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"):  # noqa: S108 - folder is 0700 and its owner checked
        if parent and len(candidate := f"{parent}/{name}") <= _SOCKET_PATH_MAX and os.access(parent, os.W_OK):
            return Path(candidate)
    raise DatabaseUnavailable("No folder with a short enough path for the database socket.", hint="Set TMPDIR=/tmp.")
