"""What must be known of a shop before its first fact: the currency it counts in and the zone it lives in."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.prompt import Prompt

from kembali.cli.output import NeedsAnAnswer, console

if TYPE_CHECKING:
    from kembali.collect.api import FoundMapping


def shop_basics(
    path: Path,
    mapping: "FoundMapping",
    currency: str | None,
    tz: str | None,
    name: str | None,
    *,
    ask: bool,
    write: bool,
) -> tuple[str, str]:
    """Return currency and zone, set before the first fact: from the options, the shop, the format, or a person."""
    from kembali.collect import api as collect
    from kembali.shop import api as shop

    found = shop.find_shop_settings()
    if found and not (currency or tz):
        return found.currency, found.time_zone
    usual = collect.inspect_file(path, mapping=mapping.mapping).usual
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
