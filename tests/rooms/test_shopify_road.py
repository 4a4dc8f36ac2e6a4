"""Whatever Shopify's webhooks lose, repeat or bring in disorder: one asking ends in the same state."""

from random import Random

import pytest

from kembali.collect import api as collect
from kembali.collect.connectors.values import Delivery
from kembali.infra.http import Client
from kembali.shop import api as shop_room
from kembali.shop.models import Order
from tests.fakes.shopify import SECRET, ShopifyShop
from tests.fakes.shopify_api import CLIENT_ID, shopify_api
from tests.makers.emptying import empty_shop
from tests.makers.shopify_life import live

HTTP = Client(allow_private=True)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _shop() -> None:
    shop_room.set_up_shop(name="Kitchen & Co", currency="EUR", time_zone="Europe/Amsterdam")


def fold(shop: ShopifyShop) -> None:
    while collect.run_consumer(shop_room.PROJECTION, at=shop.now):
        pass


def state_after(seed: int, *, is_told: bool) -> str:
    """Return the state's hash after a shop's life whose webhooks came in disorder, twice or never, and one asking."""
    empty_shop("collect_connection")
    shop, draw = ShopifyShop(), Random(seed)
    webhooks = collect.connector_of("shopify").webhooks
    assert webhooks is not None
    live(shop, seed, happenings=30)
    shop.tick(3600)
    arrivals = [sent for sent in shop.sent if draw.random() < 0.7 for _ in range(draw.choice((1, 1, 2)))]
    draw.shuffle(arrivals)
    for sent in arrivals if is_told else ():
        delivery = Delivery(sent.headers(), sent.body)
        beside = webhooks.beside(delivery, collect_shop())
        reading = webhooks.read(webhooks.call_of(delivery), sent.body, beside, source="shopify", received_at=shop.now)
        assert reading.rejected == []
        collect.append_facts(reading.facts, at=shop.now)
        if draw.random() < 0.2:
            fold(shop)
    with shopify_api(shop) as api:
        values = {"client_id": CLIENT_ID, "client_secret": SECRET}
        collect.connect_shop("shopify", address=api.url, values=values, at=shop.now)
        while not collect.reconcile("shopify", http=HTTP, at=shop.now).is_done:
            view = collect.connection_of("shopify")
            assert view is not None
            assert not view.last_error, view.last_error
    fold(shop)
    assert Order.objects.count() == len(shop.orders)
    for number, order in shop.orders.items():
        _is_as_in_the_shop(f"#{number}", order["financial_status"], is_cancelled=bool(order["cancelled_at"]))
    return shop_room.state_hash()


def _is_as_in_the_shop(order_ref: str, financial_status: str, *, is_cancelled: bool) -> None:
    expected = {"paid": "paid", "partially_refunded": "paid", "pending": "pending", "refunded": "refunded"}
    said = "cancelled" if is_cancelled else expected[financial_status]
    assert (order_ref, Order.objects.get(order_ref=order_ref).status) == (order_ref, said)


def collect_shop() -> "collect.Shop":
    return collect.Shop(name="shopify", address="", remembered={"currency": "EUR"})


def converges(seed: int) -> None:
    assert state_after(seed, is_told=True) == state_after(seed, is_told=False)


@pytest.mark.parametrize("seed", range(3))
def test_disorder_repetition_and_losses_then_asking_end_in_the_same_state(seed: int) -> None:
    converges(seed)
