"""A real Vendure shop: products made, orders placed, sent and refunded in it, and all of it arrives here."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from kembali.collect import api as collect
from kembali.infra.http import Client
from kembali.shop import api as shop
from kembali.shop.models import Order, OrderLine
from tests.makers.vendure import fill_a_basket, give_back, owner, running_vendure, sell, send, stock

HTTP = Client(allow_private=True)
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def read(at: datetime) -> int:
    """Ask the shop until it has told everything, and fold it; return how many facts were new."""
    facts = 0
    while not (stepped := collect.reconcile("vendure", http=HTTP, at=at)).is_done:
        view = collect.connection_of("vendure")
        assert view is not None
        assert not view.last_error, view.last_error
        facts += stepped.facts
    while collect.run_consumer(shop.PROJECTION, at=at):
        pass
    return facts + stepped.facts


@pytest.fixture
def address() -> Iterator[str]:
    with running_vendure() as address:
        yield address


def test_what_happens_in_a_vendure_shop_arrives_once_and_as_it_is(address: str) -> None:
    shop.set_up_shop(name="Kitchen & Co", currency="USD", time_zone="Europe/Oslo")
    admin = owner(address)
    stock(admin, "MUG", 1250)
    codes = [sell(address, "ida@example.com", 2), sell(address, "jo@example.com", 1)]
    fill_a_basket(address)

    at = datetime.now(UTC)
    values = {"username": "superadmin", "password": "superadmin"}
    checks = collect.check_shop("vendure", address=address, values=values, http=HTTP, at=at)
    assert [(one.state, one.words) for one in checks] == [("ok", "The shop answers: 3 orders.")]
    collect.connect_shop("vendure", address=address, values=values, at=at)
    assert read(at) == 5  # two orders, two people, one product; a basket is no order

    orders = list(Order.objects.order_by("placed_at").values_list("order_ref", "status", "gross_minor", "tax_minor"))
    assert orders == [(codes[0], "paid", 3615, 625), (codes[1], "paid", 2053, 313)]
    assert list(OrderLine.objects.values_list("quantity", "total_minor").order_by("order_id")) == [(2, 2500), (1, 1250)]
    assert None not in shop.find_customers([{"email": "ida@example.com"}, {"customer_ref": "vendure:2"}])

    send(admin, codes[0])
    give_back(admin, "1", 500)
    at += timedelta(minutes=10)
    assert read(at) == 1
    assert Order.objects.get(order_ref=codes[0]).refunded_minor == 500
    assert read(at) == 0
