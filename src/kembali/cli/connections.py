"""Commands about connected shops: Shopify and whatever else has a connector."""

import time
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from kembali.cli import connecting
from kembali.cli.connecting import Name, say
from kembali.cli.home import opened_home, wall_clock
from kembali.cli.output import Json, Yes, confirmed, console, plain, report, rows
from kembali.kernel.errors import Refused

if TYPE_CHECKING:
    from kembali.collect import api as collect

_WATCH_S = 1.0

app = typer.Typer(help="Shops that are connected: their webhooks, and asking them.", no_args_is_help=True)

app.command("add")(connecting.add)
app.command("change")(connecting.change)


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
            say(check)
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
        from kembali.shop import api as shop

        shop.shop_settings()  # without them nothing may be read
        if again:
            collect.start_backfill(name, at=wiring.shop_now(wall_clock()))
        with _progress() as progress:
            facts, tasks = 0, dict[str, TaskID]()
            while (view := _view(name)).is_backfilling:
                if view.paused_at is not None:
                    raise Refused(f"{name} is paused.", hint=f"kembali connections resume {name}")
                at = wiring.shop_now(wall_clock())
                if view.due_at > at:
                    progress.console.print(plain(view.last_error)) if view.last_error else None
                    time.sleep(min((view.due_at - at).total_seconds(), 5))
                    continue
                stepped = collect.reconcile(name, http=wiring.http(), at=at)
                facts += stepped.facts
                _show(progress, tasks, _view(name))
                if not stepped.seen:  # most likely the worker is at it: watch
                    time.sleep(_WATCH_S)
            _show(progress, tasks, view)
        read = {stream.stream: stream.done_count for stream in view.streams}
        report({"name": name, "facts": facts, "read": read}, as_json=as_json)


@app.command("webhooks")
def webhooks(name: Name, as_json: Json = False) -> None:
    """Ask the shop again to send its webhooks, to the address this home has now."""
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

        confirmed(f"Forget the shop {name}?", yes=yes, as_json=as_json)
        collect.remove_shop(name)
        report({"name": name, "removed": True}, as_json=as_json)


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
