"""Spans of time as people write them, and the moment a wait is over."""

from datetime import datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from kembali.kernel.clock import to_utc

_UNIT_MINUTES = {"minute": 1, "hour": 60, "h": 60, "day": 1440, "week": 10080}


def length_of(text: str) -> timedelta:
    """Return the span of a `Length` such as `48 h`; days have 24 hours."""
    count, unit = text.split(" ")
    return timedelta(minutes=float(Fraction(count) * _UNIT_MINUTES[unit.rstrip("s")]))


def days_of(text: str) -> int:
    """Return a `Length` in whole days, rounded up."""
    return -(-length_of(text) // timedelta(days=1))


def wait_over_at(start: datetime, *, length: timedelta, until: str | None, tz: ZoneInfo) -> datetime:
    """Return the instant a wait begun at `start` is over, UTC: after `length`, then at the next `until` in `tz`.

    02:30 that never happens in spring is moved forward, 02:30 that happens twice in autumn is the earlier one, so a
    daily time comes exactly once a day.
    """
    earliest = start + length
    if until is None:
        return earliest
    hour, minute = (int(part) for part in until.split(":"))
    day = earliest.astimezone(tz).date()
    over = to_utc(datetime.combine(day, time(hour, minute)), tz).at
    if over < earliest:
        over = to_utc(datetime.combine(day + timedelta(days=1), time(hour, minute)), tz).at
    return over


def in_words(span: timedelta) -> str:
    """Return a span as the pages show it: `40 min`, `3 h`, `10 days`, `1 day 3 h`."""
    minutes = round(span.total_seconds() / 60)
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    parts = [f"{days} day{'s' if days != 1 else ''}"] if days else []
    parts += [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes else []
    return " ".join(parts) or "0 min"
