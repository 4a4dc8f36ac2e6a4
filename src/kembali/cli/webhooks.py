"""Commands about outgoing webhooks: who is told of facts, and what came of it."""

from datetime import UTC
from typing import Annotated

import typer

from kembali.cli.home import opened_home, wall_clock
from kembali.cli.output import Json, Yes, confirmed, console, report, rows

app = typer.Typer(help="Programs that are told of every fact, signed.", no_args_is_help=True)

EndpointId = Annotated[int, typer.Argument(help="See kembali webhooks list.")]
Kinds = Annotated[
    list[str] | None, typer.Option("--kind", help="Only facts of this kind; may be repeated. Without: all.")
]


@app.command("add")
def add(
    url: Annotated[str, typer.Argument(help="Where facts are sent: https://…")],
    kind: Kinds = None,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    with_history: Annotated[
        bool, typer.Option("--with-history", help="Also what imports and backfills bring from the past.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Tell a program of facts from now on, and print the secret it checks signatures with. It is shown once."""
    with opened_home():
        from kembali.config import wiring
        from kembali.relay import api as relay

        endpoint, secret = relay.create_endpoint(
            url,
            kinds=kind or [],
            description=description,
            with_history=with_history,
            at=wiring.shop_now(wall_clock()),
        )
        if as_json:
            report({"id": endpoint.id, "url": endpoint.url, "secret": secret}, as_json=True)
            return
        console.print(f"[bold]{secret}[/]", soft_wrap=True)
        console.print(
            f"Keep it: it cannot be shown again. Try endpoint {endpoint.id}: kembali webhooks test {endpoint.id}"
        )


@app.command("list")
def list_all(as_json: Json = False) -> None:
    """Show all endpoints and how their deliveries stand."""
    with opened_home():
        from kembali.relay import api as relay

        endpoints, backlogs = relay.list_endpoints(), relay.backlogs()
        none = relay.Backlog(0, 0, 0)
        if as_json:
            listed = [
                {
                    "id": one.id,
                    "url": one.url,
                    "description": one.description,
                    "kinds": one.kinds,
                    "state": one.state,
                    "disabled_why": one.disabled_why,
                    "failing_since": one.failing_since and one.failing_since.isoformat(),
                    "waiting": backlogs.get(one.id, none).waiting,
                    "delivered": backlogs.get(one.id, none).delivered,
                    "failed": backlogs.get(one.id, none).failed,
                }
                for one in endpoints
            ]
            report({"endpoints": listed}, as_json=True)
        elif not endpoints:
            console.print("No endpoints yet: kembali webhooks add https://…")
        else:
            lines = [
                (
                    one.id,
                    one.url,
                    ", ".join(one.kinds) or "all",
                    f"{one.state} {one.disabled_why}".strip(),
                    backlogs.get(one.id, none).waiting,
                    backlogs.get(one.id, none).delivered,
                    backlogs.get(one.id, none).failed,
                )
                for one in endpoints
            ]
            rows("", ("id", "address", "kinds", "state", "waiting", "delivered", "failed"), lines)


@app.command("test")
def send_test(endpoint_id: EndpointId, as_json: Json = False) -> None:
    """Send a test now and show what came back."""
    with opened_home():
        from kembali.config import wiring
        from kembali.relay import api as relay

        found = relay.send_test(endpoint_id, at=wiring.shop_now(wall_clock()))
        report(
            {
                "status": found.status,
                "problem": found.problem,
                "duration_ms": found.duration_ms,
                "answer": found.answer,
            },
            as_json=as_json,
        )


@app.command("deliveries")
def deliveries(
    endpoint_id: EndpointId, limit: Annotated[int, typer.Option(min=1, max=500)] = 20, as_json: Json = False
) -> None:
    """Show the latest deliveries of an endpoint."""
    with opened_home():
        from kembali.relay import api as relay

        relay.endpoint_of(endpoint_id)
        found = relay.list_deliveries(endpoint_id, limit=limit)
        if as_json:
            listed = [
                {
                    "id": one.id,
                    "fact_id": one.fact_seq,
                    "kind": one.kind,
                    "state": one.state,
                    "attempt_count": one.attempt_count,
                    "last_status": one.last_status,
                    "last_problem": one.last_problem,
                    "made_at": one.made_at.isoformat(),
                }
                for one in found
            ]
            report({"deliveries": listed}, as_json=True)
            return
        lines = [
            (
                one.id,
                f"{one.made_at:%Y-%m-%d %H:%M}",
                one.kind,
                one.state,
                one.attempt_count,
                one.last_status or one.last_problem,
            )
            for one in found
        ]
        rows("", ("id", "made", "kind", "state", "attempts", "answer"), lines)


@app.command("replay")
def replay(
    endpoint_id: EndpointId,
    since: Annotated[str, typer.Option(help="Facts recorded from then on: 2026-11-21 or 2026-11-21T09:30.")] = "",
    until: Annotated[str, typer.Option(help="… and before then. Without: until now.")] = "",
    delivery: Annotated[int, typer.Option(help="Only this delivery; see kembali webhooks deliveries.")] = 0,
    as_json: Json = False,
) -> None:
    """Send facts once more: one delivery, or those of a time range. A worker does it; new facts go first."""
    if bool(delivery) == bool(since):
        raise typer.BadParameter("name either --delivery or --since")
    with opened_home():
        from kembali.config import wiring
        from kembali.kernel.clock import parse_instant
        from kembali.relay import api as relay

        at = wiring.shop_now(wall_clock())
        if delivery:
            if relay.delivery_of(delivery).endpoint_id != endpoint_id:
                raise relay.DeliveryNotFound(f"Endpoint {endpoint_id} has no delivery {delivery}.")
            relay.replay_delivery(delivery, at=at)
            report({"delivery": delivery, "waiting": True}, as_json=as_json)
            return
        zone = wiring.time_zone()
        started = relay.start_replay(
            endpoint_id,
            since=parse_instant(since, zone),
            until=parse_instant(until, zone) if until else None,
            at=at,
        )
        report(
            {
                "endpoint": endpoint_id,
                "since": started.since.astimezone(UTC).isoformat(),
                "until": started.until.astimezone(UTC).isoformat(),
            },
            as_json=as_json,
        )


@app.command("rotate")
def rotate(endpoint_id: EndpointId, as_json: Json = False) -> None:
    """Make a new secret and print it. For 24 hours the old one signs along."""
    with opened_home():
        from kembali.config import wiring
        from kembali.relay import api as relay

        secret = relay.rotate_secret(endpoint_id, at=wiring.shop_now(wall_clock()))
        if as_json:
            report({"id": endpoint_id, "secret": secret}, as_json=True)
            return
        console.print(f"[bold]{secret}[/]", soft_wrap=True)
        console.print("Keep it: it cannot be shown again. The old secret signs along for 24 hours.")


@app.command("pause")
def pause(endpoint_id: EndpointId, as_json: Json = False) -> None:
    """Send nothing for now; facts wait."""
    with opened_home():
        from kembali.config import wiring
        from kembali.relay import api as relay

        relay.pause_endpoint(endpoint_id, at=wiring.shop_now(wall_clock()))
        report({"id": endpoint_id, "state": "paused"}, as_json=as_json)


@app.command("resume")
def resume(endpoint_id: EndpointId, as_json: Json = False) -> None:
    """Send again, whether it was paused or disabled."""
    with opened_home():
        from kembali.relay import api as relay

        relay.resume_endpoint(endpoint_id)
        report({"id": endpoint_id, "state": "open"}, as_json=as_json)


@app.command("remove")
def remove(endpoint_id: EndpointId, yes: Yes = False, as_json: Json = False) -> None:
    """Forget an endpoint with its deliveries."""
    with opened_home():
        from kembali.relay import api as relay

        found = relay.endpoint_of(endpoint_id)
        confirmed(f"Forget {found.url} and the log of its deliveries?", yes=yes, as_json=as_json)
        relay.remove_endpoint(endpoint_id)
        report({"id": endpoint_id, "removed": True}, as_json=as_json)
