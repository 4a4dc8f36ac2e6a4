"""The shapes of the facts the shop folds. Unknown members are ignored: a newer writer may say more."""

from datetime import datetime

import msgspec


class LineProperties(msgspec.Struct, gc=False):
    """The one property of a line the shop cares for: `service` marks postage, fees and the like."""

    service: bool = False


class Line(msgspec.Struct, array_like=True, gc=False):
    """A line of an order, a JSON array; `total_minor` is rounded already, `unit_price` is a decimal number as text."""

    sku: str | None
    title: str | None
    quantity: int
    unit_price: str
    total_minor: int
    properties: LineProperties | None = None


class Totals(msgspec.Struct, gc=False):
    """Amounts of a whole order in minor units; None where the source does not tell."""

    total_minor: int
    discount_minor: int | None = None
    shipping_minor: int | None = None
    tax_minor: int | None = None
    refunded_minor: int | None = None


class CustomerDetails(msgspec.Struct, gc=False):
    """What a fact says about the customer; also the whole payload of `customer.profile`."""

    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    country: str | None = None
    city: str | None = None


class OrderVersion(msgspec.Struct, gc=False):
    """The payload of `order.version`."""

    order_ref: str
    type: str
    placed_at: datetime
    currency: str
    status: str
    observed_at: datetime
    totals: Totals
    customer: CustomerDetails
    lines: list[Line]
    updated_at: datetime | None = None
