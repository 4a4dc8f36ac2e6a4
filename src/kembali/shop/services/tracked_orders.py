"""Order events of trusted programs become facts about orders, as connectors write them; see `collect.tracking`."""

from collections.abc import Sequence
from datetime import datetime

from kembali.collect.api import Consumer, Fact, append_facts, facts_of_order_event
from kembali.shop.queries.settings import shop_settings


def derive(facts: Sequence[Fact], at: datetime) -> None:
    """Append what a batch of `tracking.track` facts says about orders; the same facts again append nothing.

    Raises:
        ShopNotSetUp: there is no currency to fall back on.
        BadOrderEvent: an order event of a trusted source cannot be understood; nothing was appended.
    """
    currency = shop_settings().currency
    derived = [new for fact in facts for new in facts_of_order_event(fact, currency=currency)]
    if derived:
        append_facts(derived, at=at)


TRACKED_ORDERS = Consumer("shop.tracked_orders", frozenset({"tracking.track"}), derive)
