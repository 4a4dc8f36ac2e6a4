"""Products, carts and parcels as facts, as a connector would send them: short to write, complete in shape."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from kembali.collect import api as collect
from kembali.collect.payloads import CartVersion, ProductVariant, ProductVersion, ShipmentVersion, version_id
from tests.makers.orders import DAY, START

Status = Literal["active", "draft", "archived", "deleted"]


def _fact(kind: str, ref: str, day: float, payload: msgspec.Struct, identifiers: dict[str, str]) -> collect.NewFact:
    return collect.NewFact(
        source="test",
        message_id=version_id(f"{kind}:{ref}", payload),
        kind=kind,
        occurred_at=START + day * DAY,
        payload=payload,
        identifiers=identifiers,
    )


def product_fact(
    product_ref: str,
    variants: Sequence[ProductVariant] = (),
    *,
    updated: float | None = None,
    seen: float = 0,
    title: str = "Mug",
    status: Status = "active",
    **more: Any,
) -> collect.NewFact:
    """One version of a product: as of day `updated` by the platform, seen on day `seen`."""
    payload = ProductVersion(
        product_ref=product_ref,
        title=title,
        status=status,
        currency="GBP",
        variants=list(variants),
        observed_at=START + seen * DAY,
        updated_at=None if updated is None else START + updated * DAY,
        **more,
    )
    return _fact("product.version", product_ref, updated or seen, payload, {})


def cart_fact(
    cart_ref: str,
    lines: Sequence[tuple[str, int, int]] = (("MUG", 1, 1000),),
    *,
    updated: float | None = None,
    seen: float = 0,
    kind: Literal["cart", "checkout"] = "checkout",
    status: Literal["open", "completed", "deleted"] = "open",
    identifiers: dict[str, str] | None = None,
    **more: Any,
) -> collect.NewFact:
    """One version of a cart or checkout: SKU, pieces and unit price of each line."""
    payload = CartVersion(
        cart_ref=cart_ref,
        status=status,
        currency="GBP",
        total_minor=sum(pieces * price for _, pieces, price in lines),
        lines=[collect.OrderLine(sku, sku.title(), pieces, str(price), pieces * price) for sku, pieces, price in lines],
        observed_at=START + seen * DAY,
        updated_at=None if updated is None else START + updated * DAY,
        **more,
    )
    return _fact(f"{kind}.version", cart_ref, updated or seen, payload, identifiers or {})


def shipment_fact(
    order_ref: str,
    shipment_ref: str = "1",
    *,
    updated: float | None = None,
    seen: float = 0,
    status: Literal["pending", "shipped", "delivered", "cancelled"] = "shipped",
    promised: float | None = None,
    delivered: float | None = None,
) -> collect.NewFact:
    """One version of a parcel, promised and delivered on those days."""
    payload = ShipmentVersion(
        order_ref=order_ref,
        shipment_ref=shipment_ref,
        status=status,
        carrier="Royal Post",
        tracking_number=f"RP{shipment_ref}",
        shipped_at=START,
        promised_at=None if promised is None else START + promised * DAY,
        delivered_at=None if delivered is None else START + delivered * DAY,
        observed_at=START + seen * DAY,
        updated_at=None if updated is None else START + updated * DAY,
    )
    return _fact("shipment.version", f"{order_ref}/{shipment_ref}", updated or seen, payload, {})
