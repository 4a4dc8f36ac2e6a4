"""The command about rejected lines: look at what waits, and read it again."""

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from kembali.cli.home import opened_home, wall_clock
from kembali.cli.importing import Map
from kembali.cli.output import Json, console, report, rows
from kembali.kernel.errors import Refused

if TYPE_CHECKING:
    from datetime import datetime

_SHOWN = 100
_EXCERPT_LENGTH = 80


class NeedsAnImport(Refused):
    """A mapping belongs to one import, and none was named."""

    code = "needs_an_import"


Replay = Annotated[
    int | None, typer.Option("--replay", metavar="IMPORT_ID", help="Read the waiting lines of this import again.")
]


def rejects(replay: Replay = None, mapping: Map = None, as_json: Json = False) -> None:
    """Show the lines that were not understood, or read those of one import again."""
    if replay is None and mapping:
        raise NeedsAnImport(
            "A mapping is for the lines of one import.", hint="Add --replay IMPORT_ID; kembali rejects shows the ids."
        )
    with opened_home():
        from kembali.config import wiring

        wiring.register()
        if replay is None:
            _list(as_json=as_json)
        else:
            _replay(replay, mapping or [], at=wiring.shop_now(wall_clock()), as_json=as_json)


def _list(*, as_json: bool) -> None:
    from kembali.collect import api as collect

    waiting, count = collect.list_rejected_lines(limit=_SHOWN), collect.count_rejected_lines()
    if as_json:
        lines = [
            {
                "import_id": one.file_import_id,
                "file": one.file_import.file_name,
                "line": one.line_number,
                "code": one.reason_code,
                "reason": one.reason,
                "raw": one.raw,
            }
            for one in waiting
        ]
        return report({"waiting": count, "lines": lines}, as_json=True)
    if not waiting:
        console.print("Nothing is waiting: every line that came was understood.")
        return None
    cells = [
        (str(one.file_import_id), one.file_import.file_name, one.line_number, one.reason, _excerpt(one.raw))
        for one in waiting
    ]
    rows("Not understood, and kept", ("import", "file", "line", "reason", "what came"), cells)
    if count > len(waiting):
        console.print(f"… and {count - len(waiting):,} more.")
    console.print("Read them again: [bold]kembali rejects --replay IMPORT_ID --map field=column[/].")
    return None


def _replay(import_id: int, mapping: list[str], *, at: "datetime", as_json: bool) -> None:
    from kembali.collect import api as collect
    from kembali.config import wiring

    columns = collect.parse_mapping(",".join(mapping))
    with console.status("Reading again"):
        result = collect.replay_rejected(import_id, at=at, mapping=columns)
        wiring.fold(at)
    if as_json:
        return report(msgspec.to_builtins(result), as_json=True)
    if not (result.accepted or result.rejected):
        console.print(f"No line of import {import_id} is waiting.")
        return None
    report(
        {"now part of an order": result.accepted, "still rejected": result.rejected},
        as_json=False,
        title=f"Import {import_id}, read again",
    )
    if result.accepted:
        console.print("Next: [bold]kembali refresh[/], or just keep [bold]kembali up[/] running.")
    return None


def _excerpt(raw: str) -> str:
    return raw if len(raw) <= _EXCERPT_LENGTH else f"{raw[: _EXCERPT_LENGTH - 1]}…"
