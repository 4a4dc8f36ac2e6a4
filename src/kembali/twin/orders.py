"""Orders of the simulated shop as a shop system would tell them: reference, person, lines."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from kembali.twin.baskets import fill_baskets
from kembali.twin.catalogue import PRODUCTS, Product
from kembali.twin.people import Person, people_of
from kembali.twin.shop import Purchases, Shop, customer_ref


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One product of an order; within an order every product stands once."""

    product: Product
    quantity: int

    @property
    def total_minor(self) -> int:
        """Value of the line."""
        return self.product.price_minor * self.quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinOrder:
    """One paid order. `order_ref` depends on nothing but the customer and which of their orders it is."""

    order_ref: str
    placed_at: datetime
    person: Person
    lines: tuple[OrderLine, ...]

    @property
    def total_minor(self) -> int:
        """Value of the order: prices hold all taxes, shipping is free, nothing is discounted."""
        return sum(line.total_minor for line in self.lines)


def orders_of(shop: Shop, purchases: Purchases) -> list[TwinOrder]:
    """Return the orders behind some purchases, by time."""
    purchases = purchases.pick(np.lexsort((purchases.order_key, purchases.customer, purchases.placed_at_s)))
    rows = shop.population.row_of(purchases.customer)
    baskets = fill_baskets(shop.population, shop.seed, rows=rows, order_keys=purchases.order_key)
    numbers = np.unique(purchases.customer)
    people = dict(zip(numbers.tolist(), people_of(shop, numbers), strict=True))
    return [
        TwinOrder(
            order_ref=f"{customer_ref(customer)}-{order_key + 1}",
            placed_at=datetime.fromtimestamp(placed_at_s, UTC),
            person=people[customer],
            lines=tuple(
                OrderLine(product=PRODUCTS[product], quantity=quantity)
                for product, quantity in zip(products, quantities, strict=True)
                if quantity
            ),
        )
        for customer, order_key, placed_at_s, products, quantities in zip(
            purchases.customer.tolist(),
            purchases.order_key.tolist(),
            purchases.placed_at_s.tolist(),
            baskets.product.tolist(),
            baskets.quantity.tolist(),
            strict=True,
        )
    ]
