"""Our own command in a process of its own: files are read by an engine that web processes must never load."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from django.conf import settings
from django.utils.translation import gettext

from kembali.kernel.errors import Refused, Unavailable

DRY_RUN_SECONDS: Final = 120
_MOST_MEMORY_KB: Final = 6 * 1024 * 1024


class NotUnderstood(Refused):
    """A file cannot be imported as it is; the message is the command's own."""

    code = "file_not_understood"


class TookTooLong(Unavailable):
    """Reading did not end within its time limit; nothing was written."""

    code = "took_too_long"


def run_and_answer(words: Sequence[str], *, seconds: int) -> dict[str, object]:
    """Run `kembali <words> --json` and return its answer.

    Raises:
        NotUnderstood: the command refused, with its words.
        TookTooLong: it did not end in time and was stopped.
    """
    try:
        done = subprocess.run(_command(words), env=_environment(), capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as error:
        raise TookTooLong(
            gettext("Reading the file took more than %(n)s seconds and was stopped.") % {"n": seconds},
            hint=gettext("Import it on the server: kembali import FILE."),
        ) from error
    return answer_in(done.stdout)


def start_detached(words: Sequence[str], *, answer: Path) -> None:
    """Start `kembali <words> --json` and leave it to itself; its answer goes to a file once it has ended."""
    draft = answer.with_suffix(".draft")
    draft.touch(mode=0o600)
    # The answer appears under its own name only when it is whole; the shell's words are ours, the rest are arguments.
    script = 'out="$1"; whole="$2"; shift 2; "$@" >"$out" 2>/dev/null; mv "$out" "$whole"'
    subprocess.Popen(
        ["/bin/sh", "-c", script, "kembali-import", str(draft), str(answer), *_command(words)],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def answer_in(output: bytes) -> dict[str, object]:
    """Return the last line of a command's output.

    Raises:
        NotUnderstood: it tells of an error, or is no answer at all.
    """
    lines = output.decode("utf-8", "replace").strip().splitlines()
    try:
        found = msgspec.json.decode(lines[-1] if lines else "", type=dict[str, object])
    except msgspec.DecodeError as error:
        raise NotUnderstood(
            gettext("The file could not be read."), hint=gettext("See the log of the web process.")
        ) from error
    if "error" in found:
        raise NotUnderstood(str(found.get("message")), hint=str(found.get("hint") or ""))
    return found


def _command(words: Sequence[str]) -> list[str]:
    # A small file can unpack to all the memory there is: then this process ends, and nothing else does. (Where a shell
    # cannot set the limit, it goes without.)
    script = 'ulimit -v "$1" 2>/dev/null; shift; exec "$@"'
    return ["/bin/sh", "-c", script, "kembali", str(_MOST_MEMORY_KB), sys.executable, "-m", "kembali", *words, "--json"]


def _environment() -> dict[str, str]:
    return {**os.environ, "KEMBALI_HOME": str(settings.KEMBALI.home)}
