"""A shop whose facts go to a receiver."""

from collections.abc import Iterator

import pytest

from kembali.shop import api as shop
from tests.makers.receiving import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture(autouse=True)
def a_shop() -> None:
    shop.set_up_shop(name="Ann's Shop", currency="GBP", time_zone="Europe/London")
