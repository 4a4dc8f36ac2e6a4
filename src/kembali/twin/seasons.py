"""The shop's busy and quiet times: a clock that runs fast when people buy.

Customers' rhythms are drawn in *trade seconds*; over a year they are as many as clock seconds, but an hour in December
holds more of them than one in July, Monday more than Saturday, the evening more than the night.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from kembali.twin.draws import Ints

# Permille of an average day, January first; weighted by days they come to 1000.
MONTH_PERMILLE = (960, 900, 940, 970, 950, 900, 830, 830, 970, 1060, 1290, 1400)
WEEKDAY_PERMILLE = (1100, 1050, 1000, 1000, 950, 850, 1050)  # Monday first
# Permille of an average hour, 00 UTC first. Nobody buys from 00 to 02 UTC: the hours in which the clocks of the shop's
# zone change, so that every local time in an order file means exactly one instant.
_MORNING_PERMILLE = (0, 0, 100, 100, 200, 600, 1000, 1200, 1300, 1300, 1300, 1300)
HOUR_PERMILLE = (*_MORNING_PERMILLE, 1300, 1200, 1200, 1300, 1400, 1600, 1900, 2000, 1700, 1200, 600, 200)
_HOUR_S = 3_600


@dataclass(frozen=True, slots=True)
class TradeClock:
    """Turns instants (seconds since 1970 UTC) into trade seconds since the shop opened, and back.

    `hour_starts` holds the trade seconds passed at the start of each hour, and at the end of the last.
    """

    opens_at_s: int
    hour_starts: Ints

    @property
    def end_trade_s(self) -> int:
        """Trade seconds in the shop's whole life."""
        return int(self.hour_starts[-1])

    def to_trade(self, at_s: Ints) -> Ints:
        """Return the trade seconds passed at instants within the shop's life."""
        elapsed_s = at_s - self.opens_at_s
        hour = np.clip(elapsed_s // _HOUR_S, 0, len(self.hour_starts) - 2)
        start = self.hour_starts[hour]
        trade_s: Ints = start + (elapsed_s - hour * _HOUR_S) * (self.hour_starts[hour + 1] - start) // _HOUR_S
        return trade_s

    def to_instant(self, trade_s: Ints) -> Ints:
        """Return the instants at which so many trade seconds, 0 … `end_trade_s` − 1, have passed."""
        hour = np.searchsorted(self.hour_starts, trade_s, side="right").astype(np.int64) - 1
        start = self.hour_starts[hour]
        return self.opens_at_s + hour * _HOUR_S + (trade_s - start) * _HOUR_S // (self.hour_starts[hour + 1] - start)


@lru_cache(maxsize=8)
def trade_clock(opens_on: date, day_count: int) -> TradeClock:
    """Return the clock of a shop that exists for `day_count` days from `opens_on`."""
    days = [opens_on + timedelta(days=day) for day in range(day_count)]
    day_permyriad = np.asarray([MONTH_PERMILLE[day.month - 1] * WEEKDAY_PERMILLE[day.weekday()] for day in days])
    per_hour = day_permyriad[:, None] * np.asarray(HOUR_PERMILLE)[None, :] * _HOUR_S // 1_000_000_000
    hour_starts = np.concatenate([[0], np.cumsum(per_hour.reshape(-1))]).astype(np.int64)
    opens_at_s = (opens_on - date(1970, 1, 1)).days * 86_400
    return TradeClock(opens_at_s, hour_starts)
