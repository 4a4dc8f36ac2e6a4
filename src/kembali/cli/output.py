"""How commands speak: rich on a terminal for people, one last line of JSON for programs."""

import sys
from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kembali.kernel.errors import KembaliError, Refused

# People's words go to stderr, so that `--json` leaves stdout to exactly one line.
console = Console(stderr=True, highlight=False)

Json = Annotated[bool, typer.Option("--json", help="End with one line of JSON on standard output.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Never ask; take the default or fail.")]


class NeedsAnAnswer(Refused):
    """Something must be decided, and nobody can be asked."""

    code = "needs_an_answer"


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


def may_ask(*, yes: bool, as_json: bool) -> bool:
    """Return whether somebody is there who can be asked."""
    return not yes and not as_json and sys.stdin.isatty()


def confirmed(question: str, *, yes: bool, as_json: bool) -> None:
    """Ask before something that cannot be taken back; return if the answer is yes. `--yes` is one.

    Raises:
        NeedsAnAnswer: nobody is there who could be asked.
    """
    if yes:
        return
    if not may_ask(yes=yes, as_json=as_json):
        raise NeedsAnAnswer(question, hint="Nobody can be asked here: say --yes.")
    typer.confirm(question, abort=True, err=True)


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
