"""Commands about the people who work in the dashboard."""

from typing import Annotated

import typer

from kembali.cli.home import opened_home, wall_clock
from kembali.cli.output import Json, console, report, rows

app = typer.Typer(help="Who may sign in, and how.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="The person's e-mail address.")]


@app.command("add")
def add(email: Email, as_json: Json = False) -> None:
    """Let somebody sign in, as an owner, and print their first sign-in link."""
    with opened_home():
        from kembali.accounts import api as accounts

        accounts.ensure_owner(email=email, at=wall_clock())
        _print_link(email, as_json=as_json)


@app.command("link")
def link(
    email: Annotated[str | None, typer.Argument(help="Whose; the only member of staff if left out.")] = None,
    as_json: Json = False,
) -> None:
    """Print a new one-time sign-in link: usable once, within 15 minutes."""
    with opened_home():
        from kembali.accounts import api as accounts

        if email is None:
            everybody = accounts.list_staff()
            if len(everybody) != 1:
                raise accounts.StaffNotFound("Say whose link you want.", hint="kembali staff list shows everybody.")
            email = everybody[0].email
        _print_link(email, as_json=as_json)


@app.command("list")
def list_everybody(as_json: Json = False) -> None:
    """Show who may sign in."""
    with opened_home():
        from kembali.accounts import api as accounts

        everybody = accounts.list_staff()
        if as_json:
            staff = [{"email": one.email, "role": one.role, "active": one.is_active} for one in everybody]
            report({"staff": staff}, as_json=True)
        else:
            rows("", ("e-mail", "role", "active"), [(s.email, s.role, s.is_active) for s in everybody])


def sign_in_url(email: str) -> str:
    """Return the address of a new one-time link for a member of staff."""
    from django.conf import settings

    from kembali.accounts import api as accounts

    token = accounts.create_sign_in_link(email=email, at=wall_clock())
    return f"{settings.KEMBALI.base_url}/sign-in/{token}"


def _print_link(email: str, *, as_json: bool) -> None:
    url = sign_in_url(email)
    if as_json:
        report({"email": email, "url": url, "minutes": 15}, as_json=True)
    else:
        console.print(f"Sign in as {email} within 15 minutes, once:\n[bold]{url}[/]", soft_wrap=True)
