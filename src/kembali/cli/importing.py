"""The command that brings files in: one file, or a folder of exports."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.prompt import Confirm, Prompt

from kembali.cli.basics import shop_basics
from kembali.cli.home import opened_home, wall_clock
from kembali.cli.import_accounts import TotalsOf, show_plan, show_result
from kembali.cli.mappings import Map, mapping_given, show_mappings
from kembali.cli.output import Json, Yes, console, plain, report, rows
from kembali.kernel.errors import Refused

if TYPE_CHECKING:
    from kembali.collect.api import Folder, FoundMapping


Currency = Annotated[str | None, typer.Option("--currency", help="The shop's reporting currency, such as EUR.")]
Zone = Annotated[str | None, typer.Option("--tz", help="The shop's time zone, such as Europe/Berlin.")]
As = Annotated[
    str | None,
    typer.Option(
        "--as", help="What its rows are: orders, customers, consents, products, events, shipments or reviews."
    ),
]
Named = Annotated[str | None, typer.Option("--mapping", help="Use the mapping saved under this name.")]
Save = Annotated[str | None, typer.Option("--save-mapping", help="Save this mapping under a name.")]


class NoFile(Refused):
    """The command was given nothing to import."""

    code = "no_file"


def import_file(
    path: Annotated[
        Path | None, typer.Argument(help="A file (CSV, JSON lines, Parquet, spreadsheet; .gz too) or a folder.")
    ] = None,
    currency: Currency = None,
    tz: Zone = None,
    mapping: Map = None,
    kind: As = None,
    mapping_name: Named = None,
    save_as: Save = None,
    name: Annotated[str | None, typer.Option("--name", help="The shop's name, as shoppers know it.")] = None,
    mappings: Annotated[bool, typer.Option("--mappings", help="Show the saved mappings; import nothing.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Import what a shop has in files. Importing the same file again changes nothing."""
    with opened_home():
        from kembali.collect import api as collect
        from kembali.config import wiring

        if mappings:
            return show_mappings(as_json=as_json)
        if path is None:
            raise NoFile("Which file?", hint="Name a file or a folder: kembali import FILE.")
        wiring.register()
        at = wiring.shop_now(wall_clock())
        given = mapping_given(mapping or []) | ({"as": kind} if kind else {})
        ask = not (yes or as_json)
        with _files_of(path) as (files, folder):
            if folder is None and collect.is_mended(collect.inspect_file(path, mapping={}).columns):
                return _mend(path, at=at, dry_run=dry_run, as_json=as_json)
            found = {file: _mapping_of(file, given, mapping_name, ask=ask) for file in files}
            basics = shop_basics(files[0], found[files[0]], currency, tz, name, ask=ask, write=not dry_run)
            if save_as and not dry_run:
                columns = collect.inspect_file(files[0], mapping=found[files[0]].mapping).columns
                collect.save_mapping(save_as, columns=columns, mapping=found[files[0]].mapping, at=at)
            if dry_run or ask:
                plans = [
                    collect.plan_import(
                        file, currency=basics[0], time_zone=basics[1], at=at, mapping=found[file].mapping
                    )
                    for file in files
                ]
                if dry_run and as_json:
                    totals = TotalsOf.plans(plans, folder)
                    return report(totals | {"mapping_name": found[files[0]].name}, as_json=True)
                for plan in plans:
                    show_plan(plan, mapping_name=found[plan.path].name)
                if dry_run or not Confirm.ask("Import it?", default=True, console=console):
                    return None
            _bring_in(files, found, basics, folder, at=at, as_json=as_json)
    return None


def _bring_in(
    files: Sequence[Path],
    found: "dict[Path, FoundMapping]",
    basics: tuple[str, str],
    folder: "Folder | None",
    *,
    at: datetime,
    as_json: bool,
) -> None:
    """Import the files one after the other and report; what is in is folded while the rest is being read."""
    from kembali.collect import api as collect
    from kembali.config import wiring
    from kembali.shop import api as shop

    results = []
    with _progress() as bar:
        task = bar.add_task("Reading", total=None)
        with collect.following((shop.PROJECTION,), at=at):
            for file in files:

                def show(done: int, total: int, name: str = file.name) -> None:
                    bar.update(task, description=f"Importing {plain(name)}", completed=done, total=total)

                results.append(
                    collect.import_file(
                        file,
                        currency=basics[0],
                        time_zone=basics[1],
                        at=at,
                        mapping=found[file].mapping,
                        progress=show,
                    )
                )
        bar.update(task, description="Folding", total=None)
        wiring.fold(at)
    if as_json:
        report(TotalsOf.results(results, folder), as_json=True)
        return
    for file, result in zip(files, results, strict=True):
        show_result(file.name, result, basics[0])
    if any(result.rejected for result in results):
        console.print("Rejected lines are kept with their reason: [bold]kembali rejects[/] shows them.")
    console.print("Next: [bold]kembali refresh[/], or just keep [bold]kembali up[/] running.")


@contextmanager
def _files_of(path: Path) -> "Iterator[tuple[tuple[Path, ...], Folder | None]]":
    """Give the files to import: the one, or those of a folder, joined where they belong together."""
    from kembali.collect import api as collect

    if not path.is_dir():
        yield (path,), None
        return
    with console.status("Looking at the folder"), collect.opened_folder(path) as folder:
        if folder.tables:
            lines = [
                (one.file_name, one.table, one.rows, ", ".join(one.parts) or "not needed") for one in folder.tables
            ]
            rows(f"Tables of {folder.set_name}, joined", ("file", "table", "rows", "goes into"), lines)
        for name, why in folder.not_understood.items():
            console.print(f"Left out: {plain(name)}: {plain(why)}")
        yield folder.files, folder


def _mend(path: Path, *, at: datetime, dry_run: bool, as_json: bool) -> None:
    """Take a mended table of rejected lines back."""
    from kembali.collect import api as collect
    from kembali.config import wiring

    lines, waiting = collect.count_mended(path)
    values: dict[str, object] = {"kind": "mended", "format": "mended_lines", "lines": lines}
    if dry_run:
        values |= dict.fromkeys(("rejected", "orders", "customers", "revenue_minor", "exact_duplicates"), 0)
        values |= {"accepted": waiting, "merged": lines - waiting, "first_placed_at": None, "last_placed_at": None}
        report(values, as_json=as_json, title=f"{plain(path.name)}: lines to be read again")
        return
    results = collect.mend_rejected(path, at=at)
    wiring.fold(at)
    accepted = sum(result.accepted for result in results)
    rejected = sum(result.rejected for result in results)
    values |= {"accepted": accepted, "rejected": rejected, "merged": lines - waiting}
    if as_json:
        report(values | {"mended": [msgspec.to_builtins(result) for result in results]}, as_json=True)
        return
    for result in results:
        report(
            {"now understood": result.accepted, "still rejected": result.rejected},
            as_json=False,
            title=f"Import {result.import_id}, mended",
        )


def _mapping_of(file: Path, given: dict[str, str], name: str | None, *, ask: bool) -> "FoundMapping":
    """Return how a file is to be read: as said, as saved, or as a person answers for each field that was not found."""
    from kembali.collect import api as collect

    found = collect.find_mapping(collect.inspect_file(file, mapping={}).columns, given=given, name=name)
    shape = collect.inspect_file(file, mapping=found.mapping)
    if not (ask and shape.missing_fields):
        return found
    rows("The first rows", shape.columns, shape.first_rows)
    answers: dict[str, str] = {}
    for field in shape.missing_fields:
        first = field.split(" or ")[0].split(", ")[0]
        answers[first] = Prompt.ask(f"Which column is [bold]{field}[/]?", choices=list(shape.columns), console=console)
    return collect.FoundMapping({**found.mapping, **answers}, found.name)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )
