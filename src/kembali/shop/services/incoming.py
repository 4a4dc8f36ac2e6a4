"""An order's version on its way in."""

from datetime import datetime
from typing import NamedTuple

from kembali.shop.payloads import OrderVersion


class Incoming(NamedTuple):
    """A version of an order on its way in, with the customer its identifiers lead to."""

    source: str
    message_id: str
    order: OrderVersion
    customer_id: int | None

    @property
    def rank(self) -> tuple[bool, datetime, str]:
        """What decides between two versions: the platform's own instant, then when it was seen, then the message id.

        An old file knows no instant of the platform: read after the platform's webhooks, it must not undo them.
        """
        order = self.order
        return order.updated_at is not None, order.updated_at or order.observed_at, self.message_id
