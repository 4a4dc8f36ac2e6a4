"""Tables of the shop's state. Personal data stand in those of people; a cart's link and a parcel's number lead to one.

Every row that the lake copies carries `changed_xid`, the transaction that last wrote it: "changed since" is asked
below the oldest running transaction, so that a late commit is never skipped.
"""

from kembali.shop.models.carrying import Cart, Shipment
from kembali.shop.models.columns import Xid8Field
from kembali.shop.models.orders import Order, OrderLine, OrderNote, Refund
from kembali.shop.models.people import Alias, Claim, Customer, Decision, Identifier, Person, Question, Spelling, Tie
from kembali.shop.models.products import Listing, Product
from kembali.shop.models.settings import Settings

__all__ = [
    "Alias",
    "Cart",
    "Claim",
    "Customer",
    "Decision",
    "Identifier",
    "Listing",
    "Order",
    "OrderLine",
    "OrderNote",
    "Person",
    "Product",
    "Question",
    "Refund",
    "Settings",
    "Shipment",
    "Spelling",
    "Tie",
    "Xid8Field",
]
