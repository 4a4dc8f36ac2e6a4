"""When customers buy: gamma renewals that end by dropout, on the shop's trade clock.

An order is known by (customer number, order key). Keys 0, 1, 2 … are the base stream: what the customer does if nobody
writes. Keys from CAUSED_KEY up are orders a mail has caused, KEYS_PER_MAIL to each mail. A mail adds orders of its own
and never touches the base stream.
"""

from dataclasses import dataclass

import numpy as np

from kembali.twin.draws import ONE, Flags, Ints, Purpose, draw_bits, happens, quantile
from kembali.twin.population import Population
from kembali.twin.tables import gap_tables

CAUSED_KEY = 10_000
KEYS_PER_MAIL = 1_000


@dataclass(frozen=True, slots=True)
class Stream:
    """Orders of several customers: `row` of the population, `order_key` and `trade_s`, start by start.

    `has_left` says for each start whether its customer left for good (True) or was still buying at the end.
    """

    row: Ints
    order_key: Ints
    trade_s: Ints
    has_left: Flags


def renewals(
    population: Population, seed: int, *, first_dropout_ppm: int, end_trade_s: int, rows: Ints, keys: Ints, starts: Ints
) -> Stream:
    """Return the orders that follow one another from each start, the start included, before `end_trade_s`.

    After every order the customer leaves with their own chance (after key 0 with `first_dropout_ppm`), or waits a gap
    of their own rhythm and orders again.

    Args:
        rows: Row of the population of each start.
        keys: Order key of each start, at least 0.
        starts: Trade seconds of each start.
    """
    has_left = np.zeros(len(rows), dtype=np.bool_)
    rounds: list[tuple[Ints, Ints]] = []
    buying = np.flatnonzero(starts < end_trade_s)
    trade_s = starts[buying]
    while buying.size and len(rounds) < KEYS_PER_MAIL:
        rounds.append((buying, trade_s))
        row, key = rows[buying], keys[buying] + (len(rounds) - 1)
        number = population.number[row]
        dropout_ppm = np.where(key == 0, first_dropout_ppm, population.dropout_ppm[row])
        leaves = happens(draw_bits(seed, Purpose.DROPOUT, number, key), dropout_ppm)
        has_left[buying[leaves]] = True
        gap = quantile(gap_tables(), population.regularity[row], draw_bits(seed, Purpose.GAP, number, key))
        trade_s = trade_s + population.mean_gap_s[row] * gap // ONE
        stays = ~leaves & (trade_s < end_trade_s)
        buying, trade_s = buying[stays], trade_s[stays]
    return _sorted_by_start(rows, keys, rounds, has_left)


def _sorted_by_start(rows: Ints, keys: Ints, rounds: list[tuple[Ints, Ints]], has_left: Flags) -> Stream:
    """Return the rounds laid out start by start: each order's place is known, nothing needs sorting."""
    order_count = np.zeros(len(rows), dtype=np.int64)
    for buying, _ in rounds:
        order_count[buying] += 1
    offset = np.cumsum(order_count) - order_count
    start = np.repeat(np.arange(len(rows), dtype=np.int64), order_count)
    trade_s = np.empty(len(start), dtype=np.int64)
    for position, (buying, at) in enumerate(rounds):
        trade_s[offset[buying] + position] = at
    position_in_stream = np.arange(len(start), dtype=np.int64) - offset[start]
    return Stream(rows[start], keys[start] + position_in_stream, trade_s, has_left)
