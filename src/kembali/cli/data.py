"""Commands about folded data: fold it, look at it afresh."""

from typing import Annotated

import typer
from rich.prompt import Confirm

from kembali.cli.home import opened_home, wall_clock
from kembali.cli.output import Json, Yes, console, report


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
        from kembali.collect import api as collect
        from kembali.config import wiring
        from kembali.shop import api as shop

        wiring.register()
        if not (yes or as_json) and not Confirm.ask("Fold everything again?", default=True, console=console):
            return
        at = wiring.shop_now(wall_clock())
        before = shop.state_hash()
        with console.status("Counting and folding the log again"):
            fact_count = collect.recount()
            shop.rebuild(at)
            wiring.refresh(at, full=True, rebuild_lake=True)
        after = shop.state_hash()
        rebuilt = {"facts": fact_count, "state_hash": after, "same_as_before": before == after}
        report(rebuilt, as_json=as_json, title="Rebuilt")
