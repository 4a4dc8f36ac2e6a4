"""What shoppers have begun and not finished, and parcels on their way."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec

from kembali.infra.database import raw_cursor
from kembali.kernel.ids import CustomerId
from kembali.shop.contracts.carrying import CartLine, OpenCart, ShipmentFound

_OPEN = """
SELECT k.id, k.source, k.kind, k.cart_ref, c.root_id, k.changed_at, k.currency, k.total_minor, k.url, k.lines::text
FROM shop_cart k JOIN shop_customer c ON c.id = k.customer_id
WHERE NOT k.is_completed AND NOT k.is_deleted AND k.lines <> '[]' AND {condition}
    AND NOT EXISTS (SELECT FROM shop_order o WHERE o.source = k.source AND o.order_ref = k.order_ref)
"""
_SHIPMENT = """
SELECT s.id, s.source, s.order_ref, s.shipment_ref, s.status, o.id, c.root_id, s.carrier, s.tracking_number,
    s.tracking_url, s.shipped_at, s.promised_at, s.delivered_at
FROM shop_shipment s LEFT JOIN shop_order o ON o.source = s.source AND o.order_ref = s.order_ref
    LEFT JOIN shop_customer c ON c.id = o.customer_id
"""
_SHIPMENT_FIELDS = (
    "shipment_id", "source", "order_ref", "shipment_ref", "status", "order_id", "customer_id", "carrier",
    "tracking_number", "tracking_url", "shipped_at", "promised_at", "delivered_at",
)  # fmt: skip


def open_carts_idle_since(
    since: datetime, *, until: datetime, limit: int = 500, after: tuple[datetime, int] | None = None
) -> list[OpenCart]:
    """Return carts with something in them, of known customers, last changed in [since, until), the longest idle first.

    A completed order closes the checkout it names, also where the checkout itself was never told to be complete.

    Args:
        after: (`changed_at`, `cart_id`) of the last one, for the next page.
    """
    condition = "k.changed_at >= %(since)s AND k.changed_at < %(until)s"
    values: dict[str, object] = {"since": since, "until": until, "limit": limit}
    if after is not None:
        condition += " AND (k.changed_at, k.id) > (%(after_at)s, %(after_id)s)"
        values |= {"after_at": after[0], "after_id": after[1]}
    return _carts(condition, values)


def open_carts_of(customer_id: CustomerId, *, limit: int = 5) -> list[OpenCart]:
    """Return the person's open carts and checkouts, whichever of their ids is given; the latest changed first."""
    condition = (
        "k.customer_id IN (SELECT m.id FROM shop_customer a JOIN shop_customer m USING (root_id) WHERE a.id = %(who)s)"
    )
    carts = _carts(condition, {"who": customer_id, "limit": None})
    return sorted(carts, key=lambda cart: cart.changed_at, reverse=True)[:limit]


def late_shipments(at: datetime, *, promised_since: datetime, limit: int = 500, after: int = 0) -> list[ShipmentFound]:
    """Return parcels of kept orders promised in [promised_since, at) and not delivered by `at`, by id.

    Args:
        after: `shipment_id` of the last one, for the next page.
    """
    return _shipments(
        "s.promised_at >= %(since)s AND s.promised_at < %(at)s AND s.delivered_at IS NULL "
        "AND s.status NOT IN ('delivered', 'cancelled') AND o.status IN ('paid', 'pending') AND s.id > %(after)s "
        "ORDER BY s.id LIMIT %(limit)s",
        {"since": promised_since, "at": at, "after": after, "limit": limit},
    )


def shipments_of(order_refs: Collection[tuple[str, str]]) -> dict[tuple[str, str], list[ShipmentFound]]:
    """Return the parcels of each order (source, number); none: absent."""
    found: dict[tuple[str, str], list[ShipmentFound]] = {}
    if not order_refs:
        return found
    sources, refs = (list(part) for part in zip(*order_refs, strict=True))
    rows = _shipments(
        "(s.source, s.order_ref) IN (SELECT * FROM unnest(%(sources)s::text[], %(refs)s::text[])) ORDER BY s.id",
        {"sources": sources, "refs": refs},
    )
    for row in rows:
        found.setdefault((row.source, row.order_ref), []).append(row)
    return found


def _carts(condition: str, values: dict[str, object]) -> list[OpenCart]:
    with raw_cursor() as cursor:
        cursor.execute(_OPEN.format(condition=condition) + " ORDER BY k.changed_at, k.id LIMIT %(limit)s", values)
        return [_cart(row) for row in cursor.fetchall()]


def _cart(row: tuple[Any, ...]) -> OpenCart:
    cart_id, source, kind, cart_ref, customer_id, changed_at, currency, total_minor, url, lines = row
    return OpenCart(
        cart_id=cart_id,
        source=source,
        kind=kind,
        cart_ref=cart_ref,
        customer_id=CustomerId(customer_id),
        changed_at=changed_at,
        currency=currency,
        total_minor=total_minor,
        url=url,
        lines=tuple(
            CartLine(sku=sku or "", title=title or "", quantity=quantity, total_minor=total)
            for sku, title, quantity, total in msgspec.json.decode(lines)
        ),
    )


def _shipments(condition: str, values: dict[str, object]) -> list[ShipmentFound]:
    with raw_cursor() as cursor:
        cursor.execute(f"{_SHIPMENT} WHERE {condition}", values)
        return [ShipmentFound(**dict(zip(_SHIPMENT_FIELDS, row, strict=True))) for row in cursor.fetchall()]
