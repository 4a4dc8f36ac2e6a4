"""How commands speak: rich on a terminal for people, one last line of JSON for programs."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kembali.kernel.errors import KembaliError

# People's words go to stderr, so that `--json` leaves stdout to exactly one line.
console = Console(stderr=True, highlight=False)

Json = Annotated[bool, typer.Option("--json", help="End with one line of JSON on standard output.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Never ask; take the default or fail.")]


def report(values: Mapping[str, object], *, as_json: bool, title: str = "") -> None:
    """Show a flat report: a two-column table for people, one JSON line for programs."""
    if as_json:
        typer.echo(msgspec.json.encode(values).decode())
        return
    table = Table(title=title or None, show_header=False, box=None, title_justify="left", pad_edge=False)
    for name, value in values.items():
        table.add_row(name.replace("_", " "), _text(value))
    console.print(table)


def rows(title: str, columns: Sequence[str], lines: Sequence[Sequence[object]]) -> None:
    """Show a table for people."""
    table = Table(title=title or None, box=None, title_justify="left", pad_edge=False, header_style="dim")
    for name in columns:
        table.add_column(name)
    for line in lines:
        table.add_row(*(_text(cell) for cell in line))
    console.print(table)


def fail(error: KembaliError, *, as_json: bool = False) -> None:
    """Say what is wrong and what to do, and end with code 1."""
    console.print(f"[bold red]{escape(error.message)}[/]" + (f"\n{escape(error.hint)}" if error.hint else ""))
    if as_json:
        typer.echo(msgspec.json.encode({"error": error.code, "message": error.message, "hint": error.hint}).decode())
    raise SystemExit(1)


def _text(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.3f}"
        case Mapping():
            return ", ".join(f"{plain(str(key))} {_text(inner)}" for key, inner in value.items()) or "none"
        case None:
            return "not known"
        case _:
            return plain(str(value))


def plain(text: str) -> str:
    """Return a text from outside so that a terminal only shows it: no control signs, no markup."""
    return escape("".join(sign if sign.isprintable() else " " for sign in text))
