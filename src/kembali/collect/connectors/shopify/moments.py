"""Instants that Shopify tells, and how something that is not understood is told."""

from datetime import UTC, datetime

from kembali.kernel.errors import Refused


class NotUnderstood(Refused):
    """A thing of the shop cannot be a fact; the message says why."""

    code = "not_understood"


def utc(at: datetime) -> datetime:
    """Return an instant in UTC.

    Raises:
        NotUnderstood: it has no zone.
    """
    if at.tzinfo is None:
        raise NotUnderstood(f"The time {at.isoformat()} has no zone.")
    try:
        return at.astimezone(UTC)
    except (OverflowError, ValueError):
        raise NotUnderstood(f"The time {at.isoformat()} is not possible.") from None
