"""What an outcome does to a request: at most one hand-over per send key may have had an effect."""

from datetime import timedelta
from typing import Literal

from kembali.messages.contracts import Outcome, SendState

MAX_ATTEMPTS = 8
_WAITS = [timedelta(minutes=each) for each in (1, 4, 16, 64, 240)]

Settled = Literal["sent", "failed", "unknown", "requested"]


def settled_state(state: SendState, outcome: Outcome, attempt_count: int) -> Settled | None:
    """Return the state after `outcome`, or None where it comes too late to matter.

    A worker that was paused beyond its lease finds its request `unknown`. What it learnt then still counts, but nothing
    goes back into the queue from there.
    """
    if state not in ("handing_over", "unknown"):
        return None
    match outcome.kind:
        case "sent" | "delivered":
            return "sent"
        case "failed":
            return "failed"
        case "unknown":
            return "unknown" if state == "handing_over" else None
        case "retry":
            return "requested" if state == "handing_over" and attempt_count < MAX_ATTEMPTS else "failed"


def wait_before_retry(attempt_count: int) -> timedelta:
    """Return how long to wait after the n-th attempt: from 1 minute up to 4 hours."""
    return _WAITS[min(max(attempt_count, 1), len(_WAITS)) - 1]
