"""Instants and local days. Business time is always an argument; nothing here reads a clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kembali.kernel.errors import Refused

TimeFlag = Literal["ambiguous", "nonexistent"]


class BadTimeZone(Refused):
    """A time zone is not an IANA name."""

    code = "bad_time_zone"


@dataclass(frozen=True, slots=True)
class LocalInstant:
    """A local wall-clock reading as a UTC instant; `flag` tells when the reading was not unique or did not exist."""

    at: datetime
    flag: TimeFlag | None


def zone(name: str) -> ZoneInfo:
    """Return the IANA zone called `name`.

    Raises:
        BadTimeZone: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadTimeZone(f"“{name}” is not a time zone.", hint="Use an IANA name such as Europe/London.") from error


def to_utc(naive_local: datetime, tz: ZoneInfo) -> LocalInstant:
    """Return the UTC instant of a wall-clock reading in `tz`.

    A reading that happens twice (autumn) takes the earlier instant; one that never happens (spring) is moved forward by
    the gap, as wall clocks do. Both are flagged.
    """
    early = naive_local.replace(tzinfo=tz, fold=0)
    late = naive_local.replace(tzinfo=tz, fold=1)
    at = early.astimezone(UTC)
    if early.utcoffset() == late.utcoffset():
        return LocalInstant(at, None)
    exists = at.astimezone(tz).replace(tzinfo=None) == naive_local
    return LocalInstant(at, "ambiguous" if exists else "nonexistent")


def local_date(at: datetime, tz: ZoneInfo) -> date:
    """Return the calendar day of an instant in `tz`."""
    return at.astimezone(tz).date()


def local_midnight(day: date, tz: ZoneInfo) -> datetime:
    """Return the UTC instant at which `day` begins in `tz`."""
    return to_utc(datetime.combine(day, time.min), tz).at


def parse_instant(text: str, tz: ZoneInfo) -> datetime:
    """Return the UTC instant of an ISO 8601 date or date-time; without an offset it is read in `tz`.

    Raises:
        Refused: the text is neither.
    """
    try:
        value = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"“{text}” is not a date.", hint="Write 2026-11-21 or 2026-11-21T09:30.") from error
    return to_utc(value, tz).at if value.tzinfo is None else value.astimezone(UTC)


def days(count: float) -> timedelta:
    """Return a length of `count` days of 24 hours."""
    return timedelta(days=count)
