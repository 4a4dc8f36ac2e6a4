"""Send once more: one delivery, or the facts of a time range, page by page and resumable."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from kembali.collect import api as collect
from kembali.infra.database import one_transaction
from kembali.relay import models
from kembali.relay.contracts import Replay
from kembali.relay.errors import BadEndpoint, DeliveryNotFound, EndpointNotFound
from kembali.relay.queries import replay_from

_PAGE = 10_000

# What waits already keeps its place.
_AGAIN = """
INSERT INTO relay_delivery AS d
    (endpoint_id, fact_seq, kind, state, made_at, due_at, is_replay, attempt_count, fence)
SELECT %(endpoint)s, f.seq, f.kind, 'waiting', %(at)s, %(at)s, true, 0, 0
FROM unnest(%(seqs)s::bigint[], %(kinds)s::text[]) AS f (seq, kind)
ORDER BY f.seq
ON CONFLICT (endpoint_id, fact_seq) DO UPDATE
SET state = 'waiting', due_at = %(at)s, made_at = %(at)s, is_replay = true, attempt_count = 0, finished_at = NULL,
    lease_until = NULL, fence = d.fence + 1
WHERE d.state <> 'waiting'
"""
_ONE_AGAIN = """
UPDATE relay_delivery
SET state = 'waiting', due_at = %(at)s, made_at = %(at)s, is_replay = true, attempt_count = 0, finished_at = NULL,
    lease_until = NULL, fence = fence + 1
WHERE id = %(id)s AND fact_seq IS NOT NULL AND (state <> 'waiting' OR lease_until IS NULL)
RETURNING id
"""


def replay_delivery(delivery_id: int, *, at: datetime) -> None:
    """Send one delivery again now, under the same `webhook-id`. One under way is left alone.

    Raises:
        DeliveryNotFound: there is none, or it was a test.
    """
    if not models.Delivery.objects.filter(id=delivery_id, fact_seq__isnull=False).exists():
        raise DeliveryNotFound(f"There is no delivery {delivery_id} to send again.", hint="They are kept 30 days.")
    with one_transaction() as cursor:
        cursor.execute(_ONE_AGAIN, {"at": at, "id": delivery_id})


def start_replay(endpoint_id: int, *, since: datetime, until: datetime | None = None, at: datetime) -> Replay:
    """Have the facts recorded in [since, until) sent to an endpoint, of the kinds it is told of, imports included.

    `continue_replays` does it, page by page; what is new goes first meanwhile.

    Raises:
        BadEndpoint: the range is empty.
        EndpointNotFound: there is none with this number.
    """
    end = at if until is None else min(until, at)
    if since >= end:
        raise BadEndpoint("There is nothing between these instants.", hint="Begin earlier, and not in the future.")
    with transaction.atomic():
        if not models.Endpoint.objects.select_for_update(no_key=True).filter(id=endpoint_id).exists():
            raise EndpointNotFound(f"There is no endpoint {endpoint_id}.", hint="kembali webhooks list shows all.")
        row = models.Replay.objects.create(endpoint_id=endpoint_id, since=since, until=end, started_at=at)
    return replay_from(row)


def continue_replays(*, at: datetime) -> bool:
    """Queue the next page of every unfinished replay; return whether there is more to do. Idempotent, resumable."""
    unfinished = models.Replay.objects.filter(finished_at__isnull=True).order_by("id")
    more = [_has_more(replay_id, at) for replay_id in unfinished.values_list("id", flat=True)]  # a page of each
    return any(more)


def _has_more(replay_id: int, at: datetime) -> bool:
    with one_transaction() as cursor:
        row = (
            models.Replay.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("endpoint")
            .filter(id=replay_id, finished_at__isnull=True)
            .first()
        )
        if row is None:
            return False
        page = collect.seqs_between(row.since, row.until, kinds=row.endpoint.kinds, after=row.position, limit=_PAGE)
        found: Sequence[tuple[int, str]] = page.found
        cursor.execute(
            _AGAIN,
            {
                "endpoint": row.endpoint_id,
                "at": at,
                "seqs": [seq for seq, _ in found],
                "kinds": [kind for _, kind in found],
            },
        )
        row.queued_count += len(found)
        row.position = page.reached
        row.finished_at = at if page.is_last else None
        row.save(update_fields=["queued_count", "position", "finished_at"])
        return not page.is_last
