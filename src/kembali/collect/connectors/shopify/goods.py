"""Shopify's products, carts and checkouts → facts."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal

from kembali.collect.connectors.amounts import amount_of, minor_of
from kembali.collect.connectors.shopify.moments import NotUnderstood, utc
from kembali.collect.connectors.shopify.orders import line_of
from kembali.collect.connectors.shopify.people import identifiers_of, said_in_order
from kembali.collect.connectors.shopify.shapes import Amount, Cart, Checkout, LineItem, Product, Variant
from kembali.collect.contracts import NewFact, OrderLine
from kembali.collect.payloads import CartStatus, CartVersion, ProductVariant, ProductVersion, version_id
from kembali.kernel.money import currency_code

_STATUSES: dict[str, Literal["active", "draft", "archived"]] = {
    "active": "active",
    "draft": "draft",
    "archived": "archived",
    "unlisted": "active",
}


def product_fact(product: Product, *, source: str, currency: str, observed_at: datetime) -> NewFact:
    """Return a product as it stands.

    Raises:
        Refused: an amount or a time cannot be read.
    """
    version = ProductVersion(
        product_ref=str(product.id),
        title=product.title or "",
        status=_STATUSES.get((product.status or "active").lower(), "active"),
        currency=currency_code(currency),
        variants=[_variant(one, currency) for one in product.variants or ()],
        handle=product.handle or None,
        url=product.url or None,
        image_url=product.image_url or None,
        brand=product.vendor or None,
        categories=[product.product_type] if product.product_type else [],
        tags=sorted(product.tags or ()),
        observed_at=observed_at,
        updated_at=utc(product.updated_at) if product.updated_at else None,
    )
    return _product_fact(version, source)


def gone_product_fact(number: int, *, source: str, currency: str, at: datetime) -> NewFact:
    """Return that a product was deleted. Only its number is told; what was known of it stays known."""
    version = ProductVersion(
        product_ref=str(number),
        title="",
        status="deleted",
        currency=currency_code(currency),
        variants=[],
        observed_at=at,
        updated_at=utc(at),
    )
    return _product_fact(version, source)


def checkout_fact(checkout: Checkout, *, source: str, observed_at: datetime) -> NewFact:
    """Return a checkout as it stands: open, or completed by an order.

    Raises:
        Refused: it has no number, or an amount, a currency or a time cannot be read.
    """
    if checkout.id is None:
        raise NotUnderstood("The checkout has no number.")
    currency = currency_code(checkout.currency or "")
    version = CartVersion(
        cart_ref=str(checkout.id),
        status="completed" if checkout.completed_at else "open",
        currency=currency,
        total_minor=minor_of(checkout.total_price, currency),
        customer=said_in_order(
            checkout.customer,
            email=checkout.email,
            phone=checkout.phone,
            billing=checkout.billing_address,
            shipping=checkout.shipping_address,
            locale=checkout.customer_locale,
        ),
        lines=_lines(checkout.line_items or (), currency),
        url=checkout.abandoned_checkout_url or None,
        observed_at=observed_at,
        updated_at=utc(checkout.updated_at) if checkout.updated_at else None,
    )
    return _cart_fact("checkout.version", version, source, checkout.completed_at or checkout.updated_at)


def cart_fact(cart: Cart, *, source: str, currency: str, observed_at: datetime) -> NewFact:
    """Return a cart as it stands. It is nobody's until its checkout says whose.

    Raises:
        Refused: it has no token, or an amount or a time cannot be read.
    """
    token = cart.token or cart.id
    if not token:
        raise NotUnderstood("The cart has no token.")
    currency = currency_code(currency)
    lines = _lines(cart.line_items or (), currency)
    version = CartVersion(
        cart_ref=token,
        status="open",
        currency=currency,
        total_minor=sum(line.total_minor for line in lines),
        lines=lines,
        observed_at=observed_at,
        updated_at=utc(cart.updated_at) if cart.updated_at else None,
    )
    return _cart_fact("cart.version", version, source, cart.updated_at)


def gone_checkout_fact(number: int, *, source: str, currency: str, at: datetime) -> NewFact:
    """Return that a checkout was deleted."""
    status: CartStatus = "deleted"
    version = CartVersion(
        cart_ref=str(number),
        status=status,
        currency=currency_code(currency),
        total_minor=None,
        observed_at=at,
        updated_at=utc(at),
    )
    return _cart_fact("checkout.version", version, source, at)


def _product_fact(version: ProductVersion, source: str) -> NewFact:
    return NewFact(
        source=source,
        message_id=version_id(f"product:{version.product_ref}", version),
        kind="product.version",
        occurred_at=version.updated_at or version.observed_at,
        payload=version,
    )


def _cart_fact(kind: str, version: CartVersion, source: str, changed_at: datetime | None) -> NewFact:
    return NewFact(
        source=source,
        message_id=version_id(f"{kind.partition('.')[0]}:{version.cart_ref[:100]}", version),
        kind=kind,
        occurred_at=utc(changed_at) if changed_at else version.observed_at,
        payload=version,
        identifiers=identifiers_of(version.customer),
    )


def _variant(variant: Variant, currency: str) -> ProductVariant:
    return ProductVariant(
        variant_ref=str(variant.id),
        sku=(variant.sku or "").strip() or None,
        title=variant.title or None,
        price_minor=_minor(variant.price, currency),
        compare_at_minor=_minor(variant.compare_at_price, currency),
        unit_cost_minor=_minor(variant.unit_cost, currency),
        stock=variant.inventory_quantity if variant.tracked is not False else None,
        barcode=variant.barcode or None,
        image_url=variant.image_url or None,
    )


def _minor(amount: Amount, currency: str) -> int | None:
    return None if amount is None else minor_of(amount, currency)


def _lines(items: Sequence[LineItem], currency: str) -> list[OrderLine]:
    return [line_of(item, currency, _total(item)) for item in items]


def _total(item: LineItem) -> Decimal:
    if item.line_price is not None:
        return amount_of(item.line_price)
    return amount_of(item.price) * item.quantity
