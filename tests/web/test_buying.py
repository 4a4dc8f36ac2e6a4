"""A person's page tells of parcels and of what was begun and not bought."""

from datetime import timedelta

import pytest

from kembali.collect import api as collect
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop
from kembali.web.buying import cart_rows, order_rows
from tests.makers.commerce import cart_fact, shipment_fact
from tests.makers.orders import DAY, START, order_fact

AT = START + 2000 * DAY
ANN = {"customer_ref": "ann"}
pytestmark = pytest.mark.django_db(transaction=True)


def test_orders_bear_their_parcels_and_open_carts_have_their_amount() -> None:
    shop.set_up_shop(name="Lantern & Co", currency="GBP", time_zone="Europe/London")
    facts = (
        order_fact("1", identifiers=ANN),
        order_fact("2", identifiers=ANN, day=1),
        shipment_fact("1", "a", updated=1, promised=3, status="delivered", delivered=4),
        shipment_fact("1", "b", updated=1, promised=3),
        cart_fact("open", [("MUG", 2, 1000)], updated=5, identifiers=ANN),
        cart_fact("done", updated=5, status="completed", identifiers=ANN),
    )
    collect.append_facts(facts, at=AT)
    while collect.run_consumer(shop.PROJECTION, at=AT):
        pass
    ann = shop.find_customers([ANN])[0] or CustomerId(0)

    def parcels(days: float) -> dict[str, list[str]]:
        rows = order_rows(shop.list_orders_of(ann), START + timedelta(days=days))
        return {row.order_ref: [tag.label for tag in row.parcels] for row in rows}

    assert parcels(2) == {"1": ["delivered", "sent"], "2": []}
    assert parcels(9) == {"1": ["delivered", "sent, late"], "2": []}
    (row,) = cart_rows(shop.open_carts_of(ann))
    assert (row.title, row.items, row.amount, row.changed_at) == ("Checkout", "2 × Mug", "£20.00", START + 5 * DAY)
