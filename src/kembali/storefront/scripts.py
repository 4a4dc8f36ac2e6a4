"""The scripts that pages load: read once, shrunk, packed once.

They are written by hand and small; there is no build step. For them to be shrunk by so simple means, a comment stands
on a line of its own, no text runs over several lines or holds a blank beside a sign, and no two chapters of the
module use one name at their top.
"""

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "browser"
# Each imports only those before it; the last one is what a page starts.
_CHAPTERS = ("storing", "sending", "reading", "watching", "kembali")
_NEEDLESS_LINE_END = re.compile(r"(?<=[{(\[,;])\n|\n(?=[})\]?:.])")
_SPACED_OPERATOR = re.compile(r" (=>|[=!<>&|?+*-]{1,3}) ")
_NEEDLESS_BLANK = re.compile(r"(?<=[,:{(\[]) | (?=[})\]])")


@dataclass(frozen=True, slots=True)
class Script:
    """A script as it is served."""

    plain: bytes
    packed: bytes
    etag: str


def _read(name: str) -> list[str]:
    lines = (line.strip() for line in (_FOLDER / name).read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("//")]


def _script(lines: list[str]) -> Script:
    text = _NEEDLESS_LINE_END.sub("", "\n".join(lines))
    plain = _NEEDLESS_BLANK.sub("", _SPACED_OPERATOR.sub(r"\1", text)).encode()
    return Script(plain, gzip.compress(plain, 9, mtime=0), f'"{hashlib.sha256(plain).hexdigest()[:20]}"')


def _joined() -> list[str]:
    lines = []
    for name in _CHAPTERS:
        chapter = [line for line in _read(f"{name}.mjs") if not line.startswith("import ")]
        lines += chapter if name == _CHAPTERS[-1] else [line.removeprefix("export ") for line in chapter]
    return lines


MODULE = _script(_joined())
LOADER = _script(_read("kembali.js"))
