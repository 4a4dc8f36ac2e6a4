"""Commands about connected shops: Shopify and whatever else has a connector."""

import sys
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from kembali.cli.home import opened_home, wall_clock
from kembali.cli.output import Json, Yes, console, plain, report, rows
from kembali.kernel.errors import KembaliError, Refused

if TYPE_CHECKING:
    from kembali.collect import api as collect

app = typer.Typer(help="Shops that are connected: their webhooks, and asking them.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The shop's name: see kembali connections list.")]


@app.command("add")
def add(
    platform: Annotated[str, typer.Argument(help="Such as shopify.")],
    address: Annotated[str, typer.Option(help="Where the shop is, such as your-shop.myshopify.com.")],
    values: Annotated[
        list[str] | None,
        typer.Option("--set", help="What the platform asks for: name=value, or name=@FILE for a secret in a file."),
    ] = None,
    name: Annotated[str, typer.Option(help="The source of its facts; default: the platform's name.")] = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Connect a shop: look whether everything is right, order its webhooks, and begin with its history."""
    with opened_home():
        from kembali.collect import api as collect
        from kembali.config import wiring

        told = _told(values or [])
        connector = collect.connector_of(platform)
        if sys.stdin.isatty() and not yes and not as_json:
            told |= _asked(connector.fields, told)
        at = wiring.shop_now(wall_clock())
        for check in collect.check_shop(platform, address=address, values=told, http=wiring.http(), at=at):
            if check.state == "failed":
                raise Refused(f"{check.name}: {check.words}", hint=check.hint)
            _say(check)
        collect.connect_shop(platform, name=name, address=address, values=told, at=at)
        name = name or platform
        _set_up(name, at)
        try:
            topics = collect.order_webhooks(name, http=wiring.http(), at=at)
        except KembaliError as error:  # it is connected all the same: whatever happens is asked for
            topics = []
            console.print(f"It sends no webhooks yet: {plain(str(error))}")
        report({"name": name, "platform": platform, "webhooks": len(topics)}, as_json=as_json)
        console.print(f"The worker reads its history now. Watch it: kembali connections backfill {plain(name)}")


@app.command("change")
def change(
    name: Name,
    values: Annotated[
        list[str] | None, typer.Option("--set", help="name=value, or name=@FILE. What is not named stays as it is.")
    ] = None,
    address: Annotated[str, typer.Option(help="Where the shop is now.")] = "",
    as_json: Json = False,
) -> None:
    """Give a connected shop new keys or settings. Replaced secrets sign webhooks for a day more."""
    with opened_home():
        from kembali.collect import api as collect
        from kembali.config import wiring

        at = wiring.shop_now(wall_clock())
        collect.change_values(name, values=_told(values or []), address=address, at=at)
        topics = collect.order_webhooks(name, http=wiring.http(), at=at)
        report({"name": name, "webhooks": len(topics)}, as_json=as_json)


@app.command("list")
def list_all(as_json: Json = False) -> None:
    """Show all connected shops, how far they have been read, and what is wrong."""
    with opened_home():
        from kembali.collect import api as collect

        views = collect.list_connections()
        if as_json:
            report({"connections": [_as_json(view) for view in views]}, as_json=True)
        elif not views:
            console.print("No shop is connected: kembali connections add shopify --address …")
        else:
            lines = [
                (
                    view.name,
                    view.title,
                    view.address,
                    _state(view),
                    _moment(view.read_until),
                    _moment(view.last_hook_at),
                )
                for view in views
            ]
            rows("", ("name", "platform", "address", "state", "read until", "last webhook"), lines)


@app.command("test")
def look(name: Name, as_json: Json = False) -> None:
    """Look whether a connected shop answers as it should; nothing is changed in it."""
    with opened_home():
        from kembali.collect import api as collect
        from kembali.config import wiring

        checks = collect.check_connection(name, http=wiring.http(), at=wiring.shop_now(wall_clock()))
        for check in checks:
            _say(check)
        if as_json:
            told = [{"name": one.name, "state": one.state, "words": one.words, "hint": one.hint} for one in checks]
            report({"name": name, "checks": told}, as_json=True)
        if any(check.state == "failed" for check in checks):
            raise SystemExit(1)


@app.command("backfill")
def backfill(
    name: Name,
    again: Annotated[bool, typer.Option("--again", help="Read everything from the beginning once more.")] = False,
    as_json: Json = False,
) -> None:
    """Read a shop's history, and show how far it is. It may be interrupted: it goes on where it was."""
    with opened_home():
        from kembali.collect import api as collect
        from kembali.config import wiring

        if again:
            collect.start_backfill(name, at=wiring.shop_now(wall_clock()))
        with _progress() as progress:
            facts, tasks = 0, dict[str, TaskID]()
            while (view := _view(name)).is_backfilling:
                at = wiring.shop_now(wall_clock())
                if view.due_at > at:
                    progress.console.print(plain(view.last_error)) if view.last_error else None
                    time.sleep(min((view.due_at - at).total_seconds(), 5))
                    continue
                facts += collect.reconcile(name, http=wiring.http(), at=at).facts
                _show(progress, tasks, _view(name))
            _show(progress, tasks, view)
        read = {stream.stream: stream.done_count for stream in view.streams}
        report({"name": name, "facts": facts, "read": read}, as_json=as_json)


@app.command("webhooks")
def webhooks(name: Name, as_json: Json = False) -> None:
    """Order the shop's webhooks again, for the address this home has now."""
    with opened_home():
        from kembali.collect import api as collect
        from kembali.config import wiring

        topics = collect.order_webhooks(name, http=wiring.http(), at=wiring.shop_now(wall_clock()))
        report({"name": name, "address": _view(name).hook_url, "topics": list(topics)}, as_json=as_json)


@app.command("pause")
def pause(name: Name, as_json: Json = False) -> None:
    """Ask a shop no more until it is resumed. Its webhooks are still taken."""
    with opened_home():
        from kembali.collect import api as collect
        from kembali.config import wiring

        collect.pause_shop(name, at=wiring.shop_now(wall_clock()))
        report({"name": name, "paused": True}, as_json=as_json)


@app.command("resume")
def resume(name: Name, as_json: Json = False) -> None:
    """Ask a paused or failing shop again, at once."""
    with opened_home():
        from kembali.collect import api as collect
        from kembali.config import wiring

        collect.resume_shop(name, at=wiring.shop_now(wall_clock()))
        report({"name": name, "paused": False}, as_json=as_json)


@app.command("remove")
def remove(name: Name, yes: Yes = False, as_json: Json = False) -> None:
    """Forget a shop and its keys. What came from it stays."""
    with opened_home():
        from kembali.collect import api as collect

        if not yes and not as_json and sys.stdin.isatty():
            typer.confirm(f"Forget the shop {name}?", abort=True, err=True)
        collect.remove_shop(name)
        report({"name": name, "removed": True}, as_json=as_json)


def _set_up(name: str, at: datetime) -> None:
    """Give this home the shop's own currency and zone, where nobody has said them yet."""
    from kembali.collect import api as collect
    from kembali.config import wiring
    from kembali.shop import api as shop

    if shop.find_shop_settings() is None and (about := collect.about_shop(name, http=wiring.http(), at=at)):
        shop.set_up_shop(name=about.name, currency=about.currency, time_zone=about.time_zone)
    if shop.find_shop_settings() is None:
        console.print("Nothing is read before this home has a currency and a zone: import a file of the shop first.")


def _told(pairs: list[str]) -> dict[str, str]:
    told = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise Refused(f"“{plain(pair)}” is not name=value.")
        told[key] = Path(value[1:]).read_text(encoding="utf-8").strip() if value.startswith("@") else value
    return told


def _asked(fields: "tuple[collect.SetupField, ...]", told: Mapping[str, str]) -> dict[str, str]:
    return {
        field.name: typer.prompt(field.label, hide_input=field.is_secret, err=True)
        for field in fields
        if field.is_needed and field.name not in told
    }


def _say(check: "collect.Check") -> None:
    sign = {"ok": "[green]✓[/]", "failed": "[bold red]✗[/]", "not_asked": "[dim]–[/]"}[check.state]
    words = " ".join(plain(one) for one in (check.words, check.hint if check.state == "failed" else "") if one)
    console.print(f"{sign} {plain(check.name)}" + (f": {words}" if words else ""))


def _view(name: str) -> "collect.ConnectionView":
    from kembali.collect import api as collect

    view = collect.connection_of(name)
    if view is None:
        raise collect.ConnectionNotFound(f"No shop named “{name}” is connected.", hint="kembali connections list")
    return view


def _progress() -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console)


def _show(progress: Progress, tasks: dict[str, TaskID], view: "collect.ConnectionView") -> None:
    for stream in view.streams:
        if stream.stream not in tasks:
            tasks[stream.stream] = progress.add_task(stream.stream, total=None)
        total = stream.done_count if stream.backfilled_at else stream.total_count
        progress.update(tasks[stream.stream], completed=stream.done_count, total=total)


def _state(view: "collect.ConnectionView") -> str:
    if view.paused_at:
        return "paused"
    if view.last_error:
        return f"failing: {view.last_error}"
    return "reading its history" if view.is_backfilling else "well"


def _moment(at: object) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "never"


def _as_json(view: "collect.ConnectionView") -> dict[str, object]:
    return {
        "name": view.name,
        "platform": view.platform,
        "address": view.address,
        "state": _state(view),
        "paused_at": view.paused_at,
        "due_at": view.due_at,
        "last_error": view.last_error,
        "last_success_at": view.last_success_at,
        "last_hook_at": view.last_hook_at,
        "read_until": view.read_until,
        "hook_url": view.hook_url,
        "read": {stream.stream: stream.done_count for stream in view.streams},
    }
