"""Commands about the keys with which programs send events."""

from datetime import datetime
from typing import Annotated

import typer

from kembali.cli.home import opened_home, wall_clock
from kembali.cli.output import Json, console, report, rows

app = typer.Typer(help="Keys for programs that send events.", no_args_is_help=True)


@app.command("create")
def create(
    source: Annotated[str, typer.Argument(help="Who will send with it: a short name such as site or server.")],
    secret: Annotated[
        bool, typer.Option("--secret", help="For a server: what it sends is believed. Never put it into a page.")
    ] = False,
    scope: Annotated[
        list[str] | None, typer.Option("--scope", help="What a secret key may, such as read:orders; may be repeated.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a key and print it. A secret one is shown this once only."""
    with opened_home():
        from kembali.accounts import api as accounts

        token = accounts.create_key(source, is_public=not secret, at=wall_clock(), scopes=scope or ["track"])
        if as_json:
            report(
                {"source": source, "key": token, "is_public": not secret, "scopes": scope or ["track"]}, as_json=True
            )
            return
        console.print(f"[bold]{token}[/]", soft_wrap=True)
        console.print(
            "Keep it: it cannot be shown again. What is sent with it is believed."
            if secret
            else "For pages and apps: whom its events name is taken for a claim."
        )


@app.command("list")
def list_all(as_json: Json = False) -> None:
    """Show all keys; of secret ones only that they are there."""
    with opened_home():
        from kembali.accounts import api as accounts

        keys = accounts.list_keys()
        if as_json:
            listed = [
                {
                    "id": key.id,
                    "source": key.source,
                    "key": key.public_token,
                    "created_at": key.created_at.isoformat(),
                    "revoked_at": key.revoked_at and key.revoked_at.isoformat(),
                    "scopes": key.scopes,
                    "expires_at": key.expires_at and key.expires_at.isoformat(),
                    "last_used_at": key.last_used_at and key.last_used_at.isoformat(),
                }
                for key in keys
            ]
            report({"keys": listed}, as_json=True)
        elif not keys:
            console.print("No keys yet: kembali keys create site")
        else:
            lines = [
                (
                    key.id,
                    key.source,
                    key.public_token or "secret",
                    " ".join(key.scopes),
                    f"{key.created_at:%Y-%m-%d}",
                    _state(key.revoked_at, key.expires_at),
                )
                for key in keys
            ]
            rows("", ("id", "source", "key", "may", "made", "state"), lines)


@app.command("rotate")
def rotate(key_id: Annotated[int, typer.Argument(help="See kembali keys list.")], as_json: Json = False) -> None:
    """Make a key that takes another's place and print it. The old one works for 24 hours more."""
    with opened_home():
        from kembali.accounts import api as accounts

        token = accounts.rotate_key(key_id, at=wall_clock())
        if as_json:
            report({"replaces": key_id, "key": token}, as_json=True)
            return
        console.print(f"[bold]{token}[/]", soft_wrap=True)
        console.print("A secret key cannot be shown again. The old one works for 24 hours more.")


@app.command("revoke")
def revoke(key_id: Annotated[int, typer.Argument(help="See kembali keys list.")], as_json: Json = False) -> None:
    """Withdraw a key: within seconds it opens nothing any more."""
    with opened_home():
        from kembali.accounts import api as accounts

        accounts.revoke_key(key_id, at=wall_clock())
        report({"id": key_id, "revoked": True}, as_json=as_json)


def _state(revoked_at: datetime | None, expires_at: datetime | None) -> str:
    if revoked_at or (expires_at and expires_at <= wall_clock()):
        return "revoked" if revoked_at else "expired"
    return f"open until {expires_at:%Y-%m-%d %H:%M}" if expires_at else "open"
