"""Which loyal customers go idle by their true rhythm: enrolments for worlds that live on arrays only."""

from dataclasses import dataclass

import numpy as np

from kembali.twin.draws import Ints
from kembali.twin.shop import NEVER_S, Shop


@dataclass(frozen=True, slots=True)
class IdleMoments:
    """Customers (numbers, ascending) and the instant each first went idle, seconds since 1970 UTC."""

    customer: Ints
    idle_at_s: Ints


def idle_moments(
    shop: Shop, *, from_s: int, to_s: int, order_count_min: int = 3, overdue_percent: int = 200
) -> IdleMoments:
    """Return who goes idle in [from_s, to_s) for the first time in it, in the world in which nobody is mailed.

    Idle: at least `order_count_min` orders, the last of them `overdue_percent` of the customer's true mean gap ago.
    Looks at nothing after the moment itself.
    """
    bought = shop.purchases
    mean_gap_s = shop.population.mean_gap_s[shop.population.row_of(bought.customer)]
    crossing_s = bought.placed_at_s + mean_gap_s * overdue_percent // 100
    next_s = np.append(bought.placed_at_s[1:], NEVER_S)
    next_s[np.append(bought.customer[1:] != bought.customer[:-1], True)] = NEVER_S
    is_idle = (crossing_s < next_s) & (bought.order_key + 1 >= order_count_min)
    is_idle &= (crossing_s >= from_s) & (crossing_s < to_s)
    customer, first = np.unique(bought.customer[is_idle], return_index=True)
    return IdleMoments(customer, crossing_s[is_idle][first])
