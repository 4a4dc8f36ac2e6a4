"""The fields an order file can fill, whatever its columns are called. Their order is the order of the staging table."""

from dataclasses import dataclass
from typing import Literal

Scope = Literal["order", "line"]


@dataclass(frozen=True, slots=True)
class Field:
    """One fillable field; a field of scope `order` holds for every line of the order it stands on."""

    name: str
    scope: Scope
    meaning: str


FIELDS = (
    Field("order_ref", "order", "order number"),
    Field("kind", "order", "order, cancellation or adjustment"),
    Field("placed_at", "order", "when it was ordered"),
    Field("updated_at", "order", "when it last changed"),
    Field("currency", "order", "three letters"),
    Field("status", "order", "paid, pending, cancelled, refunded"),
    Field("cancelled_at", "order", "filled where cancelled"),
    Field("subtotal", "order", "amount of the goods"),
    Field("discount", "order", "amount taken off"),
    Field("shipping", "order", "amount for shipping"),
    Field("tax", "order", "amount of tax"),
    Field("total", "order", "amount of the whole order"),
    Field("refunded", "order", "amount paid back"),
    Field("customer_ref", "order", "customer number"),
    Field("email", "order", "customer's e-mail"),
    Field("phone", "order", "customer's phone"),
    Field("first_name", "order", "first name"),
    Field("last_name", "order", "last name"),
    Field("full_name", "order", "first and last name in one"),
    Field("country", "order", "country"),
    Field("city", "order", "city"),
    Field("accepts_email", "order", "yes or no"),
    Field("sku", "line", "product code"),
    Field("title", "line", "product name"),
    Field("quantity", "line", "pieces"),
    Field("unit_price", "line", "price of one piece"),
    Field("line_total", "line", "amount of the line, where there is no unit price"),
)
FIELD_NAMES = tuple(field.name for field in FIELDS)
AMOUNT_FIELDS = ("subtotal", "discount", "shipping", "tax", "total", "refunded", "unit_price", "line_total")
