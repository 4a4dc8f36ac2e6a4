"""Connecting a shop on the command line, and changing what was entered then."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kembali.cli.home import opened_home, wall_clock
from kembali.cli.output import Json, Yes, console, may_ask, plain, report
from kembali.kernel.errors import KembaliError, Refused

if TYPE_CHECKING:
    from kembali.collect import api as collect

Name = Annotated[str, typer.Argument(help="The shop's name: see kembali connections list.")]


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
    """Connect a shop: look whether everything is right, ask it to send webhooks, and begin with its history."""
    with opened_home():
        from kembali.collect import api as collect
        from kembali.config import wiring
        from kembali.shop import api as shop

        told = _told(values or [])
        connector = collect.connector_of(platform)
        if may_ask(yes=yes, as_json=as_json):
            told |= _asked(connector.fields, told)
        at = wiring.shop_now(wall_clock())
        for check in collect.check_shop(platform, address=address, values=told, http=wiring.http(), at=at):
            if check.state == "failed":
                raise Refused(f"{check.name}: {check.words}", hint=check.hint)
            say(check)
        collect.connect_shop(platform, name=name, address=address, values=told, at=at)
        name = name or platform
        try:
            shop.set_up_once(lambda: collect.about_shop(name, http=wiring.http(), at=at))
        except KembaliError as error:  # connected all the same
            console.print(f"It is not read yet: {plain(str(error))}")
        topics = _webhooks_of(name, at)
        report({"name": name, "platform": platform, "webhooks": len(topics)}, as_json=as_json)
        console.print(f"The worker reads its history now. Watch it: kembali connections backfill {plain(name)}")


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
        report({"name": name, "webhooks": len(_webhooks_of(name, at))}, as_json=as_json)


def say(check: "collect.Check") -> None:
    """Show one thing that was looked at."""
    sign = {"ok": "[green]✓[/]", "failed": "[bold red]✗[/]", "not_asked": "[dim]–[/]"}[check.state]
    words = " ".join(plain(one) for one in (check.words, check.hint if check.state == "failed" else "") if one)
    console.print(f"{sign} {plain(check.name)}" + (f": {words}" if words else ""))


def _webhooks_of(name: str, at: datetime) -> list[str]:
    """Ask a shop to send its webhooks; where it does not, say why: what was stored holds, and the shop is asked."""
    from kembali.collect import api as collect
    from kembali.config import wiring

    try:
        return collect.order_webhooks(name, http=wiring.http(), at=at)
    except KembaliError as error:
        console.print(f"It sends no webhooks yet: {plain(str(error))}")
        return []


def _told(pairs: list[str]) -> dict[str, str]:
    told = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise Refused(f"“{plain(pair)}” is not name=value.")
        told[key] = _text_in(Path(value[1:])) if value.startswith("@") else value
    return told


def _text_in(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path} cannot be read: {error}.", hint="Name a file with nothing but the secret.") from None


def _asked(fields: "tuple[collect.SetupField, ...]", told: Mapping[str, str]) -> dict[str, str]:
    return {
        field.name: typer.prompt(field.label, hide_input=field.is_secret, err=True)
        for field in fields
        if field.is_needed and field.name not in told
    }
