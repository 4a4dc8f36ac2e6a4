"""Randomness as a pure function of (seed, purpose, customer, index), in integers only.

There is no generator that moves on: the same question always gets the same answer, so two worlds that differ in one
thing (who got a mail) share everything else. All arithmetic after the tables is on integers: one seed gives the same
shop on every machine.
"""

from collections.abc import Sequence
from enum import IntEnum
from fractions import Fraction

import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

ONE = 1 << 24  # a quantile of 1.0
PPM = 1_000_000
_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15  # the increments of splitmix64 and two odd constants of the same quality
_STRIDE_CUSTOMER = 0xD1B54A32D192ED03
_STRIDE_INDEX = 0x8CB92BA72F3D8DD7


class Purpose(IntEnum):
    """What a draw decides. Numbers are permanent: changing one changes every shop."""

    ACQUIRED = 1
    MEAN_GAP = 2
    REGULARITY = 3
    DROPOUT_CHANCE = 4
    TASTE = 5
    PRICE_LEVEL = 6
    REGULAR_PRODUCT = 7
    COUNTRY = 8
    ACCEPTS_EMAIL = 9
    RESPONSE_CHANCE = 10
    NAME = 11
    GAP = 20
    DROPOUT = 21
    BASKET = 22
    PRODUCTS = 23
    RESPONSE = 30
    RESPONSE_DELAY = 31
    REVIVAL = 32


def draw_bits(seed: int, purpose: Purpose, customer: Ints, index: Ints | int = 0) -> Bits:
    """Return 64 uniform bits for each customer (and index), the same for ever.

    Args:
        customer: Customer numbers, not negative; `index` broadcasts against it.
    """
    key = _mix_one(_mix_one(seed & _MASK) + purpose * _GOLDEN)
    per_customer = _mix(customer.astype(np.uint64) * np.uint64(_STRIDE_CUSTOMER) + np.uint64(key))
    offset = np.asarray(index, dtype=np.int64).astype(np.uint64) * np.uint64(_STRIDE_INDEX)
    return _mix(per_customer + offset)


def below(bits: Bits, bound: int) -> Ints:
    """Return whole numbers 0 … bound − 1, uniform. `bound` is at most 2**31."""
    return (((bits >> np.uint64(33)) * np.uint64(bound)) >> np.uint64(31)).astype(np.int64)


def happens(bits: Bits, chance_ppm: Ints | int) -> Flags:
    """Return where an event of the given chance, in parts per million, takes place."""
    return below(bits, PPM) < chance_ppm


def choose(bits: Bits, shares_percent: Sequence[int]) -> Ints:
    """Return positions in `shares_percent`, each as often as its share says. The shares add up to 100."""
    return np.searchsorted(np.cumsum(shares_percent), below(bits, 100), side="right").astype(np.int64)


def quantile(tables: Ints, row: Ints | int, bits: Bits) -> Ints:
    """Return draws in units of 1/ONE by inverting a table at uniform `bits`.

    Args:
        tables: Shape (rows, cells + 1), cells a power of two: the quantile function at equal steps of probability,
            linear in between.
        row: Which table each draw uses.
    """
    cell_bits = (tables.shape[1] - 1).bit_length() - 1
    cell = (bits >> np.uint64(64 - cell_bits)).astype(np.int64)
    within = ((bits << np.uint64(cell_bits)) >> np.uint64(44)).astype(np.int64)
    flat = tables.reshape(-1)
    at = cell + np.asarray(row, dtype=np.int64) * tables.shape[1]
    low = flat[at]
    drawn: Ints = low + (((flat[at + 1] - low) * within) >> 20)
    return drawn


def quantile_table(points: npt.NDArray[np.float64]) -> Ints:
    """Return one row for `quantile`, with a mean of exactly one.

    The knots are rounded to 2**-12: far coarser than what libraries and processors differ by, so that all get the same
    table. The last knot is where the mean comes out right, which gives the tail the weight it has.

    Args:
        points: The quantile function of a distribution with mean one, at 0, 1/n … (n − 1)/n, n a power of two.
    """
    knots = [round(float(point) * (1 << 12)) << 12 for point in points]
    cells = len(knots)
    last = 2 * (cells * ONE - sum(knots[1:])) - knots[0]
    return np.asarray([*knots, max(last, knots[-1])], dtype=np.int64)


def table_mean(table: Ints) -> Fraction:
    """Return the exact mean of what a table draws, before each draw is rounded down."""
    knots = [int(knot) for knot in table]
    return Fraction(2 * sum(knots) - knots[0] - knots[-1], 2 * (len(knots) - 1) * ONE)


def _mix(bits: Bits) -> Bits:
    """Return the splitmix64 finaliser of each element (in place: the argument is given up)."""
    bits ^= bits >> np.uint64(30)
    bits *= np.uint64(0xBF58476D1CE4E5B9)
    bits ^= bits >> np.uint64(27)
    bits *= np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    return bits


def _mix_one(value: int) -> int:
    return int(_mix(np.asarray([(value + _GOLDEN) & _MASK], dtype=np.uint64))[0])
