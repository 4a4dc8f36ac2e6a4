"""Shopify's webhooks: whether they are genuine, and what they say."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

import msgspec

from kembali.collect.connectors.shopify import goods, orders, parcels, people
from kembali.collect.connectors.shopify.moments import NotUnderstood, utc
from kembali.collect.connectors.shopify.shapes import (
    Cart,
    Checkout,
    ConsentUpdate,
    Customer,
    Fulfillment,
    Gone,
    Order,
    PrivacyDemand,
)
from kembali.collect.connectors.signing import is_signed
from kembali.collect.connectors.values import Delivery, Shop
from kembali.collect.contracts import NewFact
from kembali.collect.payloads import PrivacyRequested

# What is ordered from Shopify, as its API names it, with the topic its webhooks bear.
TOPICS = {
    "ORDERS_CREATE": "orders/create",
    "ORDERS_UPDATED": "orders/updated",
    "ORDERS_PAID": "orders/paid",
    "ORDERS_CANCELLED": "orders/cancelled",
    "ORDERS_FULFILLED": "orders/fulfilled",
    "ORDERS_DELETE": "orders/delete",
    "FULFILLMENTS_CREATE": "fulfillments/create",
    "FULFILLMENTS_UPDATE": "fulfillments/update",
    "REFUNDS_CREATE": "refunds/create",
    "CHECKOUTS_CREATE": "checkouts/create",
    "CHECKOUTS_UPDATE": "checkouts/update",
    "CHECKOUTS_DELETE": "checkouts/delete",
    "CARTS_CREATE": "carts/create",
    "CARTS_UPDATE": "carts/update",
    "PRODUCTS_CREATE": "products/create",
    "PRODUCTS_UPDATE": "products/update",
    "PRODUCTS_DELETE": "products/delete",
    "CUSTOMERS_CREATE": "customers/create",
    "CUSTOMERS_UPDATE": "customers/update",
    "CUSTOMERS_DELETE": "customers/delete",
    "CUSTOMERS_EMAIL_MARKETING_CONSENT_UPDATE": "customers_email_marketing_consent/update",
    "CUSTOMERS_MARKETING_CONSENT_UPDATE": "customers_marketing_consent/update",
    "CUSTOMER_TAGS_ADDED": "customer.tags_added",
    "CUSTOMER_TAGS_REMOVED": "customer.tags_removed",
    "APP_UNINSTALLED": "app/uninstalled",
}
# They say less than they mean (a refund knows no order's name, a product no cost, tags no customer): the shop is asked.
WAKING = frozenset(
    {
        "refunds/create",
        "products/create",
        "products/update",
        "customer.tags_added",
        "customer.tags_removed",
        "customers/merge",
        "app/uninstalled",
    }
)
_LONGEST_WORD = 200


def is_genuine(delivery: Delivery, shop: Shop) -> bool:
    """Return whether the app's secret signed this; after a rotation the one before still counts for a while."""
    signature = delivery.header("x-shopify-hmac-sha256", "shopify-hmac-sha256")
    secrets = (shop.secrets.get("client_secret", ""), shop.previous.get("client_secret", ""))
    return bool(signature) and is_signed(signature, delivery.body, secrets)


def topic_of(delivery: Delivery) -> str:
    """Return what a webhook is about."""
    return delivery.header("x-shopify-topic", "shopify-topic")[:_LONGEST_WORD] or "unknown"


def beside_of(delivery: Delivery, shop: Shop) -> Mapping[str, str]:
    """Return what must be known beside the body: the delivery's own id and instant, and the shop's currency."""
    found = {
        "webhook_id": delivery.header("x-shopify-webhook-id", "shopify-webhook-id"),
        "triggered_at": delivery.header("x-shopify-triggered-at", "shopify-triggered-at"),
        "currency": shop.remembered.get("currency", ""),
    }
    return {name: value[:_LONGEST_WORD] for name, value in found.items()}


def facts_of(
    topic: str, body: bytes, beside: Mapping[str, str], *, source: str, received_at: datetime
) -> list[NewFact]:
    """Return what a webhook says: nothing where the shop must be asked.

    Raises:
        Refused, msgspec.MsgspecError: it is not understood.
    """
    reader = _READERS.get(topic)
    if reader is None:
        if topic in WAKING:
            return []
        raise NotUnderstood(f"Nobody knows the topic “{topic}”.")
    return list(reader(_Hook(topic, body, beside, source, received_at)))


class _Hook:
    """A webhook and what is known beside it."""

    def __init__(self, topic: str, body: bytes, beside: Mapping[str, str], source: str, received_at: datetime) -> None:
        self.topic = topic
        self.body = body
        self.source = source
        self.received_at = received_at
        self.currency = beside.get("currency", "")
        self.webhook_id = beside.get("webhook_id", "")
        self.triggered_at = _instant(beside.get("triggered_at", "")) or received_at


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _order(hook: _Hook) -> Iterator[NewFact]:
    order = msgspec.json.decode(hook.body, type=Order)
    yield from orders.order_facts(order, source=hook.source, observed_at=hook.received_at)


def _gone_order(hook: _Hook) -> Iterator[NewFact]:
    gone = msgspec.json.decode(hook.body, type=Gone)
    raise NotUnderstood(
        f"Shopify deleted the order with the number {gone.id} and does not tell its name.",
        hint="An order must be cancelled before Shopify deletes it, so it counts for nothing already.",
    )


def _parcel(hook: _Hook) -> Iterator[NewFact]:
    parcel = msgspec.json.decode(hook.body, type=Fulfillment)
    yield parcels.shipment_fact(parcel, order_ref=None, source=hook.source, observed_at=hook.received_at)


def _checkout(hook: _Hook) -> Iterator[NewFact]:
    checkout = msgspec.json.decode(hook.body, type=Checkout)
    yield goods.checkout_fact(checkout, source=hook.source, observed_at=hook.received_at)


def _gone_checkout(hook: _Hook) -> Iterator[NewFact]:
    gone = msgspec.json.decode(hook.body, type=Gone)
    yield goods.gone_checkout_fact(gone.id, source=hook.source, currency=hook.currency, at=hook.triggered_at)


def _cart(hook: _Hook) -> Iterator[NewFact]:
    cart = msgspec.json.decode(hook.body, type=Cart)
    yield goods.cart_fact(cart, source=hook.source, currency=hook.currency, observed_at=hook.received_at)


def _gone_product(hook: _Hook) -> Iterator[NewFact]:
    gone = msgspec.json.decode(hook.body, type=Gone)
    yield goods.gone_product_fact(gone.id, source=hook.source, currency=hook.currency, at=hook.triggered_at)


def _customer(hook: _Hook) -> Iterator[NewFact]:
    customer = msgspec.json.decode(hook.body, type=Customer)
    for at in (customer.updated_at, customer.created_at):
        if at is not None:
            utc(at)
    is_gone = hook.topic == "customers/delete"
    facts = list(people.profile_facts(customer, source=hook.source, at=hook.triggered_at, is_gone=is_gone))
    if not facts:
        raise NotUnderstood("The customer has no number.")
    yield from facts


def _consent(hook: _Hook) -> Iterator[NewFact]:
    update = msgspec.json.decode(hook.body, type=ConsentUpdate)
    customer = Customer(
        id=update.customer_id or update.id,
        email=update.email_address or update.email,
        phone=update.phone,
        updated_at=hook.triggered_at,
    )
    consents = {"email": update.email_marketing_consent, "phone": update.sms_marketing_consent}
    for consent in consents.values():
        if consent is not None and consent.consent_updated_at is not None:
            utc(consent.consent_updated_at)
    facts = list(people.consent_facts(customer, consents, source=hook.source))
    if not facts and not any(consents.values()):
        raise NotUnderstood("There is no permission in it.")
    yield from facts


def _privacy(hook: _Hook) -> Iterator[NewFact]:
    demand = msgspec.json.decode(hook.body, type=PrivacyDemand)
    customer = demand.customer or Customer()
    if hook.topic == "shop/redact":
        wanted = PrivacyRequested(request="shop_erasure")
    else:
        orders_meant = demand.orders_requested or demand.orders_to_redact or []
        wanted = PrivacyRequested(
            request="export" if hook.topic == "customers/data_request" else "erasure",
            reference=str(demand.data_request.id) if demand.data_request and demand.data_request.id else None,
            order_refs=[str(number) for number in orders_meant],
        )
    yield NewFact(
        source=hook.source,
        message_id=f"privacy:{hook.topic}:{hook.webhook_id or int(hook.triggered_at.timestamp())}"[:200],
        kind="privacy.requested",
        occurred_at=hook.triggered_at,
        payload=wanted,
        identifiers=people.identifiers_of(people.said_of(customer)),
    )


_READERS: Mapping[str, Callable[[_Hook], Iterator[NewFact]]] = {
    **dict.fromkeys(
        ("orders/create", "orders/updated", "orders/paid", "orders/cancelled", "orders/fulfilled"),
        _order,
    ),
    "orders/partially_fulfilled": _order,
    "orders/delete": _gone_order,
    **dict.fromkeys(("fulfillments/create", "fulfillments/update"), _parcel),
    **dict.fromkeys(("checkouts/create", "checkouts/update"), _checkout),
    "checkouts/delete": _gone_checkout,
    **dict.fromkeys(("carts/create", "carts/update"), _cart),
    "products/delete": _gone_product,
    **dict.fromkeys(
        ("customers/create", "customers/update", "customers/enable", "customers/disable", "customers/delete"),
        _customer,
    ),
    **dict.fromkeys(
        (
            "customers_email_marketing_consent/update",
            "customers_marketing_consent/update",
            "customers/email_marketing_consent_update",
            "customers/marketing_consent_update",
        ),
        _consent,
    ),
    **dict.fromkeys(("customers/data_request", "customers/redact", "shop/redact"), _privacy),
}
