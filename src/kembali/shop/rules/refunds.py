"""Which sale a cancellation unwinds."""

from collections.abc import Iterable
from typing import NamedTuple


class GoodsLine(NamedTuple):
    """A line that sold (or, in a cancellation, gave back) a product: `quantity` and `total_minor` are positive.

    `placed_us` counts microseconds since any fixed instant: only its order matters. `key` names the line and breaks
    ties between lines of one instant: natural keys only, so that the same orders
    give the same result in every database.
    """

    key: tuple[str, str, int]
    placed_us: int
    quantity: int
    total_minor: int


class Allocation(NamedTuple):
    """`quantity` pieces of the order line `line` were given back by the cancellation line `cancellation`."""

    cancellation: tuple[str, str, int]
    line: tuple[str, str, int]
    quantity: int
    amount_minor: int


def allocate_cancellations(cancelled: Iterable[GoodsLine], sold: Iterable[GoodsLine]) -> list[Allocation]:
    """Unwind the earlier sales of one customer and one product; what finds no sale stays unallocated.

    Cancellations are taken in the order of their time. Each takes the latest earlier line that still has exactly its
    quantity; else what is left of the latest earlier lines, one after the other. A function of the *set* of lines:
    their order in the arguments does not matter. No line gives back more pieces or more money than it sold.
    """
    latest_first = [_Open(line) for line in sorted(sold, key=_by_time, reverse=True)]
    allocations = []
    for back in sorted(cancelled, key=_by_time):
        earlier = [entry for entry in latest_first if entry.pieces > 0 and entry.line.placed_us <= back.placed_us]
        exact = next((entry for entry in earlier if entry.pieces == back.quantity), None)
        left, money_left = back.quantity, back.total_minor
        for entry in [exact] if exact is not None else earlier:
            taken = min(left, entry.pieces)
            if taken == 0:
                break
            # The money follows the pieces; the last pieces take the rest, so that nothing is lost to rounding.
            money = money_left if taken == left else money_left * taken // left
            amount = min(money, entry.money)
            allocations.append(Allocation(back.key, entry.line.key, taken, amount))
            entry.pieces -= taken
            entry.money -= amount
            left -= taken
            money_left -= money
    return allocations


class _Open:
    """What is left of a sold line."""

    __slots__ = ("line", "money", "pieces")

    def __init__(self, line: GoodsLine) -> None:
        self.line = line
        self.pieces = line.quantity
        self.money = line.total_minor


def _by_time(line: GoodsLine) -> tuple[int, tuple[str, str, int]]:
    return line.placed_us, line.key
