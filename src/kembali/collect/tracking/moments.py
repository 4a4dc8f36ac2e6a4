"""When an event happened, by our clock."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def occurred_at(
    event: Mapping[str, Any], *, sent_at: datetime | None, received_at: datetime
) -> tuple[datetime, list[str]]:
    """Return when it happened and what is to be noted about it.

    It happened as long before its arrival as, by the sender's own clock, before its sending.

    Args:
        sent_at: when its request was sent, for an event that does not say so itself.
    """
    named = event.get("timestamp") or event.get("originalTimestamp")
    if not named:
        return received_at, []
    written = instant_of(event.get("timestamp")) or instant_of(event.get("originalTimestamp"))
    if written is None:
        return received_at, ["time_not_understood"]
    sent = instant_of(event.get("sentAt")) or sent_at
    if sent is None:
        return (written, []) if written <= received_at else (received_at, ["time_in_the_future"])
    try:
        return min(received_at - (sent - written), received_at), []
    except OverflowError:
        return received_at, ["time_not_understood"]


def instant_of(value: object) -> datetime | None:
    """Return an ISO 8601 instant in UTC; without an offset it is taken for UTC."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value.strip())
        if at.tzinfo is UTC:
            return at
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
