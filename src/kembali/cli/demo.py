"""`kembali demo`: a simulated shop with known truth, built once, then served like a real one."""

import shutil
import time
from typing import Annotated

import typer

from kembali.cli.home import migrate, opened_database, start_django, wall_clock
from kembali.cli.output import Json, console, report
from kembali.cli.processes import supervise
from kembali.cli.staff import sign_in_url
from kembali.infra.settings import Settings
from kembali.kernel.errors import Conflict

OWNER = "owner@example.com"


class HomeIsTaken(Conflict):
    """The home holds a real shop; the demo would mix with it."""

    code = "home_is_taken"


def demo(
    build_only: Annotated[bool, typer.Option("--build-only", help="Build the shop, do not serve it.")] = False,
    as_json: Json = False,
) -> None:
    """Build the demo shop once, then serve it: press Ctrl-C to stop, run again to find everything as it was."""
    started = time.monotonic()
    with opened_database() as settings:
        unfinished = settings.home / "demo-unfinished"
        with console.status("Opening the database"):
            start_django()
            migrate()
        from kembali.accounts import api as accounts
        from kembali.cli import demo_shop
        from kembali.config import wiring
        from kembali.shop import api as shop

        wiring.register()
        found = shop.find_shop_settings()
        if found and unfinished.exists() and found.name == demo_shop.SHOP_NAME and not found.clock_offset:
            _forget(settings)
            found = None
        if found is None:
            unfinished.touch()
            demo_shop.build(settings)
            unfinished.unlink()
        elif not found.clock_offset:
            raise HomeIsTaken(
                f"{settings.home} holds the shop “{found.name}”.", hint="Use another KEMBALI_HOME for the demo."
            )
        accounts.ensure_owner(email=OWNER, at=wall_clock())
        url = sign_in_url(OWNER)
        seconds = round(time.monotonic() - started, 1)
        if build_only:
            return report({"shop": demo_shop.SHOP_NAME, "sign_in": url, "seconds": seconds}, as_json=as_json)
        console.print(
            f"\n[bold]{demo_shop.SHOP_NAME}[/], a simulated shop with a known truth, is ready after {seconds} s.\n"
            f"Sign in (once, within 15 minutes): [bold]{url}[/]\n"
            f"A new link: .venv/bin/kembali staff link     Stop: Ctrl-C\n",
            soft_wrap=True,
        )
        supervise(settings)
        console.print("Stopped. Run it again to find everything as it was.")
    return None


def _forget(settings: Settings) -> None:
    """Empty kembali's own tables of a demo whose building was interrupted: half of its days would be no shop."""
    from django.core.management import call_command

    call_command("flush", verbosity=0, interactive=False)
    shutil.rmtree(settings.lake_dir, ignore_errors=True)
