"""Which of several versions of one thing wins: the same in Python and, as text by its bytes, in PostgreSQL."""

from datetime import UTC, datetime


def version_rank(*, updated_at: datetime | None, observed_at: datetime, message_id: str) -> str:
    """Return a text that is greater the better a version's word is: the platform's own instant, sight, message id.

    A version that bears no instant of the platform never wins over one that does.
    """
    at = (updated_at or observed_at).astimezone(UTC).isoformat(timespec="microseconds")
    return f"{0 if updated_at is None else 1} {at} {message_id}"
