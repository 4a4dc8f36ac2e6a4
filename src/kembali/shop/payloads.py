"""The shapes of the facts the shop folds. Unknown members are ignored: a newer writer may say more."""

from datetime import datetime

import msgspec

from kembali.collect.api import OrderLine


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
    lines: list[OrderLine]
    updated_at: datetime | None = None
    is_tracked: bool = False


class OrderNoted(msgspec.Struct, gc=False):
    """The payload of `order.deleted`, `.restored`, `.cancelled` and `.refunded`."""

    order_ref: str
    observed_at: datetime
    updated_at: datetime | None = None
    amount_minor: int | None = None
    currency: str | None = None
    lines: list[OrderLine] = []
