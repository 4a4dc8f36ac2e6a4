"""Texts of dates and times → UTC instants in the shop's zone. Pure."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from kembali.kernel.clock import LocalInstant, to_utc

DateOrder = Literal["day_first", "month_first"]

_YEARS = range(1970, 2200)
_EPOCH = re.compile(r"\d{9,10}|\d{13}")  # seconds or milliseconds since 1970
_OFFSET = re.compile(r"\s+(?=(?:[+-]\d{2}:?\d{2}|Z|UTC)$)")
_DOTTED = re.compile(
    r"(?P<a>\d{1,4})[./-](?P<b>\d{1,2})[./-](?P<c>\d{1,4})"
    r"(?:[ T,]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:\.\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
)


def date_order(texts: Iterable[str]) -> DateOrder | None:
    """Return the order in which the file writes day and month, or None if every date can be read both ways.

    Only dates with the year last count; dots mean day first. A contradiction goes to the more frequent order.
    """
    balance, seen = 0, False
    for text in texts:
        match = _DOTTED.fullmatch(text)
        if match is None or len(match["a"]) > 2:
            continue
        seen = True
        balance += (int(match["a"]) > 12) - (int(match["b"]) > 12) + ("." in text[:3])
    if not seen or balance > 0:
        return "day_first"
    return "month_first" if balance < 0 else None


class MomentReader:
    """Reads the dates of one file; remembers days, so that a million times in ten years cost few zone look-ups."""

    def __init__(self, tz: ZoneInfo, order: DateOrder) -> None:
        self._tz = tz
        self._order = order
        self._offset_of_day: dict[date, timedelta | None] = {}

    def read(self, text: str) -> LocalInstant | None:
        """Return the instant to the second, or None if the text is no date between 1970 and 2199.

        A text with an offset is that instant; without one it is local time in the shop's zone; a bare day is its
        midnight.
        """
        try:
            value = _parse(text, self._order)
            if value is None or value.year not in _YEARS:
                return None
            value = value.replace(microsecond=0)
            return LocalInstant(value.astimezone(UTC), None) if value.tzinfo is not None else self._local(value)
        except (ValueError, OverflowError):
            return None

    def offset_of(self, day: str) -> timedelta | None:
        """Return the offset from UTC that holds all of a day ("2026-11-21"); None where it changes, or for no day."""
        try:
            return self._offset_on(date.fromisoformat(day)) if int(day[:4]) in _YEARS else None
        except ValueError:
            return None

    def _offset_on(self, day: date) -> timedelta | None:
        if day not in self._offset_of_day:
            self._offset_of_day[day] = self._constant_offset(day)
        return self._offset_of_day[day]

    def _local(self, naive: datetime) -> LocalInstant:
        offset = self._offset_on(naive.date())
        if offset is None:
            return to_utc(naive, self._tz)
        return LocalInstant((naive - offset).replace(tzinfo=UTC), None)

    def _constant_offset(self, day: date) -> timedelta | None:
        """Return the day's offset from UTC if no clock is put forward or back from the day before to the day after."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=self._tz)
        offsets = {(midnight + timedelta(days=shift)).utcoffset() for shift in (-1, 0, 1, 2)}
        return offsets.pop() if len(offsets) == 1 else None


def _parse(text: str, order: DateOrder) -> datetime | None:
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)
    if text[:4].isdecimal() and (text[4:5] == "-" or (len(text) == 8 and text.isdecimal())):
        compact = _OFFSET.sub("", text).removesuffix("UTC")
        try:
            # "UTC" is Python's to read as "+00:00" only.
            return datetime.fromisoformat(compact + "+00:00" if text.endswith("UTC") else compact)
        except ValueError:
            pass
    match = _DOTTED.fullmatch(text)
    if match is None:
        return None
    year, month, day = _day_of(match["a"], match["b"], match["c"], order)
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    if half := match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half[0] in "Pp" else 0)
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - local time; the caller knows the zone


def _day_of(first: str, second: str, third: str, order: DateOrder) -> tuple[int, int, int]:
    if len(first) == 4:
        return int(first), int(second), int(third)
    year = int(third) + (2000 if len(third) == 2 else 0)
    return (year, int(second), int(first)) if order == "day_first" else (year, int(first), int(second))
