"""What is in an order: products by taste and price level, quantities, and what it brings in."""

from dataclasses import dataclass

import numpy as np

from kembali.twin.catalogue import CELL_COUNT, IS_CONSUMABLE, MARGIN_MINOR, PRICE_MINOR, SHELF_COUNT, product_choices
from kembali.twin.draws import Bits, Flags, Ints, Purpose, choose, draw_bits, happens
from kembali.twin.population import Population

_LINE_COUNT_SHARES_PERCENT = (32, 34, 22, 12)  # one, two, three, four lines
_REGULAR_PPM = 550_000  # how often an order holds the customer's regular product
_SECOND_CELLS = 64  # of 256: a consumable is taken twice, …
_THIRD_CELLS = 14  # … or three times


@dataclass(frozen=True, slots=True)
class Baskets:
    """Orders' lines, shape (orders, 4): `product` numbers in the catalogue and `quantity`, 0 where there is no line."""

    product: Ints
    quantity: Ints

    @property
    def net_minor(self) -> Ints:
        """Value of each order."""
        net_minor: Ints = (PRICE_MINOR[self.product] * self.quantity).sum(axis=1)
        return net_minor

    @property
    def margin_minor(self) -> Ints:
        """Value of each order less what its products cost the shop."""
        margin_minor: Ints = (MARGIN_MINOR[self.product] * self.quantity).sum(axis=1)
        return margin_minor


def fill_baskets(population: Population, seed: int, *, rows: Ints, order_keys: Ints) -> Baskets:
    """Return the lines of orders, each a pure function of (seed, customer, order key)."""
    number = population.number[rows]
    basket = draw_bits(seed, Purpose.BASKET, number, order_keys)
    cells = draw_bits(seed, Purpose.PRODUCTS, number, order_keys)
    line_count = choose(basket, _LINE_COUNT_SHARES_PERCENT) + 1
    # From one draw: the number of lines lives in its high half, these two in its low half.
    takes_regular = happens(basket << np.uint64(32), _REGULAR_PPM)
    first_shelf = np.where(takes_regular, population.regular_shelf[rows], (basket & np.uint64(3)).astype(np.int64))
    product = np.empty((len(rows), SHELF_COUNT), dtype=np.int64)
    quantity = np.empty((len(rows), SHELF_COUNT), dtype=np.int64)
    choices = product_choices()
    taste = (population.favourite[rows] * choices.shape[1] + population.price_level[rows]) * SHELF_COUNT
    for line in range(SHELF_COUNT):
        shelf = (first_shelf + line) % SHELF_COUNT
        cell = _byte(cells, line)
        product[:, line] = choices.reshape(-1)[(taste + shelf) * CELL_COUNT + cell]
        if line == 0:
            product[:, 0] = np.where(takes_regular, population.regular_product[rows], product[:, 0])
        quantity[:, line] = _quantity(_byte(cells, line + SHELF_COUNT), IS_CONSUMABLE[product[:, line]])
        quantity[line_count <= line, line] = 0
    return Baskets(product, quantity)


def _quantity(cell: Ints, is_consumable: Flags) -> Ints:
    more = (cell < _SECOND_CELLS).astype(np.int64) + (cell < _THIRD_CELLS)
    return 1 + more * is_consumable


def _byte(bits: Bits, position: int) -> Ints:
    return ((bits >> np.uint64(8 * position)) & np.uint64(CELL_COUNT - 1)).astype(np.int64)
