"""Who buys at the simulated shop: each customer's true rhythm, loyalty, taste and answer to a mail."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kembali.twin.catalogue import (
    CELL_COUNT,
    FAVOURITE_SHARES_PERCENT,
    PRICE_LEVEL_SHARES_PERCENT,
    SHELF_COUNT,
    product_choices,
)
from kembali.twin.draws import ONE, Flags, Ints, Purpose, below, choose, draw_bits, happens, quantile
from kembali.twin.plan import ShopPlan
from kembali.twin.seasons import trade_clock
from kembali.twin.tables import growth_table, rhythm_table

COUNTRIES = ("DE", "AT", "FR", "NL", "BE", "IT")
_COUNTRY_SHARES_PERCENT = (58, 16, 9, 8, 5, 4)
_DAY_S = 86_400
# Response by price level in percent of the shop's mean; weighted by the levels' shares they come to 100.
_RESPONSE_BY_LEVEL_PERCENT = (150, 90, 50)


@dataclass(frozen=True, slots=True)
class Population:
    """The truth about customers `number`, one row each, in the order in which they first buy.

    `number` int64 counts from 0 over the whole shop. `acquired_trade_s`: first order on the shop's trade clock.
    `mean_gap_s`: true mean time between purchases. `regularity`: row of `tables.REGULARITY_SHAPES`. `dropout_ppm`:
    chance to leave for good after each order but the first. `favourite`, `price_level`, `country`: positions in the
    tables of their names. `regular_product` stands on `regular_shelf` and is bought again and again. `response_ppm`:
    chance that a win-back mail causes an order.
    """

    number: Ints
    acquired_trade_s: Ints
    mean_gap_s: Ints
    regularity: Ints
    dropout_ppm: Ints
    favourite: Ints
    price_level: Ints
    regular_shelf: Ints
    regular_product: Ints
    country: Ints
    accepts_email: Flags
    response_ppm: Ints

    def row_of(self, number: Ints) -> Ints:
        """Return the rows of customers by their numbers; a population is a run of consecutive numbers."""
        row: Ints = number - self.number[0]
        return row


def make_population(plan: ShopPlan, seed: int, *, first: int = 0, count: int | None = None) -> Population:
    """Return customers `first` … `first + count` of the shop, the same whichever part is asked for (default: all)."""
    number = np.arange(first, plan.customer_count if count is None else first + count, dtype=np.int64)
    favourite = choose(draw_bits(seed, Purpose.TASTE, number), FAVOURITE_SHARES_PERCENT)
    price_level = choose(draw_bits(seed, Purpose.PRICE_LEVEL, number), PRICE_LEVEL_SHARES_PERCENT)
    regular = draw_bits(seed, Purpose.REGULAR_PRODUCT, number)
    regular_shelf = below(regular, SHELF_COUNT)
    cell = (regular & np.uint64(CELL_COUNT - 1)).astype(np.int64)
    mean_gap = quantile(rhythm_table(), 0, draw_bits(seed, Purpose.MEAN_GAP, number))
    return Population(
        number=number,
        acquired_trade_s=_arrivals(plan, seed, number),
        mean_gap_s=(plan.mean_gap_days * _DAY_S * mean_gap) // ONE,
        regularity=choose(draw_bits(seed, Purpose.REGULARITY, number), plan.regularity_shares_percent),
        dropout_ppm=plan.dropout_percent * (5_000 + below(draw_bits(seed, Purpose.DROPOUT_CHANCE, number), 10_001)),
        favourite=favourite,
        price_level=price_level,
        regular_shelf=regular_shelf,
        regular_product=product_choices()[favourite, price_level, regular_shelf, cell],
        country=choose(draw_bits(seed, Purpose.COUNTRY, number), _COUNTRY_SHARES_PERCENT),
        accepts_email=happens(draw_bits(seed, Purpose.ACCEPTS_EMAIL, number), plan.accepts_email_percent * 10_000),
        response_ppm=_response_ppm(plan, seed, number, price_level),
    )


def _arrivals(plan: ShopPlan, seed: int, number: Ints) -> Ints:
    """Return first orders spread evenly along the growth curve, with chance only inside each customer's own slot."""
    slot = ((1 << 64) - 1) // plan.customer_count
    jitter = draw_bits(seed, Purpose.ACQUIRED, number) % np.uint64(slot)
    share = quantile(growth_table(plan.growth_percent), 0, number.astype(np.uint64) * np.uint64(slot) + jitter)
    trade_s = trade_clock(plan.opens_on, plan.arrival_day_count).end_trade_s
    return share * (trade_s - 1) // ONE


def _response_ppm(plan: ShopPlan, seed: int, number: Ints, price_level: Ints) -> Ints:
    """Return chances uniform between 0 and twice the mean of the customer's price level."""
    mean_ppm = round(plan.effect.response_percent * 10_000)
    by_level = np.asarray(_RESPONSE_BY_LEVEL_PERCENT, dtype=np.int64)[price_level]
    spread_permille = below(draw_bits(seed, Purpose.RESPONSE_CHANCE, number), 2_001)
    response: npt.NDArray[np.int64] = mean_ppm * by_level * spread_permille // 100_000
    return response
