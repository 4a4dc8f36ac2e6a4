"""Parcels: when an order was sent, promised and delivered."""

from collections.abc import Iterator, Sequence
from typing import get_args

from kembali.collect.files.fields import instant, text
from kembali.collect.files.kinds.base import Kind, Row, Said, checked, identifiers_of
from kembali.collect.files.words import Unusable, Words
from kembali.collect.payloads import ShipmentStatus, ShipmentVersion

_STATUSES: dict[str, ShipmentStatus] = {word: word for word in get_args(ShipmentStatus)}


def _read(rows: Sequence[Row], words: Words) -> Iterator[Said]:
    row = rows[0]
    order_ref = row.ref("order_ref")
    if not order_ref:
        raise Unusable("no_order_ref")
    shipment_ref = row.ref("shipment_ref") or order_ref
    shipped_at, delivered_at = words.instant(row.text("shipped_at")), words.instant(row.text("delivered_at"))
    promised_at, updated_at = words.instant(row.text("promised_at")), words.instant(row.text("updated_at"))
    happened = [at for at in (shipped_at, delivered_at, updated_at, words.instant(row.text("ordered_at"))) if at]
    if not happened:
        raise Unusable("no_date")
    yield Said(
        "shipment.version",
        checked(f"shipment/{shipment_ref}"),
        max(happened),
        identifiers_of(row, ref_prefix=words.ref_prefix),
        ShipmentVersion(
            order_ref=order_ref,
            shipment_ref=shipment_ref,
            status=_status(row, words, delivered="delivered_at", shipped="shipped_at"),
            carrier=row.text("carrier"),
            tracking_number=row.ref("tracking_number"),
            tracking_url=row.text("tracking_url"),
            shipped_at=shipped_at,
            promised_at=promised_at,
            delivered_at=delivered_at,
            observed_at=words.observed_at,
            updated_at=updated_at,
            properties=row.extras,
        ),
    )


def _status(row: Row, words: Words, *, delivered: str, shipped: str) -> ShipmentStatus:
    """Return what the file says; else what its dates say."""
    if said := row.word("status"):
        status = _STATUSES.get(words.words.get(said, said))
        if status is None:
            raise Unusable("bad_shipment_status", said)
        return status
    return "delivered" if row.text(delivered) else "shipped" if row.text(shipped) else "pending"


SHIPMENTS = Kind(
    name="shipments",
    in_words="shipments",
    fields=(
        text("order_ref", "order number"),
        text("shipment_ref", "number of the parcel, where an order has several"),
        text("status", "pending, shipped, in_transit, out_for_delivery, delivered, failed, cancelled"),
        instant("ordered_at", "when it was ordered"),
        instant("shipped_at", "when it was handed to the carrier"),
        instant("promised_at", "until when it was promised"),
        instant("delivered_at", "when it arrived"),
        instant("updated_at", "when this last changed"),
        text("carrier", "who carries it"),
        text("tracking_number", "the carrier's number"),
        text("tracking_url", "where to follow it"),
        text("customer_ref", "customer number"),
        text("email", "customer's e-mail"),
    ),
    needs=(("order_ref",), ("shipped_at", "delivered_at", "ordered_at", "updated_at")),
    tells=(("order_ref",), ("shipped_at", "delivered_at", "promised_at", "tracking_number")),
    read=_read,
)
