"""What is asked of Vendure's Admin API, and read into: one and the same."""

from datetime import datetime

import msgspec


class _Shape(msgspec.Struct, rename="camel"):
    """What is read is what is asked for: `graphql.fields_of`."""


class Person(_Shape):
    """A customer, with an account or without."""

    id: str
    email_address: str
    first_name: str
    last_name: str
    phone_number: str | None
    updated_at: datetime


class Address(_Shape):
    """Where it is sent."""

    city: str | None
    country_code: str | None


class Variant(_Shape):
    """What can be bought."""

    id: str
    sku: str
    name: str
    price: int
    currency_code: str


class Line(_Shape):
    """`prorated_line_price` is what the pieces cost after all discounts, without tax."""

    quantity: int
    unit_price: int
    prorated_line_price: int
    product_variant: Variant


class Surcharge(_Shape):
    """A fee."""

    description: str
    price: int


class Discount(_Shape):
    """What a promotion took off; negative."""

    amount: int


class Refund(_Shape):
    """What was given back."""

    total: int
    state: str


class Payment(_Shape):
    """A payment."""

    refunds: list[Refund]


class Entry(_Shape):
    """Something that happened to an order."""

    created_at: datetime


class History(_Shape):
    """The latest of what happened to an order."""

    items: list[Entry]


class Order(_Shape):
    """An order; amounts are minor units, without tax where the name does not say otherwise."""

    id: str
    code: str
    state: str
    order_placed_at: datetime
    updated_at: datetime
    currency_code: str
    total: int
    total_with_tax: int
    sub_total: int
    shipping: int
    coupon_codes: list[str]
    customer: Person | None
    shipping_address: Address | None
    lines: list[Line]
    surcharges: list[Surcharge]
    discounts: list[Discount]
    payments: list[Payment] | None
    history: History


class Product(_Shape):
    """A product."""

    id: str
    name: str
    slug: str
    enabled: bool
    updated_at: datetime
    variants: list[Variant]
