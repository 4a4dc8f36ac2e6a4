"""What Vendure says → facts. Pure."""

from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec

from kembali.collect.connectors.paging import further_on
from kembali.collect.connectors.vendure.shapes import Address, Line, Order, Person, Product, Surcharge, Variant
from kembali.collect.contracts import NewFact, OrderLine
from kembali.collect.payloads import (
    CustomerSaid,
    OrderStatus,
    OrderTotals,
    OrderVersion,
    ProductVariant,
    ProductVersion,
    version_id,
)
from kembali.kernel.money import currency_code, from_minor

SHAPES: MappingProxyType[str, type[Order | Product | Person]] = MappingProxyType(
    {"orders": Order, "products": Product, "customers": Person}
)
_STATUSES: dict[str, OrderStatus] = {"PaymentAuthorized": "pending", "Cancelled": "cancelled"}


def fact_of(stream: str, item: Any, source: str, at: datetime) -> list[NewFact]:
    """Return what one thing of a stream tells.

    Raises:
        Refused, msgspec.ValidationError: it cannot be understood.
    """
    thing = msgspec.convert(item, SHAPES[stream])
    if isinstance(thing, Order):
        return [_order(thing, source, at)]
    if isinstance(thing, Product):
        return [_product(thing, source, at)] if thing.variants else []
    ref = f"customer:{thing.id}:{thing.updated_at:%Y%m%dT%H%M%S}"  # changed back is news again
    return [_fact(source, "customer.profile", ref, _said(thing, source), thing.updated_at, _whose(thing, source))]


def _order(order: Order, source: str, at: datetime) -> NewFact:
    status, currency = _STATUSES.get(order.state, "paid"), currency_code(order.currency_code)
    refunds = [one for payment in order.payments or () for one in payment.refunds if one.state == "Settled"]
    latest = max(order.updated_at, order.order_placed_at, *(one.created_at for one in order.history.items))
    version = OrderVersion(
        order_ref=order.code,
        type="order",
        status=status,
        placed_at=order.order_placed_at,
        currency=currency,
        totals=OrderTotals(
            total_minor=order.total_with_tax,
            subtotal_minor=order.sub_total,
            discount_minor=-sum(one.amount for one in order.discounts),
            shipping_minor=order.shipping,
            tax_minor=order.total_with_tax - order.total,
            refunded_minor=sum(one.total for one in refunds) or None,
        ),
        customer=_said(order.customer, source, order.shipping_address),
        lines=[*(_goods(line, currency) for line in order.lines), *(_fee(one, currency) for one in order.surcharges)],
        observed_at=at,
        updated_at=further_on(latest, status, steps=len(refunds)),
        properties={"id": order.id, "state": order.state, "coupons": order.coupon_codes},
    )
    return _fact(source, "order.version", order.code, version, version.placed_at, _whose(order.customer, source))


def _goods(line: Line, currency: str) -> OrderLine:
    variant, price = line.product_variant, str(from_minor(line.unit_price, currency))
    return OrderLine(
        variant.sku, variant.name, line.quantity, price, line.prorated_line_price, {"variant_ref": variant.id}
    )


def _fee(fee: Surcharge, currency: str) -> OrderLine:
    return OrderLine(None, fee.description, 1, str(from_minor(fee.price, currency)), fee.price, {"service": True})


def _product(product: Product, source: str, at: datetime) -> NewFact:
    version = ProductVersion(
        product_ref=product.id,
        title=product.name,
        status="active" if product.enabled else "draft",
        currency=currency_code(product.variants[0].currency_code),
        variants=[_variant(one) for one in product.variants],
        handle=product.slug,
        observed_at=at,
        updated_at=product.updated_at,
    )
    return _fact(source, "product.version", f"product:{product.id}", version, product.updated_at, {})


def _variant(one: Variant) -> ProductVariant:
    return ProductVariant(variant_ref=one.id, sku=one.sku, title=one.name, price_minor=one.price)


def _said(person: Person | None, source: str, address: Address | None = None) -> CustomerSaid:
    if person is None:
        return CustomerSaid()
    return CustomerSaid(
        customer_ref=f"{source}:{person.id}",
        email=person.email_address,
        phone=person.phone_number or None,
        first_name=person.first_name or None,
        last_name=person.last_name or None,
        city=(address and address.city) or None,
        country=(address and address.country_code) or None,
    )


def _whose(person: Person | None, source: str) -> dict[str, str]:
    said = _said(person, source)
    named = {"customer_ref": said.customer_ref, "email": said.email, "phone": said.phone}
    return {kind: value for kind, value in named.items() if value}


def _fact(
    source: str, kind: str, ref: str, payload: msgspec.Struct, at: datetime, identifiers: dict[str, str]
) -> NewFact:
    return NewFact(
        source=source,
        message_id=version_id(ref, payload),
        kind=kind,
        occurred_at=at,
        payload=payload,
        identifiers=identifiers,
    )
