"""Outgoing webhooks, set up by programs."""

from datetime import datetime
from typing import Annotated

from django.http import HttpResponse
from ninja import Router
from ninja import Schema as Out
from pydantic import Field

from kembali.relay import api as relay
from kembali.web.api import shapes
from kembali.web.api.paging import Cursor, Limit, cursor_of, id_of
from kembali.web.api.problems import PROBLEMS
from kembali.web.api.requests import ApiRequest, answered_once, scoped

router = Router(tags=["webhooks"])
_ADMIN = "admin:webhooks"


class EndpointIn(shapes.Shape):
    """Where facts are sent, and of which kinds: all, where none is named."""

    url: Annotated[str, Field(min_length=1, max_length=2000)]
    kinds: Annotated[list[shapes.Ref], Field(max_length=100)] = []
    description: Annotated[str, Field(max_length=200)] = ""
    with_history: bool = False


class ReplayIn(shapes.Shape):
    """Facts recorded from `since` until before `until` (now, where it is left out)."""

    since: shapes.Instant
    until: shapes.Instant | None = None


class Endpoint(Out):
    """Who is told. `state`: open, paused, or disabled with the reason in `disabled_why`."""

    id: int
    url: str
    kinds: list[str]
    description: str
    with_history: bool
    state: str
    disabled_why: str
    created_at: datetime
    failing_since: datetime | None


class EndpointMade(Endpoint):
    """A new endpoint with the secret its messages are signed with, which cannot be shown again."""

    secret: str


class Secret(Out):
    """A new secret, which cannot be shown again. The one before signs along for 24 hours."""

    secret: str


class Tested(Out):
    """What a test came to: `status` is null where nobody answered."""

    status: int | None
    problem: str
    duration_ms: int


class ReplayStarted(Out):
    """Facts of this range are queued again, behind what is new."""

    since: datetime
    until: datetime


class Delivery(Out):
    """One fact on its way to one endpoint."""

    id: int
    fact_id: int | None
    kind: str
    state: str
    attempt_count: int
    last_status: int | None
    last_problem: str
    made_at: datetime
    due_at: datetime
    finished_at: datetime | None


class Endpoints(Out):
    """All of them."""

    data: list[Endpoint]


class DeliveryPage(Out):
    """A page, newest first; without `next_cursor` it is the last."""

    data: list[Delivery]
    next_cursor: str | None


@router.get("", response={200: Endpoints, **PROBLEMS}, **scoped(_ADMIN))
def list_endpoints(request: ApiRequest) -> Endpoints:
    """List who is told of facts."""
    return Endpoints(data=[_endpoint(one) for one in relay.list_endpoints()])


@router.post("", response={201: EndpointMade, **PROBLEMS}, **scoped(_ADMIN))
def add_endpoint(request: ApiRequest, body: EndpointIn) -> HttpResponse:
    """Tell a program of facts from now on. Its secret is shown in this answer only."""

    def perform() -> tuple[int, EndpointMade]:
        made, secret = relay.create_endpoint(
            body.url,
            kinds=body.kinds,
            description=body.description,
            with_history=body.with_history,
            at=request.at,
        )
        return 201, EndpointMade(**_endpoint(made).model_dump(), secret=secret)

    return answered_once(request, perform)


@router.get("/{endpoint_id}", response={200: Endpoint, **PROBLEMS}, **scoped(_ADMIN))
def get_endpoint(request: ApiRequest, endpoint_id: shapes.Id) -> Endpoint:
    """Return one endpoint."""
    return _endpoint(relay.endpoint_of(endpoint_id))


@router.delete("/{endpoint_id}", response={204: None, **PROBLEMS}, **scoped(_ADMIN))
def remove_endpoint(request: ApiRequest, endpoint_id: shapes.Id) -> HttpResponse:
    """Forget an endpoint with the log of its deliveries."""
    relay.remove_endpoint(endpoint_id)
    return HttpResponse(status=204)


@router.post("/{endpoint_id}/secret", response={201: Secret, **PROBLEMS}, **scoped(_ADMIN))
def rotate_secret(request: ApiRequest, endpoint_id: shapes.Id) -> HttpResponse:
    """Make a new secret; the one before signs along for 24 hours."""
    return answered_once(request, lambda: (201, Secret(secret=relay.rotate_secret(endpoint_id, at=request.at))))


@router.post("/{endpoint_id}/test", response={200: Tested, **PROBLEMS}, **scoped(_ADMIN))
def test_endpoint(request: ApiRequest, endpoint_id: shapes.Id) -> Tested:
    """Send a test now and tell what came back. Asked twice it is sent twice."""
    found = relay.send_test(endpoint_id, at=request.at)
    return Tested(status=found.status, problem=found.problem, duration_ms=found.duration_ms)


@router.post("/{endpoint_id}/replay", response={202: ReplayStarted, **PROBLEMS}, **scoped(_ADMIN))
def replay(request: ApiRequest, endpoint_id: shapes.Id, body: ReplayIn) -> HttpResponse:
    """Send the facts of a time range once more."""

    def perform() -> tuple[int, ReplayStarted]:
        started = relay.start_replay(endpoint_id, since=body.since, until=body.until, at=request.at)
        return 202, ReplayStarted(since=started.since, until=started.until)

    return answered_once(request, perform)


@router.get("/{endpoint_id}/deliveries", response={200: DeliveryPage, **PROBLEMS}, **scoped(_ADMIN))
def list_deliveries(
    request: ApiRequest, endpoint_id: shapes.Id, cursor: Cursor = None, limit: Limit = 50
) -> DeliveryPage:
    """List the deliveries of the last 30 days, newest first."""
    relay.endpoint_of(endpoint_id)
    found = relay.list_deliveries(endpoint_id, before=id_of("deliveries", cursor), limit=limit)
    further = found[-1].id if len(found) == limit else None
    return DeliveryPage(data=[_delivery(one) for one in found], next_cursor=cursor_of("deliveries", further))


def _endpoint(one: relay.Endpoint) -> Endpoint:
    return Endpoint(
        id=one.id,
        url=one.url,
        kinds=list(one.kinds),
        description=one.description,
        with_history=one.with_history,
        state=one.state,
        disabled_why=one.disabled_why,
        created_at=one.created_at,
        failing_since=one.failing_since,
    )


def _delivery(one: relay.Delivery) -> Delivery:
    return Delivery(
        id=one.id,
        fact_id=one.fact_seq,
        kind=one.kind,
        state=one.state,
        attempt_count=one.attempt_count,
        last_status=one.last_status,
        last_problem=one.last_problem,
        made_at=one.made_at,
        due_at=one.due_at,
        finished_at=one.finished_at,
    )
