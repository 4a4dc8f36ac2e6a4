"""When an event happened, by our clock."""

from datetime import UTC, datetime

# A clock that says less was never set. And near the first day there is, time zones' arithmetic breaks.
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def occurred_at(
    timestamp: object,
    original_timestamp: object,
    sent_at: object,
    *,
    request_sent_at: datetime | None,
    received_at: datetime,
) -> tuple[datetime, list[str]]:
    """Return when it happened and what is to be noted about it.

    It happened as long before its arrival as, by the sender's own clock, before its sending.

    Args:
        request_sent_at: what holds for an event that does not say itself when it was sent.
    """
    if not (timestamp or original_timestamp):
        return received_at, []
    written = instant_of(timestamp) or instant_of(original_timestamp)
    if written is None:
        return received_at, ["time_not_understood"]
    sent = instant_of(sent_at) or request_sent_at
    if sent is None and written > received_at:
        return received_at, ["time_in_the_future"]
    try:
        happened = written if sent is None else min(received_at - (sent - written), received_at)
    except OverflowError:
        return received_at, ["time_not_understood"]
    return (happened, []) if happened >= _EARLIEST else (received_at, ["time_not_understood"])


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
