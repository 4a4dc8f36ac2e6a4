"""What programs get in pages."""

from ninja import Schema

from kembali.web.api.shapes.answered import Customer, Fact, Order, Product


class CustomerPage(Schema):
    """A page; without `next_cursor` it is the last."""

    data: list[Customer]
    next_cursor: str | None


class OrderPage(Schema):
    """A page; without `next_cursor` it is the last."""

    data: list[Order]
    next_cursor: str | None


class ProductPage(Schema):
    """A page; without `next_cursor` it is the last."""

    data: list[Product]
    next_cursor: str | None


class FactPage(Schema):
    """A page of the feed. `next_cursor` is always there: ask with it again later for what came meanwhile."""

    data: list[Fact]
    next_cursor: str
    has_more: bool
