"""What the owner decides about the shop, and when it is too late to change."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kembali.collect import api as collect
from kembali.kernel.clock import BadTimeZone
from kembali.kernel.money import BadCurrency
from kembali.shop import api as shop
from tests.makers.orders import order_fact

AT = datetime(2032, 1, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_shop_must_be_set_up_before_the_first_fact_is_folded() -> None:
    assert shop.find_shop_settings() is None
    with pytest.raises(shop.ShopNotSetUp):
        shop.shop_settings()


def test_currency_and_zone_are_fixed_once_there_are_orders_but_name_and_margin_are_not() -> None:
    made = shop.set_up_shop(name="A", currency="eur", time_zone="Europe/Berlin")
    assert (made.currency, made.default_margin_percent, made.clock_offset) == ("EUR", Decimal(40), timedelta(0))
    shop.set_up_shop(name="A", currency="GBP", time_zone="Europe/London")
    collect.append_facts([order_fact("1")], at=AT)
    while collect.run_consumer(shop.PROJECTION, at=AT):
        pass
    with pytest.raises(shop.ShopIsFixed):
        shop.set_up_shop(name="A", currency="EUR", time_zone="Europe/London")
    shop.set_up_shop(name="B", currency="GBP", time_zone="Europe/London", default_margin_percent=Decimal(25))
    assert (shop.shop_settings().name, shop.shop_settings().default_margin_percent) == ("B", Decimal(25))


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(BadCurrency):
        shop.set_up_shop(name="A", currency="pound", time_zone="Europe/London")
    with pytest.raises(BadTimeZone):
        shop.set_up_shop(name="A", currency="GBP", time_zone="London")
    with pytest.raises(shop.BadShopSetting):
        shop.set_up_shop(name="A", currency="GBP", time_zone="Europe/London", default_margin_percent=Decimal(101))


def test_a_demo_shops_clock_can_be_moved() -> None:
    shop.set_up_shop(name="A", currency="GBP", time_zone="Europe/London")
    shop.set_clock_offset(timedelta(days=90))
    assert shop.shop_settings().clock_offset == timedelta(days=90)
