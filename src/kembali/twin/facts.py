"""Orders of the simulated shop as `order.version` facts, as a webhook of the shop's system would bring them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from kembali.kernel.money import from_minor
from kembali.twin.catalogue import PRODUCTS
from kembali.twin.orders import OrderLine, TwinOrder, orders_of
from kembali.twin.plan import CURRENCY
from kembali.twin.shop import Purchases, Shop

SOURCE = "twin"
KIND = "order.version"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFact:
    """A fact about to be appended: the fields of a fact of the log, by the same names."""

    source: str
    message_id: str
    kind: str
    occurred_at: datetime
    payload: Mapping[str, object]
    identifiers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductCost:
    """What the shop pays for one piece."""

    sku: str
    title: str
    unit_cost_minor: int


def order_facts(shop: Shop, purchases: Purchases, *, source: str = SOURCE) -> list[OrderFact]:
    """Return one fact per purchase, by time. The same order always gives the same message id."""
    return [_fact(order, source) for order in orders_of(shop, purchases)]


def product_costs() -> list[ProductCost]:
    """Return the cost of every product on sale."""
    return [
        ProductCost(sku=product.sku, title=product.title, unit_cost_minor=product.unit_cost_minor)
        for product in PRODUCTS
    ]


def _fact(order: TwinOrder, source: str) -> OrderFact:
    payload = _payload(order)
    content = hashlib.sha256(json.dumps(payload, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:32]
    return OrderFact(
        source=source,
        message_id=f"{order.order_ref}:{content}",
        kind=KIND,
        occurred_at=order.placed_at,
        payload=payload,
        identifiers={"customer_ref": order.person.customer_ref, "email": order.person.email},
    )


def _payload(order: TwinOrder) -> dict[str, object]:
    placed_at = order.placed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    person = order.person
    return {
        "order_ref": order.order_ref,
        "type": "order",
        "placed_at": placed_at,
        "time_flag": None,
        "currency": CURRENCY,
        "status": "paid",
        "observed_at": placed_at,
        "updated_at": None,
        "totals": {
            "subtotal_minor": order.total_minor,
            "discount_minor": 0,
            "shipping_minor": 0,
            "tax_minor": None,
            "total_minor": order.total_minor,
            "refunded_minor": 0,
        },
        "customer": {
            "customer_ref": person.customer_ref,
            "email": person.email,
            "phone": None,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "country": person.country,
            "city": None,
            "accepts_email": person.accepts_email,
        },
        "lines": [_line(line) for line in order.lines],
        "properties": {},
    }


def _line(line: OrderLine) -> list[object]:
    unit_price = str(from_minor(line.product.price_minor, CURRENCY))
    return [line.product.sku, line.product.title, line.quantity, unit_price, line.total_minor]
