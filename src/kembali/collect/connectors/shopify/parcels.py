"""Shopify's parcels → facts: within their order, or alone."""

import re
from datetime import datetime

from kembali.collect.connectors.shopify.moments import NotUnderstood, utc
from kembali.collect.connectors.shopify.shapes import Fulfillment
from kembali.collect.contracts import NewFact
from kembali.collect.payloads import ShipmentStatus, ShipmentVersion, version_id

_ON_THE_WAY: dict[str, ShipmentStatus] = {
    "delivered": "delivered",
    "out_for_delivery": "out_for_delivery",
    "attempted_delivery": "out_for_delivery",
    "in_transit": "in_transit",
    "failure": "failed",
}
_PARCELS: dict[str, ShipmentStatus] = {
    "success": "shipped",
    "pending": "pending",
    "open": "pending",
    "cancelled": "cancelled",
    "error": "failed",
    "failure": "failed",
}
_WAY: tuple[ShipmentStatus, ...] = (
    "pending",
    "shipped",
    "in_transit",
    "out_for_delivery",
    "failed",
    "delivered",
    "cancelled",
)
_PARCEL_NAME = re.compile(r"(.+?)(?:\.\d+|-F\d+)", re.DOTALL)


def shipment_fact(parcel: Fulfillment, *, order_ref: str | None, source: str, observed_at: datetime) -> NewFact:
    """Return a parcel as it stands; without `order_ref` its own name tells which order it is of.

    Raises:
        Refused: that cannot be told, or a time cannot be read.
    """
    if order_ref is None:
        found = _PARCEL_NAME.fullmatch(parcel.name or "")
        if found is None:
            raise NotUnderstood(f"The parcel's name “{(parcel.name or '')[:60]}” does not tell its order.")
        order_ref = found[1]
    status = _ON_THE_WAY.get(parcel.shipment_status or "") or _PARCELS.get(parcel.status or "", "pending")
    if parcel.status == "cancelled":
        status = "cancelled"
    updated_at = utc(parcel.updated_at) if parcel.updated_at else None
    if updated_at is not None:  # whole seconds: of two versions of one second the one further on its way counts
        updated_at = updated_at.replace(microsecond=_WAY.index(status))
    shipment = ShipmentVersion(
        order_ref=order_ref,
        shipment_ref=str(parcel.id),
        status=status,
        carrier=parcel.tracking_company or None,
        tracking_number=parcel.tracking_number or None,
        tracking_url=parcel.tracking_url or None,
        shipped_at=utc(parcel.created_at) if parcel.created_at else None,
        # Webhooks do not tell the instant itself: the parcel changed last when it arrived.
        delivered_at=utc(parcel.updated_at) if parcel.updated_at and status == "delivered" else None,
        observed_at=observed_at,
        updated_at=updated_at,
    )
    return NewFact(
        source=source,
        message_id=version_id(f"shipment:{order_ref}:{parcel.id}", shipment),
        kind="shipment.version",
        occurred_at=shipment.updated_at or shipment.shipped_at or observed_at,
        payload=shipment,
    )
