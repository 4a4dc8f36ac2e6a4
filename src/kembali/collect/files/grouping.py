"""Records that are understood → order versions, oldest orders first, bucket by bucket.

The first versions come out before the last are made: whoever writes and folds them need not wait. Each bucket is eight
times as large as the one before, so that the records are read a few times only, however many there are.
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from kembali.collect.files.columns import Layout
from kembali.collect.files.sql import statement
from kembali.collect.files.vocabulary import divisor_of
from kembali.collect.files.workspace import Workspace

_FIRST_ORDERS = 2000
_GROWTH = 8
_MOST_LINES = 1_000_000  # on average; a bucket's lines are held in memory or spilt
_REJECTS = """
INSERT INTO reject SELECT r.line, r.last_line, r.code, r.value, order_ref
FROM (SELECT order_ref, unnest(refused) AS r FROM {made} WHERE refused IS NOT NULL)
"""


class Bucket(NamedTuple):
    """The orders from place `first` in time to before place `end`."""

    first: int
    end: int


class Grouping:
    """Makes `header`, then `version` and `reject` bucket by bucket; `raw` is dropped after the last."""

    def __init__(self, workspace: Workspace, layout: Layout, *, currency: str) -> None:
        self._workspace = workspace
        self._parameters = {
            "has_lines": layout.has_lines,
            "counts_pieces": "quantity" in layout.sources,
            "line_names": _keys(layout, layout.line_extras),
            "divisor": divisor_of(currency),
            "adjustment_prefix": layout.format.adjustment_prefix,
            "cancellation_prefix": layout.format.cancellation_prefix,
            "free_is_adjustment": layout.format.free_is_adjustment,
        }
        run = workspace.connection.execute
        run(statement("headers"), {"currency": currency, "divisor": divisor_of(currency)})
        run(statement("names"))
        run(statement("lines"))
        run(statement("extras"), {"order_names": _keys(layout, layout.order_extras)})
        orders, lines = (workspace.count(f"SELECT count(*) FROM {table}") for table in ("header", "cells"))  # noqa: S608 - these two
        self._buckets = list(_buckets(orders, orders * _MOST_LINES // max(lines, 1)))
        self._made = 0

    def buckets(self) -> Iterator[Bucket]:
        """Yield the buckets; each is made when its turn comes, once."""
        for number, bucket in enumerate(self._buckets):
            if number == self._made:
                self._make(number, bucket)
            yield bucket

    def finish(self) -> None:
        """Make what is not made yet."""
        for _ in self.buckets():
            pass

    def _make(self, number: int, bucket: Bucket) -> None:
        connection = self._workspace.connection
        made = f"version_{number}"
        # Creating a table is twice as fast as inserting into one.
        connection.sql(statement("versions"), params=self._parameters | bucket._asdict()).create(made)
        connection.execute(_REJECTS.format(made=made))
        orders = " UNION ALL ".join(f"FROM version_{one} WHERE line_count > 0" for one in range(number + 1))
        connection.execute(f"CREATE OR REPLACE VIEW version AS {orders}")
        self._made = number + 1
        if self._made == len(self._buckets):
            connection.execute("DROP VIEW raw; DROP TABLE cells")


def _buckets(orders: int, most_orders: int) -> Iterator[Bucket]:
    """Yield at least one bucket: a file without orders may have rejects."""
    first, size = 0, min(_FIRST_ORDERS, max(most_orders, 1))
    while first < orders or not first:
        yield Bucket(first, first + size)
        first, size = first + size, min(_GROWTH * size, max(most_orders, 1))


def _keys(layout: Layout, positions: tuple[int, ...]) -> list[str]:
    return [msgspec.json.encode(layout.columns[position]).decode() + ":" for position in positions]
