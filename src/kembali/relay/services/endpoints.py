"""Who is told of what: endpoints are made, changed, paused, given a new secret, removed."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from kembali.collect import api as collect
from kembali.infra.crypto import seal
from kembali.infra.database import raw_cursor
from kembali.infra.http import Client
from kembali.relay import models
from kembali.relay.contracts import Endpoint
from kembali.relay.errors import BadEndpoint, EndpointNotFound, TooManyEndpoints
from kembali.relay.queries import endpoint_from
from kembali.relay.rules import SECRET_BYTES, secret_of
from kembali.relay.services.fanning import CONSUMER

MOST_ENDPOINTS = 25
OVERLAP = timedelta(hours=24)
_LONGEST_DESCRIPTION = 200
_MOST_KINDS = 100


def default_client() -> Client:
    """Return the client that calls what this installation may call."""
    return Client(allow_private=settings.KEMBALI.allow_private_addresses)


def create_endpoint(
    url: str,
    *,
    kinds: Sequence[str] = (),
    description: str = "",
    with_history: bool = False,
    at: datetime,
    client: Client | None = None,
) -> tuple[Endpoint, str]:
    """Return a new endpoint and its secret, which cannot be shown again. It is told what is recorded from now on.

    Args:
        kinds: of which facts; empty means all.
        with_history: also of what happened more than two days before it was recorded, as imports and backfills bring.

    Raises:
        AddressRefused: this address must not be called.
        BadEndpoint: kinds or description cannot be used.
        TooManyEndpoints: there are 25.
        Unreachable: its name cannot be found.
    """
    wanted = _checked(kinds, description)
    (client or default_client()).vet(url)
    secret = secret_of(secrets.token_bytes(SECRET_BYTES))
    with transaction.atomic(), raw_cursor() as cursor:
        cursor.execute("LOCK TABLE relay_endpoint IN SHARE ROW EXCLUSIVE MODE")
        count = models.Endpoint.objects.count()
        if count >= MOST_ENDPOINTS:
            raise TooManyEndpoints(f"There are {count} endpoints.", hint="Remove one that is not needed.")
        if count == 0:  # nobody listened so far: what lies in the log is history, and need not be read
            collect.start_from_now(CONSUMER)
        row = models.Endpoint.objects.create(
            url=url,
            description=description.strip(),
            kinds=wanted,
            with_history=with_history,
            secret_sealed=seal(secret, secret_key=settings.KEMBALI.secret_key),
            created_at=at,
        )
    return endpoint_from(row), secret


def change_endpoint(
    endpoint_id: int,
    *,
    url: str,
    kinds: Sequence[str],
    description: str,
    with_history: bool,
    client: Client | None = None,
) -> Endpoint:
    """Change where an endpoint is and of what it is told; return it. What waits already goes to the new address.

    Raises:
        AddressRefused, BadEndpoint, EndpointNotFound, Unreachable: nothing was changed.
    """
    wanted = _checked(kinds, description)
    (client or default_client()).vet(url)
    with transaction.atomic():
        row = _locked(endpoint_id)
        row.url, row.kinds, row.description, row.with_history = url, wanted, description.strip(), with_history
        row.save(update_fields=["url", "kinds", "description", "with_history"])
    return endpoint_from(row)


def pause_endpoint(endpoint_id: int, *, at: datetime) -> None:
    """Send nothing more until it is resumed; facts queue meanwhile. Twice is once.

    Raises:
        EndpointNotFound: there is none with this number.
    """
    with transaction.atomic():
        row = _locked(endpoint_id)
        row.paused_at = row.paused_at or at
        row.save(update_fields=["paused_at"])


def resume_endpoint(endpoint_id: int) -> None:
    """Send again, whether it was paused or disabled. What was recorded while it was disabled must be replayed.

    Raises:
        EndpointNotFound: there is none with this number.
    """
    with transaction.atomic():
        row = _locked(endpoint_id)
        row.paused_at = row.disabled_at = row.failing_since = row.rests_until = None
        row.disabled_why, row.failure_count = "", 0
        row.save()


def rotate_secret(endpoint_id: int, *, at: datetime, overlap: timedelta = OVERLAP) -> str:
    """Return a new secret, which cannot be shown again. The one before signs along for `overlap`.

    Raises:
        EndpointNotFound: there is none with this number.
    """
    secret = secret_of(secrets.token_bytes(SECRET_BYTES))
    with transaction.atomic():
        row = _locked(endpoint_id)
        row.former_sealed, row.former_until = row.secret_sealed, at + overlap
        row.secret_sealed = seal(secret, secret_key=settings.KEMBALI.secret_key)
        row.save(update_fields=["secret_sealed", "former_sealed", "former_until"])
    return secret


def remove_endpoint(endpoint_id: int) -> None:
    """Forget an endpoint, its deliveries and their log.

    Raises:
        EndpointNotFound: there is none with this number.
    """
    with transaction.atomic():
        _locked(endpoint_id).delete()
        if not models.Endpoint.objects.exists():
            collect.stop_reading(CONSUMER)


def _locked(endpoint_id: int) -> models.Endpoint:
    # Not against its key: deliveries are queued for it meanwhile.
    row = models.Endpoint.objects.select_for_update(no_key=True).filter(id=endpoint_id).first()
    if row is None:
        raise EndpointNotFound(f"There is no endpoint {endpoint_id}.", hint="kembali webhooks list shows all.")
    return row


def _checked(kinds: Sequence[str], description: str) -> list[str]:
    wanted = sorted({one.strip() for one in kinds if one.strip()})
    if len(wanted) > _MOST_KINDS or any(len(one) > _LONGEST_DESCRIPTION or "\x00" in one for one in wanted):
        raise BadEndpoint("These kinds of facts cannot be used.", hint="Choose from those the log holds, or none.")
    if len(description) > _LONGEST_DESCRIPTION or "\x00" in description:
        raise BadEndpoint(f"A description has up to {_LONGEST_DESCRIPTION} characters.")
    return wanted
