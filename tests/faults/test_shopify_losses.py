"""Shopify at full size: many shops' lives, whose webhooks came in disorder, twice or never."""

import pytest

from kembali.shop import api as shop
from tests.rooms.test_shopify_road import converges

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("seed", range(100, 160))
def test_disorder_repetition_and_losses_then_asking_end_in_the_same_state(seed: int) -> None:
    shop.set_up_shop(name="Kitchen & Co", currency="EUR", time_zone="Europe/Amsterdam")
    converges(seed)
