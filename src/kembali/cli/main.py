"""The `kembali` command."""

import sys

import typer

from kembali.cli import (
    care,
    connections,
    data,
    demo,
    events,
    flows,
    importing,
    keys,
    people,
    processes,
    rejects,
    staff,
    webhooks,
)
from kembali.cli.output import fail
from kembali.kernel.errors import KembaliError

app = typer.Typer(
    name="kembali",
    help="Who comes back, what brings them back, and proof that it did.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

app.command("up")(processes.up)
app.command("demo")(demo.demo)
app.command("import")(importing.import_file)
app.command("rejects")(rejects.rejects)
app.command("refresh")(data.refresh)
app.command("rebuild")(data.rebuild)
app.command("replay")(flows.replay)
app.add_typer(flows.journeys, name="journeys")
app.command("proof")(flows.proof)
app.command("status")(care.status)
app.command("doctor")(care.doctor)
app.command("migrate")(care.migrate)
app.add_typer(staff.app, name="staff")
app.add_typer(keys.app, name="keys")
app.add_typer(people.app, name="people")
app.add_typer(events.app, name="events")
app.add_typer(connections.app, name="connections")
app.add_typer(webhooks.app, name="webhooks")
app.command("web")(processes.web)
app.command("edge")(processes.edge)
app.command("worker")(processes.worker)


def run() -> None:
    """Run the command line; an error a person can act on is printed as one, anything else is a bug and shows itself."""
    try:
        app()
    except KembaliError as error:
        fail(error, as_json="--json" in sys.argv)
