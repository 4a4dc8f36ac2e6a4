"""What programs send and get. Amounts are integers in minor units of their currency; instants bear their offset."""

from kembali.web.api.shapes.answered import Customer, Fact, Identifier, Line, Order, Product, Recorded, RecordedMany
from kembali.web.api.shapes.pages import CustomerPage, FactPage, OrderPage, ProductPage
from kembali.web.api.shapes.said import CustomerIn, FactsIn, OrderIn, ProductIn, Shape
from kembali.web.api.shapes.values import Id, Instant, Ref

__all__ = [
    "Customer",
    "CustomerIn",
    "CustomerPage",
    "Fact",
    "FactPage",
    "FactsIn",
    "Id",
    "Identifier",
    "Instant",
    "Line",
    "Order",
    "OrderIn",
    "OrderPage",
    "Product",
    "ProductIn",
    "ProductPage",
    "Recorded",
    "RecordedMany",
    "Ref",
    "Shape",
]
