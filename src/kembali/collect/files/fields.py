"""What a field of a file is, and the fields of an order: in the order of the staging table."""

from dataclasses import dataclass
from typing import Literal

Scope = Literal["order", "line"]
Meaning = Literal["text", "instant", "amount"]


@dataclass(frozen=True, slots=True)
class Field:
    """One fillable field; of an order's fields those of scope `order` hold for every line of the order.

    holds: how its texts are read; `text` where the reader of its kind says so itself.
    """

    name: str
    scope: Scope
    meaning: str
    holds: Meaning = "text"


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
    Field("loyalty_ref", "order", "number of the shop's card"),
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
AMOUNT_FIELDS = ("subtotal", "discount", "shipping", "tax", "total", "refunded", "unit_price", "line_total")


def text(name: str, meaning: str) -> Field:
    """Return a field whose text its reader understands."""
    return Field(name, "line", meaning)


def instant(name: str, meaning: str) -> Field:
    """Return a field that holds dates or times."""
    return Field(name, "line", meaning, "instant")


def amount(name: str, meaning: str) -> Field:
    """Return a field that holds money or numbers."""
    return Field(name, "line", meaning, "amount")
