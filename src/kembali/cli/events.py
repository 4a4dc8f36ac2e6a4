"""Commands about what comes in: watch it, and have read again what was not understood or not handled."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from kembali.cli.home import opened_home, wall_clock
from kembali.cli.output import Json, console, plain, report, rows

if TYPE_CHECKING:
    from kembali.collect.api import Fact

app = typer.Typer(help="What comes in: watch it, and have it read again.", no_args_is_help=True)

_DAYS = 30
_SHOWN = 20

Source = Annotated[str | None, typer.Option("--source", help="Only of this source, such as public:site.")]
Reason = Annotated[
    str | None, typer.Option("--reason", help="Only of this reason; kembali events rejected shows them.")
]


@app.command("tail")
def tail(
    source: Source = None,
    kind: Annotated[str | None, typer.Option("--kind", help="Only of this kind, such as order.version.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    as_json: Json = False,
) -> None:
    """Show the latest facts, the newest last."""
    with opened_home():
        from kembali.collect import api as collect

        found = collect.recent_facts(source=source, kind=kind, limit=_SHOWN).facts[::-1]
        if as_json:
            report({"facts": [_values(one) for one in found]}, as_json=True)
            return
        if not found and not follow:
            console.print("Nothing of that has come in lately.")
        seen = 0
        try:
            while True:
                for one in found:
                    _print(one)
                    seen = one.seq
                if not follow:
                    return
                time.sleep(1.0)
                latest = collect.recent_facts(source=source, kind=kind, limit=500).facts[::-1]
                found = tuple(one for one in latest if one.seq > seen)
        except KeyboardInterrupt:
            return


@app.command("rejected")
def rejected(as_json: Json = False) -> None:
    """Say what was not understood in the last 30 days, by source and reason, and what could not be handled."""
    with opened_home():
        from datetime import timedelta

        from kembali.collect import api as collect

        tallies = collect.count_rejected_events(since=(wall_clock() - timedelta(days=_DAYS)).date())
        parked, waiting = collect.tally_parked(), collect.count_waiting_events()
        if as_json:
            report(
                {
                    "waiting": waiting,
                    "reasons": [
                        {
                            "source": one.source,
                            "reason": one.reason_code,
                            "seen": one.seen_count,
                            "kept": one.kept_count,
                        }
                        for one in tallies
                    ],
                    "parked": [
                        {"consumer": one.consumer, "reason": one.reason, "facts": one.fact_count} for one in parked
                    ],
                },
                as_json=True,
            )
            return
        if not (tallies or parked):
            console.print("Everything that programs sent was understood.")
            return
        cells = [(one.reason_code, one.source or "without a key", one.seen_count, one.kept_count) for one in tallies]
        rows("Not understood", ("reason", "source", "came", "kept"), cells)
        if waiting:
            console.print(f"{waiting:,} wait. Read them again: [bold]kembali events replay[/].")
        if parked:
            rows(
                "Understood, but not handled",
                ("by", "facts", "why"),
                [(one.consumer, one.fact_count, one.reason[:120]) for one in parked],
            )
            console.print("Have them handled again: [bold]kembali events replay --handled-by CONSUMER[/].")


@app.command("replay")
def replay(
    source: Source = None,
    reason: Reason = None,
    handled_by: Annotated[
        str | None, typer.Option("--handled-by", metavar="CONSUMER", help="Hand over what it could not handle instead.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read rejected events again with this version of kembali; or hand a consumer again what it could not handle."""
    with opened_home():
        from kembali.collect import api as collect
        from kembali.config import wiring

        wiring.register()
        at = wiring.shop_now(wall_clock())
        if handled_by is not None:
            asked = collect.ask_parked(handled_by, at=at)
            through = 0
            while done := collect.replay_asked(wiring.consumers(), at=at):
                through += done
            report({"handled": through, "still_parked": asked - through}, as_json=as_json, title=handled_by)
            return
        accepted = still = after = 0
        while True:
            step = collect.replay_events(at=at, source=source, reason_code=reason, after=after)
            accepted, still = accepted + step.accepted, still + step.rejected
            if step.last_id is None:
                break
            after = step.last_id
        wiring.fold(at)
        report({"now_facts": accepted, "still_rejected": still}, as_json=as_json, title="Read again")


def _values(one: "Fact") -> dict[str, object]:
    return {
        "seq": one.seq,
        "source": one.source,
        "message_id": one.message_id,
        "kind": one.kind,
        "identifiers": one.identifiers,
        "occurred_at": one.occurred_at.isoformat(),
        "received_at": one.received_at.isoformat(),
        "payload": one.payload,
    }


def _print(one: "Fact") -> None:
    who = " ".join(f"{kind}:{value}" for kind, value in one.identifiers.items())
    text = bytes(one.payload).decode("utf-8", "replace")
    console.print(
        f"[dim]{one.received_at:%H:%M:%S}[/] [bold]{plain(one.kind)}[/] {plain(one.source)} {plain(who)} "
        f"[dim]{plain(text[:200])}[/]",
        soft_wrap=True,
    )
