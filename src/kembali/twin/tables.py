"""The distributions a simulated shop draws from, as quantile tables: gamma gaps, log-normal rhythms, growth."""

from functools import lru_cache

import numpy as np
from scipy.special import gammaincinv, ndtri

from kembali.twin.draws import Ints, quantile_table

_CELLS = 1024
# Gamma shapes of a gap: 1 would be pure chance (a Poisson process), 9 is nearly a subscription.
REGULARITY_SHAPES = (1.5, 2.5, 4.0, 6.0, 9.0)
RESPONSE_DELAY_SHAPE = 2.0
# Spread of customers' mean gaps on the log scale: the slowest tenth waits three times as long as the fastest.
_RHYTHM_SIGMA = 0.45


@lru_cache(maxsize=1)
def gap_tables() -> Ints:
    """Return one row per regularity class: gaps as multiples of the customer's own mean gap."""
    return np.stack([_gamma_table(shape) for shape in REGULARITY_SHAPES])


@lru_cache(maxsize=1)
def response_delay_table() -> Ints:
    """Return one row: the wait between a mail and the order it causes, as multiples of its mean."""
    return _gamma_table(RESPONSE_DELAY_SHAPE)[None, :]


@lru_cache(maxsize=1)
def rhythm_table() -> Ints:
    """Return one row: customers' mean gaps as multiples of the shop's."""
    normal = ndtri(np.maximum(np.arange(_CELLS) / _CELLS, 0.25 / _CELLS))
    return quantile_table(np.exp(_RHYTHM_SIGMA * normal - _RHYTHM_SIGMA**2 / 2))[None, :]


@lru_cache(maxsize=8)
def growth_table(growth_percent: int) -> Ints:
    """Return one row: when customers arrive, as a share of the time (0 … 1).

    Args:
        growth_percent: How many customers arrive at the end for 100 at the start, in a straight line; at least 100.
    """
    share = np.arange(_CELLS + 1) / _CELLS
    slope = growth_percent / 100 - 1
    arrival = share if slope == 0 else (np.sqrt(1 + ((1 + slope) ** 2 - 1) * share) - 1) / slope
    return np.asarray([round(float(point) * (1 << 12)) << 12 for point in arrival], dtype=np.int64)[None, :]


def _gamma_table(shape: float) -> Ints:
    return quantile_table(np.asarray(gammaincinv(shape, np.arange(_CELLS) / _CELLS) / shape, dtype=np.float64))
