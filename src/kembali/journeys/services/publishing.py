"""Launch, edit, pause and resume flows."""

from datetime import datetime

from kembali.infra.database import one_transaction
from kembali.journeys.contracts.flow import Entered
from kembali.journeys.contracts.flow import Flow as FlowDefinition
from kembali.journeys.contracts.views import Published
from kembali.journeys.errors import BadFlow, Problem
from kembali.journeys.models import Flow, FlowVersion
from kembali.journeys.playbooks import playbook_of
from kembali.journeys.queries.flows import flow_not_found
from kembali.journeys.queries.people import members_of_trigger, unknown_names
from kembali.journeys.queries.programs import live_flows
from kembali.journeys.rules.conditions import needs_of
from kembali.journeys.rules.parsing import content_hash, parse_flow
from kembali.journeys.rules.program import compile_flow
from kembali.journeys.rules.triggering import Arrival
from kembali.journeys.services.enrolling import enrol_many
from kembali.kernel.ids import FlowKey


def publish(flow_yaml: str, *, at: datetime, backlog: bool = False) -> Published:
    """Launch a flow, or make an edited one the version that new people enter; those inside stay on theirs.

    The same content again changes nothing. A flow that was paused stays paused.

    Args:
        backlog: also let in the people who are in the trigger's segment at `at`, as of that instant.

    Raises:
        BadFlow: it cannot be used as it is written, it names a segment or trait nobody knows, or a backlog is asked of
            a flow without a segment.
    """
    flow = parse_flow(flow_yaml)
    if problems := list(unknown_names(flow, compile_flow(flow).needs | needs_of(flow.filters))):
        raise BadFlow(problems)
    if backlog and not isinstance(flow.trigger, Entered):
        raise BadFlow([Problem("trigger", "Only a flow that starts from a segment has people waiting for it.")])
    with one_transaction():
        row, _ = Flow.objects.select_for_update(no_key=True).get_or_create(
            key=flow.key,
            defaults={"state": Flow.State.LIVE, "launched_at": at, "live_since": at, "version_number": 1},
        )
        version, is_new = _version_of(row, flow_yaml, content_hash(flow), at)
        Flow.objects.filter(id=row.id).update(version_number=version.number)
        enrolled = _let_backlog_in(row.id, at) if backlog else 0
        inside = row.enrolments.exclude(state="ended").exclude(version=version).count()
        return Published(FlowKey(flow.key), version.number, is_new, enrolled, inside)


def launch_playbook(name: str, *, at: datetime, backlog: bool = False) -> Published:
    """Launch a shipped flow as it is; see `publish`.

    Raises:
        PlaybookNotFound: none of this name is shipped.
    """
    return publish(playbook_of(name).flow_yaml, at=at, backlog=backlog)


def backlog_count(flow: FlowDefinition, *, at: datetime) -> int:
    """Return how many people are in the trigger's segment at `at`: whom a launch with backlog would look at."""
    return sum(1 for _ in members_of_trigger(flow, at=at))


def pause_flow(key: FlowKey) -> None:
    """Let nobody in any more; those inside go on. Twice is once.

    Raises:
        FlowNotFound: there is no such flow.
    """
    if Flow.objects.filter(key=key).update(state=Flow.State.PAUSED) == 0:
        raise flow_not_found(key)


def resume_flow(key: FlowKey, *, at: datetime) -> None:
    """Let people in again, from now on: what happened during the pause starts nothing.

    Raises:
        FlowNotFound: there is no such flow.
    """
    resumed = Flow.objects.filter(key=key, state=Flow.State.PAUSED).update(state=Flow.State.LIVE, live_since=at)
    if resumed == 0 and not Flow.objects.filter(key=key).exists():
        raise flow_not_found(key)


def _version_of(row: Flow, flow_yaml: str, digest: str, at: datetime) -> tuple[FlowVersion, bool]:
    known = row.versions.filter(content_hash=digest).first()
    if known is not None:
        return known, False
    number = row.versions.count() + 1
    return row.versions.create(number=number, content_hash=digest, source_yaml=flow_yaml, published_at=at), True


def _let_backlog_in(flow_id: int, at: datetime) -> int:
    live = next((live for live in live_flows() if live.flow_id == flow_id), None)
    if live is None:
        return 0
    arrivals = [Arrival(customer_id, at) for customer_id in members_of_trigger(live.flow, at=at)]
    return enrol_many(live, arrivals, occasion="was there at launch", at=at) if arrivals else 0
