"""The command about rejected lines: look at what waits, take it away to mend it, and read it again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from kembali.cli.home import opened_home, wall_clock
from kembali.cli.mappings import Map, mapping_given
from kembali.cli.output import Json, console, report, rows
from kembali.kernel.errors import Refused

if TYPE_CHECKING:
    from datetime import datetime

_SHOWN = 100
_EXCERPT_LENGTH = 80


class NeedsAnImport(Refused):
    """What was asked is about one import, and none can be told."""

    code = "needs_an_import"


Replay = Annotated[
    int | None, typer.Option("--replay", metavar="IMPORT_ID", help="Read the waiting lines of this import again.")
]


Download = Annotated[
    Path | None,
    typer.Option("--download", metavar="FILE", help="Write the waiting lines with their reasons to a CSV file."),
]
Of = Annotated[
    int | None, typer.Option("--of", metavar="IMPORT_ID", help="Of this import; the latest with waiting lines if none.")
]


def rejects(
    replay: Replay = None, download: Download = None, of: Of = None, mapping: Map = None, as_json: Json = False
) -> None:
    """Show the lines that were not understood, take them away to mend them, or read those of one import again.

    A mended file goes back with `kembali import FILE`.
    """
    if replay is None and mapping:
        raise NeedsAnImport(
            "A mapping is for the lines of one import.", hint="Add --replay IMPORT_ID; kembali rejects shows the ids."
        )
    with opened_home():
        from kembali.config import wiring

        wiring.register()
        if download is not None:
            _download(download, of, as_json=as_json)
        elif replay is None:
            _list(as_json=as_json)
        else:
            _replay(replay, mapping or [], at=wiring.shop_now(wall_clock()), as_json=as_json)


def _download(path: Path, import_id: int | None, *, as_json: bool) -> None:
    from kembali.collect import api as collect

    if import_id is None:
        import_id = next((one.file_import_id for one in collect.list_rejected_lines(limit=1)), None)
    if import_id is None:
        raise NeedsAnImport("No line is waiting.", hint="Every line that came was understood.")
    count = -1  # the header
    lines = collect.rejected_as_csv(import_id)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        for line in lines:
            file.write(line)
            count += 1
    report(
        {"import_id": import_id, "lines": count, "file": str(path)},
        as_json=as_json,
        title="Written; mend it in a spreadsheet, then import it",
    )


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

    columns = mapping_given(mapping)
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
