"""Shopify's orders → facts. The order's own name (“#1001”) is its key, as in Shopify's exports."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from kembali.collect.connectors.amounts import amount_of, minor_of
from kembali.collect.connectors.paging import further_on
from kembali.collect.connectors.shopify.moments import NotUnderstood, utc
from kembali.collect.connectors.shopify.parcels import shipment_fact
from kembali.collect.connectors.shopify.people import identifiers_of, said_in_order, tags_of
from kembali.collect.connectors.shopify.shapes import Amount, LineItem, MoneySet, Order, Transaction
from kembali.collect.contracts import NewFact, OrderLine
from kembali.collect.payloads import (
    OrderStatus,
    OrderTotals,
    OrderVersion,
    version_id,
)
from kembali.kernel.money import currency_code, exponent, to_minor

_STATUSES: dict[str, OrderStatus] = {
    "paid": "paid",
    "partially_refunded": "paid",
    "pending": "pending",
    "authorized": "pending",
    "partially_paid": "pending",
    "expired": "pending",
    "refunded": "refunded",
    "voided": "cancelled",
}


def order_facts(order: Order, *, source: str, observed_at: datetime) -> Iterator[NewFact]:
    """Yield an order as it stands and its parcels.

    Raises:
        Refused: an amount, a currency or a time cannot be read.
    """
    version = order_version(order, observed_at=observed_at)
    yield NewFact(
        source=source,
        message_id=version_id(version.order_ref, version),
        kind="order.version",
        occurred_at=version.placed_at,
        payload=version,
        identifiers=identifiers_of(version.customer),
    )
    for parcel in order.fulfillments or ():
        yield shipment_fact(parcel, order_ref=version.order_ref, source=source, observed_at=observed_at)


def order_version(order: Order, *, observed_at: datetime) -> OrderVersion:
    """Return an order as it stands, in the shop's own currency.

    A test order is kept, but as a cancelled one: it is no sale. What is a tip is no line.

    Raises:
        Refused: an amount, a currency or a time cannot be read.
    """
    currency = currency_code(order.currency)
    if not order.name.strip():
        raise NotUnderstood("The order has no name.")
    lines = [_line(item, currency) for item in order.line_items or () if item.tip is None]
    status, total_minor = _status(order), minor_of(order.total_price, currency)
    refunded_minor = _refunded_minor(order, currency)
    return OrderVersion(
        order_ref=order.name.strip(),
        type="order",
        status=status,
        placed_at=utc(order.processed_at or order.created_at),
        currency=currency,
        totals=OrderTotals(
            total_minor=total_minor,
            subtotal_minor=minor_of(order.subtotal_price, currency),
            discount_minor=minor_of(order.total_discounts, currency),
            shipping_minor=minor_of(_shop_amount(order.total_shipping_price_set), currency),
            tax_minor=minor_of(order.total_tax, currency),
            refunded_minor=refunded_minor,
        ),
        customer=said_in_order(
            order.customer,
            email=order.email or order.contact_email,
            phone=order.phone,
            billing=order.billing_address,
            shipping=order.shipping_address,
            locale=order.customer_locale,
            accepts_email=order.buyer_accepts_marketing,
        ),
        lines=lines,
        observed_at=observed_at,
        updated_at=further_on(utc(order.updated_at), status, steps=_steps(order, refunded_minor, total_minor))
        if order.updated_at
        else None,
        properties=_properties(order, currency),
    )


def price_text(value: Amount, currency: str) -> str:
    """Return a price as decimal text in one form: the API writes 10.0 where a webhook writes 10.00."""
    amount = amount_of(value)
    digits = exponent(currency)
    if amount == round(amount, digits):
        return f"{amount:.{digits}f}"
    return f"{amount.normalize():f}"


def line_of(item: LineItem, currency: str, total: Decimal) -> OrderLine:
    """Return a line with its total."""
    properties: dict[str, object] = {}
    if item.product_id:
        properties["product_ref"] = str(item.product_id)
    if item.variant_id:
        properties["variant_ref"] = str(item.variant_id)
    if item.gift_card:
        properties |= {"gift_card": True, "service": True}
    return OrderLine(
        sku=(item.sku or "").strip() or None,
        title=item.name or item.title or None,
        quantity=item.quantity,
        unit_price=price_text(item.price, currency),
        total_minor=to_minor(total, currency),
        properties=properties or None,
    )


def _line(item: LineItem, currency: str) -> OrderLine:
    off = sum((amount_of(one.amount) for one in item.discount_allocations or ()), Decimal(0))
    return line_of(item, currency, amount_of(item.price) * item.quantity - off)


def _status(order: Order) -> OrderStatus:
    if order.test or order.cancelled_at is not None:
        return "cancelled"
    return _STATUSES.get((order.financial_status or "").lower(), "pending")


def _steps(order: Order, refunded_minor: int, total_minor: int) -> int:
    """Return how far an order has come since it got its status: what was given back, what was sent."""
    share = min(990 * refunded_minor // total_minor, 990) if refunded_minor > 0 and total_minor > 0 else 0
    sent = len(order.fulfillments or ()) + (order.fulfillment_status == "fulfilled")
    return share * 100 + min(sent, 99)


def _refunded_minor(order: Order, currency: str) -> int:
    """Return what was given back, in the shop's currency; what the customer saw in another one is converted."""
    back = sum((_refunded(one.amount, one.currency, order) for one in _refunds(order)), Decimal(0))
    return to_minor(back, currency)


def _refunds(order: Order) -> Iterator[Transaction]:
    for refund in order.refunds or ():
        for one in refund.transactions or ():
            if one.kind == "refund" and one.status in ("success", None):
                yield one


def _refunded(amount: Amount, currency: str | None, order: Order) -> Decimal:
    back = amount_of(amount)
    if currency in (None, order.currency):
        return back
    total = order.total_price_set
    if total is None or total.shop_money is None or total.presentment_money is None:
        return back
    shown = amount_of(total.presentment_money.amount)
    return back * amount_of(total.shop_money.amount) / shown if shown else back


def _shop_amount(amounts: MoneySet | None) -> Amount:
    return amounts.shop_money.amount if amounts is not None and amounts.shop_money is not None else None


def _properties(order: Order, currency: str) -> dict[str, object]:
    shown = order.presentment_currency or currency
    total = order.total_price_set
    codes = sorted({one.code for one in order.discount_codes or () if one.code})
    found: dict[str, object] = {
        "id": str(order.id),
        "financial_status": order.financial_status,
        "fulfillment_status": order.fulfillment_status,
        "source_name": order.source_name,
        "cancel_reason": order.cancel_reason,
        "taxes_included": order.taxes_included,
        "test": order.test or None,
        "tip_minor": minor_of(order.total_tip_received, currency) or None,
        "discount_codes": codes,
        "gateways": sorted(order.payment_gateway_names or ()),
        "tags": tags_of(order.tags),
    }
    if shown != currency and total is not None and total.presentment_money is not None:
        found |= {"shown_currency": shown, "shown_total": price_text(total.presentment_money.amount, shown)}
    return {name: value for name, value in found.items() if value not in (None, "", [])}
