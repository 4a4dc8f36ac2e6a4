"""What people bought within a window of their own: counted on columns, for any number of windows at once."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Bought:
    """Purchases of several windows: window i holds rows first[i] … last[i]-1 of the purchases in `order`."""

    order: Ints
    first: Ints
    last: Ints

    @property
    def count(self) -> Ints:
        """Purchases per window."""
        return self.last - self.first

    def total(self, amounts: Ints) -> Ints:
        """Sum per window of one number per purchase, given in the purchases' own order."""
        running: Ints = np.concatenate([[0], np.cumsum(amounts[self.order], dtype=np.int64)])
        totals: Ints = running[self.last] - running[self.first]
        return totals


def bought_within(customer: Ints, from_us: Ints, until_us: Ints, purchases: pa.Table) -> Bought:
    """Find each person's purchases in (from, until], microseconds since 1970.

    purchases: customer_id int64, placed_at timestamp(us, UTC), in any order.
    """
    buyer = purchases["customer_id"].to_numpy()
    placed_us = micros(purchases["placed_at"])
    # One sortable number per (person, instant): instants by rank, so that it fits 64 bits whatever the dates.
    instants = np.unique(np.concatenate([from_us, until_us, placed_us]))
    people = np.unique(np.concatenate([customer, buyer]))

    def place(person: Ints, at_us: Ints) -> Ints:
        return np.searchsorted(people, person) * (len(instants) + 1) + np.searchsorted(instants, at_us)

    places = place(buyer, placed_us)
    order = np.argsort(places, kind="stable")
    places = places[order]
    first = np.searchsorted(places, place(customer, from_us), side="right")
    last = np.searchsorted(places, place(customer, until_us), side="right")
    return Bought(order, first, np.maximum(first, last))


def with_outcomes(entries: pa.Table, purchases: pa.Table, *, window: timedelta) -> pa.Table:
    """Return the entries with what each person bought in (entered_at, entered_at + window].

    entries: customer_id int64, entered_at timestamp(us, UTC), and any other columns, which stay.
    purchases: customer_id int64, placed_at timestamp(us, UTC), net_minor, margin_minor int64, in any order.
    Returns: entries with ordered_again bool, orders, revenue_minor, margin_minor int64 appended.
    """
    entered_us = micros(entries["entered_at"])
    bought = bought_within(
        entries["customer_id"].to_numpy(), entered_us, entered_us + window // timedelta(microseconds=1), purchases
    )
    return (
        entries.append_column("ordered_again", pa.array(bought.count > 0))
        .append_column("orders", pa.array(bought.count))
        .append_column("revenue_minor", pa.array(bought.total(purchases["net_minor"].to_numpy())))
        .append_column("margin_minor", pa.array(bought.total(purchases["margin_minor"].to_numpy())))
    )


def micros(instants: pa.ChunkedArray) -> Ints:
    """Return timestamps as microseconds since 1970."""
    values: Ints = instants.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy()
    return values
