"""Commands about flows: launch them, run them over the past, prove them."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kembali.cli.home import opened_home, wall_clock
from kembali.cli.output import Json, console, report, rows
from kembali.kernel import clock
from kembali.kernel.ids import FlowKey
from kembali.kernel.money import from_minor

journeys = typer.Typer(help="Flows: launch, pause, look.", no_args_is_help=False, invoke_without_command=True)

Key = Annotated[str, typer.Argument(help="The flow's key, such as win_back.")]
Backlog = Annotated[bool, typer.Option("--backlog", help="Also let in the people who are in the segment today.")]


@journeys.callback()
def list_all(context: typer.Context, as_json: Json = False) -> None:
    """Show what runs and what ships."""
    if context.invoked_subcommand:
        return None
    with opened_home():
        from kembali.config import wiring
        from kembali.journeys import api

        flows = api.list_flows(at=wiring.shop_now(wall_clock()))
        if as_json:
            return report({"flows": msgspec.to_builtins(flows)}, as_json=True)
        rows(
            "Flows",
            ("key", "name", "state", "version", "holdout", "inside", "entered 30 d", "came back 30 d"),
            [
                (
                    flow.key,
                    flow.name,
                    flow.state,
                    flow.version,
                    f"{flow.holdout_percent} %",
                    flow.inside_count,
                    flow.entered_count,
                    flow.goal_count,
                )
                for flow in flows
            ],
        )
        launched = {flow.key for flow in flows}
        waiting = [(book.name, book.flow.name) for book in api.list_playbooks() if book.name not in launched]
        rows("Ready to launch", ("key", "name"), waiting)
    return None


@journeys.command("launch")
def launch(key: Key, backlog: Backlog = False, as_json: Json = False) -> None:
    """Launch a shipped flow, from now on. Says first what can be proven at this shop's size."""
    with opened_home() as settings:
        from kembali.config import launching, wiring

        wiring.register()
        at = wiring.shop_now(wall_clock())
        published, power = launching.launch(FlowKey(key), settings=settings, at=at, backlog=backlog)
        report(
            {"flow": published.key, "version": published.version, "enrolled": published.enrolled_count, "power": power},
            as_json=as_json,
            title="Launched",
        )


@journeys.command("publish")
def publish(
    path: Annotated[Path, typer.Argument(help="A flow as YAML.")], backlog: Backlog = False, as_json: Json = False
) -> None:
    """Launch a flow of your own, or a new version of one."""
    with opened_home():
        from kembali.config import wiring
        from kembali.journeys import api

        wiring.register()
        published = api.publish(path.read_text("utf-8"), at=wiring.shop_now(wall_clock()), backlog=backlog)
        report(msgspec.to_builtins(published), as_json=as_json, title="Published")


@journeys.command("pause")
def pause(key: Key, as_json: Json = False) -> None:
    """Let nobody in any more; those inside go on."""
    with opened_home():
        from kembali.journeys import api

        api.pause_flow(FlowKey(key))
        report({"flow": key, "state": "paused"}, as_json=as_json)


@journeys.command("resume")
def resume(key: Key, as_json: Json = False) -> None:
    """Let people in again, from now on."""
    with opened_home():
        from kembali.config import wiring
        from kembali.journeys import api

        api.resume_flow(FlowKey(key), at=wiring.shop_now(wall_clock()))
        report({"flow": key, "state": "live"}, as_json=as_json)


def replay(
    journey: Annotated[str, typer.Option("--journey", help="A flow's key, such as win_back.")] = "win_back",
    start: Annotated[str | None, typer.Option("--from", help="First day; 90 days before the end if left out.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Day after the last; today if left out.")] = None,
    holdout: Annotated[int | None, typer.Option("--holdout", help="Percent kept back; else the flow's own.")] = None,
    as_json: Json = False,
) -> None:
    """Run a flow over past facts: who would have got what, and what they did anyway. Nothing is sent."""
    with opened_home() as settings:
        from kembali.config import launching, wiring

        wiring.register()
        at = wiring.shop_now(wall_clock())
        tz = wiring.time_zone()
        until = clock.parse_instant(end, tz) if end else at
        since = clock.parse_instant(start, tz) if start else until - clock.days(90)
        found = launching.replay(
            FlowKey(journey), settings=settings, start=since, end=until, holdout_percent=holdout, at=at
        )
        if as_json:
            return report(found, as_json=True)
        console.print(
            f"Between {since:%d %B %Y} and {until:%d %B %Y}, [bold]{found['enrolled']:,} people[/] would have entered. "
            f"Nothing was sent."
        )
        report(found, as_json=False)
    return None


def proof(
    journey: Annotated[str | None, typer.Argument(help="A flow's key; all of them if left out.")] = None,
    as_json: Json = False,
) -> None:
    """Did it make anyone come back? Treated against holdout, as of now."""
    with opened_home() as settings:
        from kembali.config import wiring
        from kembali.lake import api as lake
        from kembali.measure import api as measure
        from kembali.shop import api as shop

        wiring.register()
        at = wiring.shop_now(wall_clock())
        wiring.fold(at)
        wiring.export(settings)
        with lake.open_lake(settings.lake_dir) as opened:
            if journey:
                proofs = [measure.measure_flow(opened, FlowKey(journey), at=at)]
            else:
                proofs = measure.measure_all(opened, at=at)
        if as_json:
            return report({"proofs": msgspec.to_builtins(proofs)}, as_json=True)
        currency = shop.shop_settings().currency
        for each in proofs:
            _show(each, currency, at)
        if not proofs:
            console.print("Nobody has entered a flow yet: there is nothing to prove.")
    return None


def _show(each: "object", currency: str, at: datetime) -> None:
    from kembali.measure import api as measure

    assert isinstance(each, measure.Proof)  # noqa: S101 - handed over by `proof`
    console.print(f"\n[bold]{each.flow_name}[/]  as of {at:%d %B %Y}\n{each.sentence}")
    lines = []
    for metric, found in each.metrics.items():
        unit = currency if "minor" in metric else "per person"
        if found.estimate is None or found.low is None or found.high is None:
            lines.append((metric.replace("_minor", ""), unit, found.reason, "", ""))
            continue
        scale = float(from_minor(1, currency)) if "minor" in metric else 1.0
        lines.append(
            (
                metric.replace("_minor", ""),
                unit,
                f"{found.estimate * scale:+.3f}",
                f"{found.low * scale:+.3f} … {found.high * scale:+.3f}",
                "" if found.true_effect is None else f"{found.true_effect * scale:+.3f}",
            )
        )
    rows("", ("treated − holdout", "unit", "estimate", f"{each.level:.0%} interval", "planted truth"), lines)
    console.print(
        f"[dim]{each.treated.people:,} treated, {each.holdout.people:,} held out, "
        f"{each.watching_count:,} still watched.[/]"
    )
