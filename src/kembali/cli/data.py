"""Commands about data: bring it in, fold it, look at it afresh."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.prompt import Confirm, Prompt

from kembali.cli.home import opened_home, wall_clock
from kembali.cli.output import Json, Yes, console, report, rows
from kembali.kernel.errors import Refused
from kembali.kernel.money import from_minor

if TYPE_CHECKING:
    from kembali.collect.api import ImportPlan


class NeedsAnAnswer(Refused):
    """Something must be decided that `--yes` cannot decide."""

    code = "needs_an_answer"


Currency = Annotated[str | None, typer.Option("--currency", help="The shop's reporting currency, such as EUR.")]
Zone = Annotated[str | None, typer.Option("--tz", help="The shop's time zone, such as Europe/Berlin.")]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", help="field=column, several with commas, such as order_ref=order_id,placed_at=created_at."),
]


def import_file(
    path: Annotated[Path, typer.Argument(help="A file of orders: .csv or .csv.gz, any delimiter and encoding.")],
    currency: Currency = None,
    tz: Zone = None,
    mapping: Map = None,
    name: Annotated[str | None, typer.Option("--name", help="The shop's name, as shoppers know it.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Import a shop's orders. Importing the same file again changes nothing."""
    with opened_home():
        from kembali.collect import api as collect
        from kembali.config import wiring
        from kembali.shop import api as shop

        wiring.register()
        at = wiring.shop_now(wall_clock())
        columns = dict(collect.parse_mapping(",".join(mapping or [])))
        if not (yes or as_json):
            columns |= _ask_for_missing(path, columns)
        currency, tz = _shop_basics(path, currency, tz, name, ask=not (yes or as_json), write=not dry_run)
        if dry_run or not (yes or as_json):
            plan = collect.plan_import(path, currency=currency, time_zone=tz, at=at, mapping=columns)
            if dry_run and as_json:
                return report(_plan_values(plan), as_json=True)
            _show_plan(plan)
            if dry_run or not Confirm.ask("Import it?", default=True, console=console):
                return None
        with _progress() as bar:
            task = bar.add_task("Reading", total=None)
            with collect.following((shop.PROJECTION,), at=at):  # folds what is in while the rest is being read
                result = collect.import_file(
                    path,
                    currency=currency,
                    time_zone=tz,
                    at=at,
                    mapping=columns,
                    progress=lambda done, total: bar.update(task, description="Importing", completed=done, total=total),
                )
            bar.update(task, description="Folding", total=None)
            wiring.fold(at)
        values = msgspec.to_builtins(result)
        if as_json:
            return report(values, as_json=True)
        report(
            {
                "lines": f"{result.lines:,} = {result.accepted:,} accepted + {result.rejected:,} rejected"
                f" + {result.merged:,} known already",
                "orders": result.orders,
                "customers": result.customers,
                "sum of all lines": f"{from_minor(result.revenue_minor, currency):,} {currency}",
                "exact duplicates": f"{result.exact_duplicates:,} (accepted)",
                "rejected because of": result.reasons,
                "kept as properties": ", ".join(result.unmapped_columns) or "no other columns",
                "seconds": result.seconds,
            },
            as_json=False,
            title=f"{path.name} ({result.format})",
        )
        if result.rejected:
            console.print("Rejected lines are kept with their reason: [bold]kembali rejects[/] shows them.")
        console.print("Next: [bold]kembali refresh[/], or just keep [bold]kembali up[/] running.")
        return None


def refresh(
    full: Annotated[bool, typer.Option("--full", help="Recompute everyone, not only what changed.")] = False,
    as_json: Json = False,
) -> None:
    """Fold new facts, then bring lake, insight, segments and proofs up to date."""
    with opened_home():
        from kembali.config import wiring

        wiring.register()
        with console.status("Refreshing"):
            done = wiring.refresh(wiring.shop_now(wall_clock()), full=full or None)
        report(done, as_json=as_json, title="Refreshed")


def rebuild(yes: Yes = False, as_json: Json = False) -> None:
    """Fold the whole facts log again, then the lake and everything on it. Ends in the same state."""
    with opened_home():
        from kembali.config import wiring
        from kembali.shop import api as shop

        wiring.register()
        if not (yes or as_json) and not Confirm.ask("Fold everything again?", default=True, console=console):
            return
        at = wiring.shop_now(wall_clock())
        before = shop.state_hash()
        with console.status("Folding the log again"):
            shop.rebuild(at)
            wiring.refresh(at, full=True, rebuild_lake=True)
        after = shop.state_hash()
        report({"state_hash": after, "same_as_before": before == after}, as_json=as_json, title="Rebuilt")


def _shop_basics(
    path: Path, currency: str | None, tz: str | None, name: str | None, *, ask: bool, write: bool
) -> tuple[str, str]:
    """Return currency and zone, set before the first fact: from the options, the shop, the format, or a person."""
    from kembali.collect import api as collect
    from kembali.shop import api as shop

    found = shop.find_shop_settings()
    if found and not (currency or tz):
        return found.currency, found.time_zone
    hint = collect.inspect_file(path)
    usual = {"online_retail": ("GBP", "Europe/London")}.get(hint.format)
    currency = currency or (found.currency if found else None) or (usual[0] if usual else None)
    tz = tz or (found.time_zone if found else None) or (usual[1] if usual else None)
    if ask and not currency:
        currency = Prompt.ask("In which currency does the shop count?", default="EUR", console=console)
    if ask and not tz:
        tz = Prompt.ask("In which time zone does it live?", default="Europe/Berlin", console=console)
    if not currency or not tz:
        raise NeedsAnAnswer(
            "The shop's currency and time zone must be known before the first fact.",
            hint="Add --currency EUR --tz Europe/Berlin.",
        )
    if write:
        shop.set_up_shop(name=name or (found.name if found else "My shop"), currency=currency, time_zone=tz)
    return currency, tz


def _ask_for_missing(path: Path, mapping: dict[str, str]) -> dict[str, str]:
    """Ask a person which column holds each field that was not found."""
    from kembali.collect import api as collect

    shape = collect.inspect_file(path, mapping=mapping)
    if not shape.missing_fields:
        return {}
    rows("The first rows", shape.columns, shape.first_rows)
    answers = {}
    for field in shape.missing_fields:
        column = Prompt.ask(f"Which column is [bold]{field}[/]?", choices=list(shape.columns), console=console)
        answers[field] = column
    return answers


def _plan_values(plan: "ImportPlan") -> dict[str, object]:
    """Return what a dry run says, with what the log already knows taken into account."""
    summary: dict[str, object] = msgspec.to_builtins(plan.summary)
    return summary | {
        "accepted": plan.accepted,
        "merged": plan.merged,
        "encoding": plan.encoding,
        "mapped": dict(plan.mapped),
    }


def _show_plan(plan: "ImportPlan") -> None:
    always = {"accepted", "rejected", "merged", "exact_duplicates"}
    nothing: tuple[object, ...] = ({}, [], 0, None)
    values = {key: value for key, value in _plan_values(plan).items() if key in always or value not in nothing}
    report(values, as_json=False, title="This would happen")


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )
