"""How much longer an experiment must run, from how fast people come in. Standard library only."""

import math

from kembali.measure.contracts import Reading, Withheld

FURTHEST_DAYS = 365


def days_until_proven(reading: Reading, *, people: int, people_per_day: float) -> int | None:
    """Return after how many more days zero would be ruled out if the estimate stayed as it is; 0 if it already is.

    The interval narrows with the square root of the people counted. None where that takes longer than a year at this
    pace, nobody comes in, or there is no interval yet: then no date is promised.

    `people` is everyone the reading counts, both groups; `people_per_day` how many more are counted each day (those
    whose observation time ends, not those who are enrolled).
    """
    if isinstance(reading, Withheld):
        return None
    if reading.rules_out_zero:
        return 0
    reach = reading.estimate - reading.low if reading.estimate > 0 else reading.high - reading.estimate
    if reading.estimate == 0 or people_per_day <= 0:
        return None
    days = people * ((reach / reading.estimate) ** 2 - 1) / people_per_day
    return max(1, math.ceil(days)) if days <= FURTHEST_DAYS else None
