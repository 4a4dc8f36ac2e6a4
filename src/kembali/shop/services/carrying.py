"""Carts, checkouts and parcels as their best versions say: what a shopper has begun, and what is on its way."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import msgspec

from kembali.collect.api import Fact
from kembali.kernel.errors import Refused
from kembali.shop.payloads import CartVersion, ShipmentVersion
from kembali.shop.rules import version_rank
from kembali.shop.services.locking import Cursor

CART_KINDS = frozenset({"cart.version", "checkout.version"})
SHIPMENT = "shipment.version"

_decode_cart = msgspec.json.Decoder(CartVersion).decode
_decode_shipment = msgspec.json.Decoder(ShipmentVersion).decode

# Completed and deleted are last words: they often come as a bare number, without an instant of the platform.
_SAID = "version_rank, changed_at, customer_id, currency, total_minor, lines, url"
_EXCLUDED = ", ".join(f"excluded.{name}" for name in _SAID.split(", "))
_KEPT = ", ".join(f"c.{name}" for name in _SAID.split(", "))
_PUT_CARTS = f"""
INSERT INTO shop_cart AS c (source, kind, cart_ref, {_SAID}, order_ref, is_completed, is_deleted)
SELECT n->>0, n->>1, n->>2, n->>3, (n->>4)::timestamptz, (n->>5)::bigint, n->>6, (n->>7)::bigint, n->8, n->>9, n->>10,
    (n->>11)::bool, (n->>12)::bool
FROM jsonb_array_elements(%s) AS n
ON CONFLICT (source, kind, cart_ref) DO UPDATE SET
    ({_SAID}) = (SELECT {_EXCLUDED} WHERE excluded.version_rank > c.version_rank
        UNION ALL SELECT {_KEPT} WHERE excluded.version_rank <= c.version_rank),
    order_ref = greatest(c.order_ref, excluded.order_ref),
    is_completed = c.is_completed OR excluded.is_completed, is_deleted = c.is_deleted OR excluded.is_deleted
"""  # noqa: S608 - column names of this module
_PARCEL = "version_rank, status, carrier, tracking_number, tracking_url, shipped_at, promised_at, delivered_at"
_PUT_SHIPMENTS = f"""
INSERT INTO shop_shipment AS s (source, order_ref, shipment_ref, {_PARCEL})
SELECT n->>0, n->>1, n->>2, n->>3, n->>4, n->>5, n->>6, n->>7, (n->>8)::timestamptz, (n->>9)::timestamptz,
    (n->>10)::timestamptz
FROM jsonb_array_elements(%s) AS n
ON CONFLICT (source, order_ref, shipment_ref) DO UPDATE SET
    ({_PARCEL}) = ROW ({", ".join(f"excluded.{name}" for name in _PARCEL.split(", "))})
WHERE excluded.version_rank > s.version_rank
"""  # noqa: S608 - column names of this module


class CartSaid(NamedTuple):
    """One version of a cart or checkout, with the customer its identifiers lead to."""

    key: tuple[str, str, str]
    rank: str
    cart: CartVersion
    customer_id: int | None


class ShipmentSaid(NamedTuple):
    """One version of a parcel."""

    key: tuple[str, str, str]
    rank: str
    shipment: ShipmentVersion


def read_cart(fact: Fact) -> CartVersion:
    """Return what a fact of `CART_KINDS` says.

    Raises:
        Refused, msgspec.ValidationError: it is not what its kind says.
    """
    cart = _decode_cart(fact.payload)
    _check(f"Cart {cart.cart_ref}", cart.observed_at, cart.updated_at)
    return cart


def cart_said(fact: Fact, cart: CartVersion, customer_id: int | None) -> CartSaid:
    """Return a cart's version with its key and the rank of its word."""
    rank = version_rank(updated_at=cart.updated_at, observed_at=cart.observed_at, message_id=fact.message_id)
    return CartSaid((fact.source, fact.kind.removesuffix(".version"), cart.cart_ref), rank, cart, customer_id)


def shipment_said(fact: Fact) -> ShipmentSaid:
    """Return what a `shipment.version` says.

    Raises:
        Refused, msgspec.ValidationError: it is not what its kind says.
    """
    parcel = _decode_shipment(fact.payload)
    times = (parcel.shipped_at, parcel.promised_at, parcel.delivered_at, parcel.updated_at)
    _check(f"Parcel {parcel.shipment_ref}", parcel.observed_at, *times)
    rank = version_rank(updated_at=parcel.updated_at, observed_at=parcel.observed_at, message_id=fact.message_id)
    return ShipmentSaid((fact.source, parcel.order_ref, parcel.shipment_ref), rank, parcel)


def put_carts(cursor: Cursor, said: Iterable[CartSaid]) -> None:
    """Take in versions of carts and checkouts: one statement. The caller holds the shop's lock."""
    best: dict[tuple[str, str, str], CartSaid] = {}
    last_words: dict[tuple[str, str, str], tuple[str, bool, bool]] = {}
    for one in said:
        status = one.cart.status
        ref, completed, deleted = last_words.get(one.key, ("", False, False))
        last_words[one.key] = (
            max(ref, one.cart.order_ref or ""), completed or status == "completed", deleted or status == "deleted",
        )  # fmt: skip
        if status != "deleted" and (one.key not in best or one.rank > best[one.key].rank):
            best[one.key] = one
    if not last_words:
        return
    rows = [
        (*key, *(_cart_row(best[key]) if key in best else ("", None, None, "", None, [], "")), *words)
        for key, words in sorted(last_words.items())
    ]
    cursor.execute(_PUT_CARTS, (msgspec.json.encode(rows).decode(),))


def put_shipments(cursor: Cursor, said: Iterable[ShipmentSaid]) -> None:
    """Take in versions of parcels: one statement. The caller holds the shop's lock."""
    best: dict[tuple[str, str, str], ShipmentSaid] = {}
    for one in said:
        if one.key not in best or one.rank > best[one.key].rank:
            best[one.key] = one
    if best:
        rows = [(*key, one.rank, *_parcel_row(one.shipment)) for key, one in sorted(best.items())]
        cursor.execute(_PUT_SHIPMENTS, (msgspec.json.encode(rows).decode(),))


def _cart_row(said: CartSaid) -> tuple[object, ...]:
    cart = said.cart
    lines = [(line.sku, line.title, line.quantity, line.total_minor) for line in cart.lines]
    total_minor = cart.total_minor
    if total_minor is None and lines:
        total_minor = sum(line.total_minor for line in cart.lines)
    at = cart.updated_at or cart.observed_at
    return said.rank, at, said.customer_id, cart.currency, total_minor, lines, cart.url or ""


def _parcel_row(parcel: ShipmentVersion) -> tuple[object, ...]:
    return (
        parcel.status,
        parcel.carrier or "",
        parcel.tracking_number or "",
        parcel.tracking_url or "",
        parcel.shipped_at,
        parcel.promised_at,
        parcel.delivered_at,
    )


def _check(what: str, *instants: datetime | None) -> None:
    if any(at is not None and at.tzinfo is None for at in instants):
        raise Refused(f"{what} has a time without a zone.")
