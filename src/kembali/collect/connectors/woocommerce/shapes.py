"""What WooCommerce's REST API v3 and its webhooks say, as far as it is read. Plugins add and twist: the rest is let be.

Amounts are decimal text (numbers from some plugins), instants `2026-05-01T10:00:00` in GMT without saying so.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

from kembali.kernel.errors import Refused


class BadShopData(Refused):
    """A shop's answer or webhook has a part that cannot be understood."""

    code = "bad_shop_data"


class Meta(msgspec.Struct):
    """What WordPress and plugins keep beside a thing."""

    key: str = ""
    value: Any = None


class Address(msgspec.Struct):
    """Where the bill or the parcel goes."""

    first_name: str | None = None
    last_name: str | None = None
    city: str | None = None
    country: str | None = None
    email: str | None = None
    phone: str | None = None


class Line(msgspec.Struct):
    """One line of goods; `total` is what it cost after discounts, without tax, whichever way prices are entered."""

    name: str | None = None
    product_id: int | None = None
    variation_id: int | None = None
    quantity: int | float | str = 1
    subtotal: Any = None
    total: Any = None
    total_tax: Any = None
    sku: str | None = None


class Fee(msgspec.Struct):
    """A surcharge, or with a negative total a reduction."""

    name: str | None = None
    total: Any = None


class ShippingLine(msgspec.Struct):
    """How it is shipped."""

    method_title: str | None = None


class CouponLine(msgspec.Struct):
    """A code that was used."""

    code: str = ""
    discount: Any = None


class Refund(msgspec.Struct):
    """What was given back; `total` is negative."""

    id: int
    reason: str | None = None
    total: Any = None


class Order(msgspec.Struct):
    """An order as it stands."""

    id: int
    status: str
    currency: str
    total: Any
    number: str | int | None = None
    date_created_gmt: str | None = None
    date_modified_gmt: str | None = None
    date_paid_gmt: str | None = None
    date_completed_gmt: str | None = None
    discount_total: Any = None
    shipping_total: Any = None
    total_tax: Any = None
    prices_include_tax: bool = False
    customer_id: int = 0
    customer_ip_address: str | None = None
    customer_note: str | None = None
    created_via: str | None = None
    payment_method: str | None = None
    payment_method_title: str | None = None
    billing: Address = msgspec.field(default_factory=Address)
    shipping: Address = msgspec.field(default_factory=Address)
    line_items: list[Line] = []
    fee_lines: list[Fee] = []
    shipping_lines: list[ShippingLine] = []
    coupon_lines: list[CouponLine] = []
    refunds: list[Refund] = []
    meta_data: list[Meta] = []


class Customer(msgspec.Struct):
    """A person with an account."""

    id: int
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None
    role: str | None = None
    is_paying_customer: bool = False
    date_created_gmt: str | None = None
    date_modified_gmt: str | None = None
    billing: Address = msgspec.field(default_factory=Address)
    shipping: Address = msgspec.field(default_factory=Address)
    meta_data: list[Meta] = []


class Named(msgspec.Struct):
    """A category, tag or brand."""

    name: str = ""


class Image(msgspec.Struct):
    """A picture."""

    src: str | None = None


class Attribute(msgspec.Struct):
    """What tells a variation from the others, such as Colour: red."""

    name: str | None = None
    option: str | None = None


class Cost(msgspec.Struct):
    """What one piece costs the shop, where it keeps count of that."""

    total_value: Any = None


class Product(msgspec.Struct):
    """A product, or one variation of it."""

    id: int
    name: str = ""
    slug: str | None = None
    permalink: str | None = None
    type: str = "simple"
    status: str = "publish"
    sku: str | None = None
    global_unique_id: str | None = None
    price: Any = None
    regular_price: Any = None
    manage_stock: bool | str = False
    stock_quantity: int | float | None = None
    cost_of_goods_sold: Cost | None = None
    categories: list[Named] = []
    tags: list[Named] = []
    brands: list[Named] = []
    images: list[Image] = []
    image: Image | None = None
    attributes: list[Attribute] = []
    date_modified_gmt: str | None = None


class WholeProduct(Product):
    """A product with its variations: the API's list gives only their ids, so they are put in their place."""

    variations: list[Product] = []


def instant_of(text: str | None) -> datetime | None:
    """Return an instant said in GMT; None for nothing.

    Raises:
        BadShopData: it is none.
    """
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadShopData(f"“{text[:40]}” is not a date.") from None


def text_of(value: str | None) -> str | None:
    """Return a text without blanks around it, None where nothing is left."""
    return (value or "").strip() or None
