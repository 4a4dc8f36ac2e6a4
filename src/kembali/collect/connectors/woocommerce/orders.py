"""An order of WooCommerce → `order.version`, and what else it tells: parcels, a permission given at the checkout."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from kembali.collect.connectors.amounts import minor_of
from kembali.collect.connectors.paging import further_on
from kembali.collect.connectors.woocommerce.keeping import properties_of
from kembali.collect.connectors.woocommerce.lines import lines_of, totals_of
from kembali.collect.connectors.woocommerce.people import billed, identifiers_of
from kembali.collect.connectors.woocommerce.shapes import BadShopData, Order, instant_of, text_of
from kembali.collect.connectors.woocommerce.statuses import DRAFTS, status_of
from kembali.collect.contracts import NewFact
from kembali.collect.payloads import (
    CartVersion,
    ConsentSaid,
    OrderStatus,
    OrderVersion,
    ShipmentVersion,
    version_id,
)
from kembali.kernel.money import currency_code

_LONGEST_REF = 150
_TRACKING = "_wc_shipment_tracking_items"
_YES = frozenset({"1", "yes", "true", "on"})


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """What must be known beside an order to read it.

    meanings: of statuses that are not WooCommerce's own. consent_field: the key under which the shop's checkout keeps
    the tick for its newsletter, empty for none; consent_wording: the sentence beside it.
    """

    source: str
    seen_at: datetime
    meanings: Mapping[str, OrderStatus] = {}
    consent_field: str = ""
    consent_wording: str = ""

    def facts(self, order: Order) -> Iterator[NewFact]:
        """Yield everything an order tells.

        Raises:
            Refused: something in it cannot be understood.
        """
        if order.status in DRAFTS:
            if order.status == "checkout-draft":
                yield self._checkout(order)
            return
        yield self._version(order)
        yield from self._shipments(order)
        yield from self._consent(order)

    def _version(self, order: Order) -> NewFact:
        currency = currency_code(order.currency)
        placed_at = _placed_at(order)
        status, is_known = status_of(order.status, is_paid=bool(order.date_paid_gmt), meanings=self.meanings)
        version = OrderVersion(
            order_ref=ref_of(order),
            type="order",
            status=status,
            placed_at=placed_at,
            currency=currency,
            totals=totals_of(order, currency),
            customer=billed(order, source=self.source),
            lines=lines_of(order, currency),
            observed_at=self.seen_at,
            updated_at=_updated_at(order, status),
            properties=properties_of(order, currency) | ({} if is_known else {"status_unknown": True}),
        )
        return self._fact("order.version", version.order_ref, version, placed_at, order)

    def _checkout(self, order: Order) -> NewFact:
        currency = currency_code(order.currency)
        updated_at = instant_of(order.date_modified_gmt) or _placed_at(order)
        cart = CartVersion(
            cart_ref=f"order:{order.id}",
            status="open",
            currency=currency,
            total_minor=minor_of(order.total, currency),
            shipping_minor=minor_of(order.shipping_total, currency),
            customer=billed(order, source=self.source),
            lines=lines_of(order, currency),
            order_ref=ref_of(order),
            observed_at=self.seen_at,
            updated_at=updated_at,
        )
        return self._fact("checkout.version", cart.cart_ref, cart, updated_at, order)

    def _shipments(self, order: Order) -> Iterator[NewFact]:
        """Yield the parcels that the widespread tracking plugins keep with an order."""
        kept = next((one.value for one in order.meta_data if one.key == _TRACKING), None)
        for item in kept if isinstance(kept, list) else ():
            number = text_of(str(item.get("tracking_number") or "")) if isinstance(item, dict) else None
            if number is None:
                continue
            shipped_at = _epoch(item.get("date_shipped"))
            shipment = ShipmentVersion(
                order_ref=ref_of(order),
                shipment_ref=f"{ref_of(order)}:{item.get('tracking_id') or number}"[:_LONGEST_REF],
                status="shipped",
                carrier=text_of(str(item.get("custom_tracking_provider") or item.get("tracking_provider") or "")),
                tracking_number=number,
                shipped_at=shipped_at,
                observed_at=self.seen_at,
                updated_at=instant_of(order.date_modified_gmt),
            )
            at = shipped_at or instant_of(order.date_modified_gmt) or _placed_at(order)
            yield self._fact("shipment.version", f"shipment:{shipment.shipment_ref}", shipment, at, order)

    def _consent(self, order: Order) -> Iterator[NewFact]:
        """Yield the permission a ticked box at the checkout gave. A box left empty takes nothing back."""
        field = self.consent_field
        ticked = next((one.value for one in order.meta_data if field and one.key == field), "")
        if str(ticked).strip().lower() not in _YES or not text_of(order.billing.email):
            return
        evidence = {"order": ref_of(order), "field": field, "value": str(ticked)}
        if address := text_of(order.customer_ip_address):
            evidence["ip"] = address
        said = ConsentSaid(
            channel="email",
            state="given",
            basis="opt_in",
            wording=text_of(self.consent_wording),
            evidence=evidence,
        )
        yield NewFact(
            source=self.source,
            message_id=f"consent:order:{order.id}:email",
            kind="consent.stated",
            occurred_at=_placed_at(order),
            payload=said,
            identifiers=identifiers_of(order, source=self.source),
        )

    def _fact(self, kind: str, ref: str, payload: msgspec.Struct, at: datetime, order: Order) -> NewFact:
        return NewFact(
            source=self.source,
            message_id=version_id(ref, payload),
            kind=kind,
            occurred_at=at,
            payload=payload,
            identifiers=identifiers_of(order, source=self.source),
        )


def ref_of(order: Order) -> str:
    """Return an order's number as people and exports write it. Plugins give numbers of their own, apart from the id.

    Raises:
        BadShopData: it is too long.
    """
    ref = text_of(str(order.number if order.number is not None else "")) or str(order.id)
    if len(ref.encode()) > _LONGEST_REF:
        raise BadShopData(f"The order number is longer than {_LONGEST_REF} bytes: “{ref[:40]}…”.")
    return ref


def _placed_at(order: Order) -> datetime:
    placed_at = instant_of(order.date_created_gmt)
    if placed_at is None:
        raise BadShopData(f"Order {ref_of(order)} does not say when it was placed (date_created_gmt).")
    return placed_at


def _updated_at(order: Order, status: OrderStatus) -> datetime:
    modified = instant_of(order.date_modified_gmt) or _placed_at(order)
    return further_on(modified, status, steps=min(len(order.refunds), 99) * 100 + bool(order.date_completed_gmt))


def _epoch(value: Any) -> datetime | None:
    text = str(value or "").strip()
    return datetime.fromtimestamp(int(text), UTC) if text.isascii() and text.isdecimal() and len(text) <= 10 else None
