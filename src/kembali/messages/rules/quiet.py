"""Quiet hours on the wall clock of the shop."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from kembali.kernel.clock import to_utc


def quiet_until(at: datetime, zone: ZoneInfo, begins: time, ends: time) -> datetime | None:
    """Return when the quiet hours around `at` end, or None outside them. `begins` is inside, `ends` is not.

    A night that a clock change makes longer or shorter ends at the same reading of the clock.
    """
    if begins == ends:
        return None
    local = at.astimezone(zone).replace(tzinfo=None)
    overnight = begins > ends
    after, before = local.time() >= begins, local.time() < ends
    if not ((after or before) if overnight else (after and before)):
        return None
    day = local.date() + timedelta(days=1) if overnight and after else local.date()
    end = to_utc(datetime.combine(day, ends), zone).at
    return end if end > at else None
