"""What a replay found: columns, since a shop's past is long."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySummary:
    """Totals of a replay over everyone with a full goal window, both arms together: nobody was really mailed.

    turned_away: arrivals that came too soon after the last one. cut_off: enrolled too late for a full window.
    """

    enrolled: int
    people: int
    holdout: int
    ordered_again: int
    orders: int
    revenue_minor: int
    margin_minor: int
    turned_away: int
    cut_off: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReplayResult:
    """Who would have entered a flow, when, in which arm, and what they did anyway within the goal's time.

    outcomes: one row per enrolment with a full goal window, by (entered_at, customer_id): customer_id int64, entered_at
        timestamp(us, UTC), arm string, ordered_again bool, orders, revenue_minor, margin_minor int64, all over
        (entered_at, entered_at + goal].
    cut_off: the same columns for enrolments whose window the data do not cover; outcomes as far as they go.
    """

    flow: str
    start: datetime
    end: datetime
    data_until: datetime
    outcomes: pa.Table
    cut_off: pa.Table
    turned_away: int

    @property
    def treated(self) -> NDArray[np.bool_]:
        """One entry per row of `outcomes`: False = holdout."""
        treated: NDArray[np.bool_] = pc.equal(self.outcomes["arm"], "treated").to_numpy(zero_copy_only=False)
        return treated

    def column(self, name: str) -> NDArray[np.int64]:
        """Return one column of `outcomes` as an array."""
        values: NDArray[np.int64] = self.outcomes[name].to_numpy(zero_copy_only=False)
        return values

    def summary(self) -> ReplaySummary:
        """Return the totals."""
        rows = self.outcomes
        return ReplaySummary(
            enrolled=rows.num_rows,
            people=pc.count_distinct(rows["customer_id"]).as_py(),
            holdout=int((~self.treated).sum()),
            ordered_again=int(self.column("ordered_again").sum()),
            orders=int(self.column("orders").sum()),
            revenue_minor=int(self.column("revenue_minor").sum()),
            margin_minor=int(self.column("margin_minor").sum()),
            turned_away=self.turned_away,
            cut_off=self.cut_off.num_rows,
        )
