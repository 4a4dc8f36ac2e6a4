"""Read endpoints, their deliveries and how they stand. Secrets never leave by here."""

from collections.abc import Sequence

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from kembali.relay import models
from kembali.relay.contracts import Attempt, Backlog, Delivery, DeliveryState, Endpoint, Replay
from kembali.relay.errors import DeliveryNotFound, EndpointNotFound


def has_endpoints() -> bool:
    """Return whether anybody is told of anything."""
    return models.Endpoint.objects.exists()


def list_endpoints() -> list[Endpoint]:
    """Every endpoint, oldest first."""
    return [endpoint_from(row) for row in models.Endpoint.objects.order_by("id")]


def endpoint_of(endpoint_id: int) -> Endpoint:
    """Return one endpoint.

    Raises:
        EndpointNotFound: there is none with this number.
    """
    row = models.Endpoint.objects.filter(id=endpoint_id).first()
    if row is None:
        raise EndpointNotFound(f"There is no endpoint {endpoint_id}.", hint="kembali webhooks list shows all.")
    return endpoint_from(row)


def backlogs() -> dict[int, Backlog]:
    """Return how each endpoint's deliveries of the last 30 days stand. Counts rows: for pages, not for loops."""
    counted = models.Delivery.objects.values("endpoint_id").annotate(
        waiting=Count("id", filter=Q(state="waiting")),
        delivered=Count("id", filter=Q(state="delivered")),
        failed=Count("id", filter=Q(state="failed")),
    )
    return {row["endpoint_id"]: Backlog(row["waiting"], row["delivered"], row["failed"]) for row in counted}


def list_deliveries(
    endpoint_id: int, *, state: DeliveryState | None = None, before: int | None = None, limit: int = 50
) -> list[Delivery]:
    """Return an endpoint's deliveries, newest first; `before` is the number of the last one seen."""
    rows = _deliveries().filter(endpoint_id=endpoint_id)
    if state is not None:
        rows = rows.filter(state=state)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [_delivery_from(row) for row in rows.order_by("-id")[:limit]]


def delivery_of(delivery_id: int) -> Delivery:
    """Return one delivery.

    Raises:
        DeliveryNotFound: there is none with this number, or no longer.
    """
    row = _deliveries().filter(id=delivery_id).first()
    if row is None:
        raise DeliveryNotFound(f"There is no delivery {delivery_id}.", hint="They are kept 30 days.")
    return _delivery_from(row)


def attempts_of(delivery_id: int) -> list[Attempt]:
    """Return a delivery's calls, oldest first."""
    return [
        Attempt(
            number=row.number,
            at=row.at,
            duration_ms=row.duration_ms,
            status=row.status,
            problem=row.problem,
            answer=row.answer,
        )
        for row in models.Attempt.objects.filter(delivery_id=delivery_id).order_by("id")
    ]


def list_replays(endpoint_id: int, *, limit: int = 5) -> Sequence[Replay]:
    """Return an endpoint's latest replays."""
    return [replay_from(row) for row in models.Replay.objects.filter(endpoint_id=endpoint_id).order_by("-id")[:limit]]


def endpoint_from(row: models.Endpoint) -> Endpoint:
    """Return a row as it leaves the room."""
    return Endpoint(
        id=row.pk,
        url=row.url,
        description=row.description,
        kinds=tuple(row.kinds),
        with_history=row.with_history,
        state="disabled" if row.disabled_at else "paused" if row.paused_at else "open",
        disabled_why=row.disabled_why,
        created_at=row.created_at,
        failing_since=row.failing_since,
        rests_until=row.rests_until,
        delivered_at=row.delivered_at,
        former_secret_until=row.former_until,
    )


def replay_from(row: models.Replay) -> Replay:
    """Return a row as it leaves the room."""
    return Replay(
        id=row.pk,
        endpoint_id=row.endpoint_id,
        since=row.since,
        until=row.until,
        queued_count=row.queued_count,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _deliveries() -> QuerySet[models.Delivery]:
    last = models.Attempt.objects.filter(delivery_id=OuterRef("pk")).order_by("-id")
    return models.Delivery.objects.annotate(
        last_status=Subquery(last.values("status")[:1]), last_problem=Subquery(last.values("problem")[:1])
    )


def _delivery_from(row: models.Delivery) -> Delivery:
    state: DeliveryState = "delivered" if row.state == "delivered" else "failed" if row.state == "failed" else "waiting"
    return Delivery(
        id=row.pk,
        endpoint_id=row.endpoint_id,
        fact_seq=row.fact_seq,
        kind=row.kind,
        state=state,
        made_at=row.made_at,
        due_at=row.due_at,
        finished_at=row.finished_at,
        attempt_count=row.attempt_count,
        is_replay=row.is_replay,
        last_status=getattr(row, "last_status", None),
        last_problem=getattr(row, "last_problem", None) or "",
    )
