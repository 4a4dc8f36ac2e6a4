"""What stands on an order of WooCommerce and what it came to: lines and totals in minor units."""

from decimal import Decimal, InvalidOperation

from kembali.collect.connectors.amounts import amount_of, minor_of
from kembali.collect.connectors.woocommerce.shapes import BadShopData, Line, Order, text_of
from kembali.collect.contracts import OrderLine
from kembali.collect.payloads import OrderTotals


def totals_of(order: Order, currency: str) -> OrderTotals:
    """Return what an order came to; goods, shipping and discount are without tax."""
    goods = sum((amount_of(line.total) for line in order.line_items), Decimal())
    return OrderTotals(
        total_minor=minor_of(order.total, currency),
        subtotal_minor=minor_of(goods, currency),
        discount_minor=minor_of(order.discount_total, currency),
        shipping_minor=minor_of(order.shipping_total, currency),
        tax_minor=minor_of(order.total_tax, currency),
        refunded_minor=sum(abs(minor_of(one.total, currency)) for one in order.refunds) or None,
    )


def lines_of(order: Order, currency: str) -> list[OrderLine]:
    """Return goods after discounts and without tax, then fees: with shipping and tax they add up to the total."""
    goods = [_line(line, currency) for line in order.line_items]
    fees = [
        OrderLine(
            sku=None,
            title=text_of(fee.name) or "Fee",
            quantity=1,
            unit_price=_plain(amount_of(fee.total)),
            total_minor=minor_of(fee.total, currency),
            properties={"service": True},
        )
        for fee in order.fee_lines
    ]
    return [*goods, *fees]


def _line(line: Line, currency: str) -> OrderLine:
    pieces = _decimal(line.quantity)
    whole = max(1, round(pieces)) if pieces > 0 else 0
    before = amount_of(line.subtotal if line.subtotal not in (None, "") else line.total)
    properties: dict[str, object] = {}
    if line.product_id:
        properties["product_ref"] = str(line.product_id)
        properties["variant_ref"] = str(line.variation_id or line.product_id)
    if pieces != whole:
        properties["quantity"] = _plain(pieces)  # sold by weight or length: a piece is what the price was for
    return OrderLine(
        sku=text_of(line.sku),
        title=text_of(line.name),
        quantity=whole,
        unit_price=_plain(before / pieces if pieces > 0 else before),
        total_minor=minor_of(line.total, currency),
        properties=properties or None,
    )


def _decimal(value: object) -> Decimal:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise BadShopData(f"“{str(value)[:40]}” is not a quantity.") from None
    if not number.is_finite() or abs(number) >= 10**9:
        raise BadShopData(f"“{str(value)[:40]}” is not a quantity.")
    return number


def _plain(number: Decimal) -> str:
    """Return a decimal as digits, six after the point at most, without an exponent."""
    text = f"{number:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
