"""What Vendure says, read as facts; and what is asked of it follows from what is read."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kembali.collect.connectors.errors import ShopAnswersNonsense, ShopRefuses
from kembali.collect.connectors.graphql import fields_of
from kembali.collect.connectors.values import Page, Shop
from kembali.collect.connectors.vendure.connector import Vendure
from kembali.collect.connectors.vendure.facts import fact_of
from kembali.collect.connectors.vendure.shapes import Order, Person
from kembali.collect.payloads import OrderVersion
from kembali.infra.http import Client
from tests.fakes.answering import answering

AT = datetime(2026, 6, 2, tzinfo=UTC)
PERSON = {
    "id": "7",
    "emailAddress": "ida@example.com",
    "firstName": "Ida",
    "lastName": "Berg",
    "phoneNumber": None,
    "updatedAt": "2026-06-01T08:00:00.000Z",
}
ORDER: dict[str, Any] = {
    "id": "1",
    "code": "5SC62W",
    "state": "PaymentSettled",
    "orderPlacedAt": "2026-06-01T09:00:05.328Z",
    "updatedAt": "2026-06-01T09:00:04.000Z",
    "currencyCode": "USD",
    "total": 2990,
    "totalWithTax": 3615,
    "subTotal": 2500,
    "shipping": 490,
    "couponCodes": ["MAY"],
    "customer": PERSON,
    "shippingAddress": {"city": "Bergen", "countryCode": "NO"},
    "lines": [
        {
            "quantity": 2,
            "unitPrice": 1250,
            "proratedLinePrice": 2400,
            "productVariant": {"id": "3", "sku": "MUG", "name": "Mug", "price": 1250, "currencyCode": "USD"},
        }
    ],
    "surcharges": [{"description": "Gift wrap", "price": 100}],
    "discounts": [{"amount": -100}],
    "payments": [{"refunds": [{"total": 500, "state": "Settled"}, {"total": 900, "state": "Failed"}]}],
    "history": {"items": [{"createdAt": "2026-06-01T10:30:00.000Z"}]},
}


def order_of(**changes: Any) -> OrderVersion:
    (fact,) = fact_of("orders", ORDER | changes, "vendure", AT)
    assert isinstance(fact.payload, OrderVersion)
    return fact.payload


def test_an_order_is_read_to_the_cent_and_its_parts_add_up() -> None:
    order = order_of()
    assert [(line.title, line.unit_price, line.total_minor) for line in order.lines] == [
        ("Mug", "12.50", 2400),
        ("Gift wrap", "1.00", 100),
    ]
    totals = order.totals
    assert (totals.total_minor, totals.shipping_minor, totals.tax_minor) == (3615, 490, 625)
    assert (totals.discount_minor, totals.refunded_minor) == (100, 500)
    assert sum(line.total_minor for line in order.lines) + 490 + 625 == 3615
    assert (order.customer.customer_ref, order.customer.city) == ("vendure:7", "Bergen")


def test_an_order_is_as_new_as_the_latest_thing_that_happened_to_it() -> None:
    at = order_of().updated_at
    assert at is not None
    assert at.replace(microsecond=0) == datetime(2026, 6, 1, 10, 30, tzinfo=UTC)
    cancelled, paid = order_of(state="Cancelled").updated_at, order_of(payments=None).updated_at
    assert cancelled is not None
    assert paid is not None
    assert cancelled > at > paid


def test_states_say_whether_the_money_is_there() -> None:
    states = ("PaymentAuthorized", "PaymentSettled", "PartiallyShipped", "Delivered", "Cancelled")
    assert [order_of(state=state).status for state in states] == ["pending", "paid", "paid", "paid", "cancelled"]


def test_what_is_asked_for_is_what_is_read() -> None:
    assert fields_of(Person) == "id emailAddress firstName lastName phoneNumber updatedAt"
    asked = fields_of(Order, history="(options: { take: 1 })")
    assert "payments { refunds { total state } } history(options: { take: 1 }) { items { createdAt } }" in asked


def page(*answers: tuple[int, dict[str, str], Any], session: str = "old") -> tuple[Page, Shop, list[dict[str, str]]]:
    with answering(*answers) as (address, asked):
        shop = Shop(name="vendure", address=address, settings={"username": "reader"}, secrets={"password": "pw"})
        shop.remembered["session"] = session
        found = Vendure().page(shop, Client(allow_private=True), "orders", since=None, cursor=None, at=AT)
    return found, shop, asked


FORBIDDEN = {"errors": [{"message": "Not authorized", "extensions": {"code": "FORBIDDEN"}}], "data": None}
ORDERS = {"data": {"orders": {"totalItems": 2, "items": [ORDER, ORDER | {"code": None}]}}}


def test_a_session_that_ended_is_begun_anew_and_one_wrong_order_takes_no_other_with_it() -> None:
    signed_in = {"data": {"login": {"__typename": "CurrentUser"}}}
    found, shop, asked = page((200, {}, FORBIDDEN), (200, {"vendure-auth-token": "new"}, signed_in), (200, {}, ORDERS))
    assert [fact.message_id.partition(":")[0] for fact in found.facts] == ["5SC62W"]
    assert [(kept.call, kept.reason_code) for kept in found.rejected] == [("vendure.asked.orders", "bad_shape")]
    assert "`$.code`" in found.rejected[0].reason
    assert shop.remembered == {"session": "new"}
    assert [one.get("authorization") for one in asked] == ["Bearer old", None, "Bearer new"]


def test_what_is_wrong_is_said_in_words() -> None:
    refused = {"data": {"login": {"__typename": "InvalidCredentialsError"}}}
    with pytest.raises(ShopRefuses, match="does not know this administrator"):
        page((200, {}, FORBIDDEN), (200, {}, refused))
    with pytest.raises(ShopRefuses, match="Cannot query field"):
        page((200, {}, {"errors": [{"message": "Cannot query field “x”"}]}))
    with pytest.raises(ShopRefuses, match=r"no \(403\): “Keys please”"):
        page((403, {}, {"message": "Keys please"}))
    with pytest.raises(ShopAnswersNonsense):
        page((200, {}, ["hello"]))
