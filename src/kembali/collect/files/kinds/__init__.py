"""The registry of kinds of files. A header is offered to them in this order; the first that it tells takes it."""

from kembali.collect.files.kinds.base import Kind
from kembali.collect.files.kinds.events import EVENTS
from kembali.collect.files.kinds.orders import ORDERS
from kembali.collect.files.kinds.people import CONSENTS, CUSTOMERS
from kembali.collect.files.kinds.products import PRODUCTS
from kembali.collect.files.kinds.reviews import REVIEWS
from kembali.collect.files.kinds.shipments import SHIPMENTS

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (REVIEWS, SHIPMENTS, EVENTS, ORDERS, PRODUCTS, CONSENTS, CUSTOMERS)
}

__all__ = ["KINDS", "Kind"]
