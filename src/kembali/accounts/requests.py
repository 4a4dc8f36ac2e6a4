"""A program that asks twice, because it did not hear the answer, is answered the same, and nothing is done twice."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from kembali.accounts.errors import IdempotencyConflict
from kembali.accounts.models import Request
from kembali.infra.crypto import seal, unseal
from kembali.infra.database import raw_cursor

KEPT = timedelta(hours=24)
_AT_ONCE = 5_000

# A second request with the same key waits here until the first has committed, or was given up.
_BEGIN = """
INSERT INTO accounts_request AS r (key_id, idempotency_key, digest, made_at, status, answer_sealed)
VALUES (%(key)s, %(idempotency_key)s, %(digest)s, %(at)s, 0, '')
ON CONFLICT (key_id, idempotency_key) DO UPDATE SET digest = excluded.digest, made_at = excluded.made_at, status = 0
WHERE r.made_at <= %(at)s - %(kept)s
RETURNING id
"""


def once(
    key_id: int, idempotency_key: str, *, asked: bytes, at: datetime, perform: Callable[[], tuple[int, str]]
) -> tuple[int, str, bool]:
    """Perform in one transaction and return status and answer; the same again within 24 hours is only answered again.

    Args:
        asked: everything that the answer depends on.

    Returns:
        status, answer, and whether this is a repetition. Where `perform` raises, nothing is remembered.

    Raises:
        IdempotencyConflict: something else was asked under this key.
    """
    digest = hashlib.sha256(asked).digest()
    with transaction.atomic():
        with raw_cursor() as cursor:
            cursor.execute(
                _BEGIN,
                {"key": key_id, "idempotency_key": idempotency_key, "digest": digest, "at": at, "kept": KEPT},
            )
            is_first = cursor.fetchone() is not None
        row = Request.objects.get(key_id=key_id, idempotency_key=idempotency_key)
        if not is_first:
            if bytes(row.digest) != digest:
                raise IdempotencyConflict(
                    "This Idempotency-Key was used for another request.", hint="Use a new one for each request."
                )
            return row.status, unseal(row.answer_sealed, secret_key=settings.KEMBALI.secret_key), True
        row.status, answer = perform()
        row.answer_sealed = seal(answer, secret_key=settings.KEMBALI.secret_key)  # it may hold a new secret
        row.save(update_fields=["status", "answer_sealed"])
        return row.status, answer, False


def forget_requests(*, at: datetime) -> int:
    """Forget up to 5,000 requests that are older than 24 hours; return how many."""
    old = Request.objects.filter(made_at__lte=at - KEPT).order_by("made_at").values_list("id", flat=True)
    count, _ = Request.objects.filter(id__in=list(old[:_AT_ONCE])).delete()
    return count
