"""Facts → state: the shop's projection. Any order, repetition or splitting of the same facts ends in the same state."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from kembali.collect.api import Consumer, Fact
from kembali.infra.database import one_transaction
from kembali.kernel.errors import Refused
from kembali.shop.payloads import CartVersion, CustomerDetails, OrderVersion
from kembali.shop.queries.settings import shop_settings
from kembali.shop.services import carrying, noting
from kembali.shop.services.carrying import cart_said, put_carts, put_shipments, read_cart, shipment_said
from kembali.shop.services.catalogue import add_products
from kembali.shop.services.copying import bigints
from kembali.shop.services.identity import read_identifiers, tie_customers
from kembali.shop.services.incoming import Incoming
from kembali.shop.services.listings import product_said, put_products
from kembali.shop.services.locking import Cursor, lock_shop
from kembali.shop.services.noting import apply_notes, earlier_of, note_of, placed_notes
from kembali.shop.services.ordering import put_orders, winners
from kembali.shop.services.persons import Saying, learn
from kembali.shop.services.settling import settle_customers, settle_orders
from kembali.shop.services.spelling import keep_spellings

_decode_order = msgspec.json.Decoder(OrderVersion).decode
_decode_profile = msgspec.json.Decoder(CustomerDetails).decode
_KINDS = ("order", "cancellation", "adjustment")
_STATUSES = ("paid", "pending", "cancelled", "refunded", "deleted")


def fold(facts: Sequence[Fact], at: datetime) -> None:
    """Fold a batch of facts about orders and customers into the shop's state, set-based.

    Raises:
        ShopNotSetUp: there is no currency and zone to fold with.
        Refused, msgspec.ValidationError: a fact is not what its kind says; nothing was changed.
    """
    shop = shop_settings()
    orders = {fact.seq: _order(fact) for fact in facts if fact.kind == "order.version"}
    notes = [note_of(fact) for fact in facts if fact.kind in noting.KINDS]
    products_said = [product_said(fact) for fact in facts if fact.kind == "product.version"]
    carts = {fact.seq: read_cart(fact) for fact in facts if fact.kind in carrying.CART_KINDS}
    shipments = [shipment_said(fact) for fact in facts if fact.kind == carrying.SHIPMENT]
    identifiers = [read_identifiers(fact.identifiers, shop) for fact in facts]
    with one_transaction() as cursor:
        lock_shop(cursor)
        known = tie_customers(cursor, identifiers, at=at)
        keep_spellings(cursor, [fact.identifiers for fact in facts], identifiers, known)
        owners = [next((known[one] for one in ours if one in known), None) for ours in identifiers]
        learn(cursor, _sayings(facts, orders, carts, [owner and owner[0] for owner in owners]), shop)
        incoming = [
            Incoming(fact.source, fact.message_id, orders[fact.seq], owner and owner[0])
            for fact, owner in zip(facts, owners, strict=True)
            if fact.seq in orders
        ]
        products = add_products(cursor, incoming)
        changed = put_orders(cursor, winners(incoming), shop, products)
        noted = apply_notes(cursor, [*notes, *placed_notes(incoming)], changed.order_ids, shop)
        since_us = earlier_of(changed.since_us, noted.since_us)
        settle_customers(cursor, _by_root(cursor, since_us), {*changed.order_ids, *noted.order_ids})
        settle_orders(cursor, noted.order_ids, moved=noted.order_ids)
        put_products(cursor, products_said, shop)
        put_shipments(cursor, shipments)
        put_carts(
            cursor,
            [
                cart_said(fact, carts[fact.seq], owner and owner[0])
                for fact, owner in zip(facts, owners, strict=True)
                if fact.seq in carts
            ],
        )


PROJECTION = Consumer(
    "shop.orders",
    frozenset({"order.version", "customer.profile", "product.version", carrying.SHIPMENT})
    | noting.KINDS
    | carrying.CART_KINDS,
    fold,
)


def _by_root(cursor: Cursor, since_us: Mapping[int, int]) -> dict[int, int]:
    cursor.execute("SELECT id, root_id FROM shop_customer WHERE id = ANY(%s::bigint[])", (bigints(since_us),))
    earliest: dict[int, int] = {}
    for customer_id, root_id in cursor.fetchall():
        earliest[root_id] = min(since_us[customer_id], earliest.get(root_id, since_us[customer_id]))
    return earliest


def _order(fact: Fact) -> OrderVersion:
    order = _decode_order(fact.payload)
    if order.type not in _KINDS or order.status not in _STATUSES:
        raise Refused(f"Order {order.order_ref} is a “{order.type}” with the status “{order.status}”.")
    if order.placed_at.tzinfo is None or order.observed_at.tzinfo is None:
        raise Refused(f"Order {order.order_ref} has a time without a zone.")
    return order


def _sayings(
    facts: Iterable[Fact],
    orders: Mapping[int, OrderVersion],
    carts: Mapping[int, CartVersion],
    customer_ids: Iterable[int | None],
) -> Iterator[Saying]:
    for fact, customer_id in zip(facts, customer_ids, strict=True):
        if customer_id is None:
            continue
        if (order := orders.get(fact.seq)) is not None:
            yield Saying(customer_id, order.updated_at or order.placed_at, order.placed_at, order.customer)
        elif (cart := carts.get(fact.seq)) is not None:
            said_at = cart.updated_at or cart.observed_at
            yield Saying(customer_id, said_at, fact.occurred_at.astimezone(UTC), cart.customer)
        elif fact.kind == "customer.profile":
            said_at = fact.occurred_at.astimezone(UTC)
            yield Saying(customer_id, said_at, said_at, _decode_profile(fact.payload))
