"""A test of an endpoint: one call at once, outside the queue, and never repeated by itself."""

import time
from datetime import datetime

from django.db import transaction

from kembali.infra.http import Client
from kembali.relay import models
from kembali.relay.contracts import Outcome
from kembali.relay.errors import EndpointNotFound
from kembali.relay.rules import verdict_of
from kembali.relay.services.calling import TIMEOUT_S, Call, make_call, ping_body
from kembali.relay.services.endpoints import default_client
from kembali.relay.services.taking import clock_epoch_s, unsealed


def send_test(endpoint_id: int, *, at: datetime, client: Client | None = None) -> Outcome:
    """Call an endpoint with a `webhook.test` and return what came of it; its log keeps it too. Up to 15 s.

    Works on a paused endpoint. Changes nothing about it, whatever it answers.

    Raises:
        EndpointNotFound: there is none with this number.
    """
    row = models.Endpoint.objects.filter(id=endpoint_id).first()
    if row is None:
        raise EndpointNotFound(f"There is no endpoint {endpoint_id}.", hint="kembali webhooks list shows all.")
    counts = row.former_until is not None and row.former_until > at
    delivery = models.Delivery.objects.create(
        endpoint=row, kind="webhook.test", state="failed", made_at=at, due_at=at, attempt_count=1, finished_at=at
    )
    secrets = unsealed(row.secret_sealed, row.former_sealed, former_counts=counts)
    call = Call(
        delivery_id=delivery.pk,
        endpoint_id=row.pk,
        fence=0,
        attempt_count=1,
        url=row.url,
        message_id=f"test_{row.pk}_{delivery.pk}",
        signed_at=clock_epoch_s(),
        secrets=secrets,
        body=ping_body(row.pk, at),
        ends=time.monotonic() + TIMEOUT_S,
    )
    outcome = (
        make_call(call, client or default_client())
        if secrets
        else Outcome(None, "its secret cannot be read: rotate it", "", 0)
    )
    with transaction.atomic():
        if verdict_of(outcome) == "delivered":
            models.Delivery.objects.filter(id=delivery.pk).update(state="delivered")
        models.Attempt.objects.create(
            delivery=delivery,
            number=1,
            at=at,
            duration_ms=outcome.duration_ms,
            status=outcome.status,
            problem=outcome.problem,
            answer=outcome.answer,
        )
    return outcome
