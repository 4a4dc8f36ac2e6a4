"""Pure decisions of the relay: how a call is signed, what its answer means, when the next one is due."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from kembali.relay.contracts import Outcome

SECRET_PREFIX = "whsec_"  # noqa: S105 - how every such secret begins
SECRET_BYTES = 32

# Waits between attempts: three days in all, then a delivery has failed (and may be replayed).
_WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
    timedelta(hours=27),
)
_JITTER = 0.2
_FIRST_REST = timedelta(seconds=5)
_LONGEST_REST = timedelta(minutes=5)
_LONGEST_ASKED_REST = timedelta(hours=1)
DISABLED_AFTER = timedelta(days=5)

Verdict = Literal["delivered", "gone", "refused", "down"]
"""`refused`: this delivery was not taken. `down`: nothing would be taken just now, so the endpoint rests."""


def signature_headers(message_id: str, at_epoch_s: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """Return the headers of Standard Webhooks: one signature for each secret, so that either is enough to check it."""
    signed = b"%s.%d.%s" % (message_id.encode(), at_epoch_s, body)
    signatures = [base64.b64encode(hmac.digest(key_of(secret), signed, hashlib.sha256)).decode() for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at_epoch_s),
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
    }


def secret_of(random: bytes) -> str:
    """Return random bytes as a secret is written."""
    return SECRET_PREFIX + base64.b64encode(random).decode()


def key_of(secret: str) -> bytes:
    """Return the bytes a secret stands for."""
    return base64.b64decode(secret.removeprefix(SECRET_PREFIX))


def message_id_of(endpoint_id: int, fact_seq: int) -> str:
    """Return a delivery's `webhook-id`: the same however often it is sent, so that receivers can tell repetitions."""
    return f"msg_{endpoint_id}_{fact_seq}"


def verdict_of(outcome: Outcome) -> Verdict:
    """Return what an answer means. A redirect is not followed: nobody took the message."""
    match outcome.status:
        case None | 408 | 429:
            return "down"
        case 410:
            return "gone"
        case status if 200 <= status < 300:
            return "delivered"
        case status if status >= 500:
            return "down"
        case _:
            return "refused"


def wait_after(attempt_count: int, delivery_id: int) -> timedelta | None:
    """Return how long to wait after that many attempts, None when it was the last.

    A fifth more or less, by the delivery's number: what failed together does not come back together.
    """
    if attempt_count > len(_WAITS):
        return None
    digest = hashlib.sha256(f"{delivery_id}:{attempt_count}".encode()).digest()
    share = int.from_bytes(digest[:4]) / 2**32  # 0 to 1
    return _WAITS[max(attempt_count, 1) - 1] * (1 - _JITTER + 2 * _JITTER * share)


def rest_after(failure_count: int, retry_after_s: int | None) -> timedelta:
    """Return how long an endpoint that is down is left alone, after that many failures in a row."""
    if retry_after_s is not None:
        return max(min(timedelta(seconds=retry_after_s), _LONGEST_ASKED_REST), _FIRST_REST)
    doubled: int = 2 ** min(max(failure_count - 1, 0), 10)
    return min(_FIRST_REST * doubled, _LONGEST_REST)


def is_hopeless(failing_since: datetime | None, at: datetime) -> bool:
    """Return whether an endpoint failed for so long that nobody seems to mind."""
    return failing_since is not None and at - failing_since >= DISABLED_AFTER
