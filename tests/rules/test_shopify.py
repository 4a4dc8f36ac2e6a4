"""Shopify's words → facts: exact amounts, the order's own name as its key, and one fact from webhook and API alike."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from kembali.collect.connectors.shopify import nodes
from kembali.collect.connectors.shopify.connector import SHOPIFY, ShopifyWebhooks
from kembali.collect.connectors.shopify.orders import order_facts
from kembali.collect.connectors.values import Delivery, Shop
from kembali.collect.contracts import NewFact
from kembali.collect.payloads import CartVersion, ConsentSaid, CustomerSaid, OrderVersion, ShipmentVersion
from kembali.kernel.errors import Refused
from tests.fakes.shopify import SECRET, ShopifyShop, order_webhook
from tests.fakes.shopify_api import ShopifyApi

AT = datetime(2031, 6, 1, tzinfo=UTC)
BESIDE = {"currency": "EUR", "webhook_id": "w1", "triggered_at": "2031-05-02T10:00:00+02:00"}
HOOKS = ShopifyWebhooks()


def read(topic: str, body: object, *, beside: dict[str, str] = BESIDE) -> list[NewFact]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    reading = HOOKS.read(topic, raw, beside, source="shopify", received_at=AT)
    assert reading.rejected == []
    return reading.facts


def refused(topic: str, body: object) -> tuple[str, str]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    reading = HOOKS.read(topic, raw, BESIDE, source="shopify", received_at=AT)
    assert reading.facts == []
    (kept,) = reading.rejected
    assert (kept.raw, kept.call, kept.source) == (raw, f"shopify.{topic}", "shopify")
    assert SHOPIFY.read_again(
        kept.call, kept.raw, kept.beside, source="shopify", is_trusted=True, received_at=AT
    ).rejected == [kept]
    return kept.reason_code, kept.reason


def order(**said: Any) -> tuple[OrderVersion, dict[str, Any]]:
    shop = ShopifyShop(currency=said.pop("currency", "EUR"))
    shop.customer(1)
    shop.order(1001, [("MUG", 2, "10.00"), ("GIFT-CARD", 1, "25.00")], **said)
    body = order_webhook(shop.orders[1001], shop)
    return version(body), body


def version(body: dict[str, Any]) -> OrderVersion:
    found = read("orders/updated", body)[0].payload
    assert isinstance(found, OrderVersion)
    return found


def test_an_order_is_read_to_the_cent() -> None:
    found, _ = order(financial_status="paid")
    assert (found.order_ref, found.status, found.currency) == ("#1001", "paid", "EUR")
    assert found.placed_at == datetime(2031, 5, 1, 8, 3, tzinfo=UTC)
    totals = found.totals
    assert (totals.total_minor, totals.subtotal_minor, totals.shipping_minor) == (5000, 4500, 500)
    assert (totals.tax_minor, totals.discount_minor, totals.refunded_minor) == (100, 0, 0)
    assert [(line.sku, line.quantity, line.unit_price, line.total_minor) for line in found.lines] == [
        ("MUG", 2, "10.00", 2000),
        ("GIFT-CARD", 1, "25.00", 2500),
    ]
    assert found.lines[1].properties == {"variant_ref": "77", "gift_card": True, "service": True}
    customer = found.customer
    assert (customer.customer_ref, customer.email) == ("shopify:1", "person1@example.com")
    assert (customer.first_name, customer.country, customer.city) == ("Billing", "NL", "Shipping town")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"financial_status": "paid"}, "paid"),
        ({"financial_status": "partially_refunded"}, "paid"),
        ({"financial_status": "authorized"}, "pending"),
        ({"financial_status": "refunded"}, "refunded"),
        ({"financial_status": "voided"}, "cancelled"),
        ({"financial_status": "paid", "cancelled_at": "2031-05-02T10:00:00+02:00"}, "cancelled"),
        ({"financial_status": "paid", "test": True}, "cancelled"),
        ({"financial_status": "something_new"}, "pending"),
    ],
)
def test_what_an_order_counts_as(said: dict[str, Any], status: str) -> None:
    assert order(**said)[0].status == status


def test_a_currency_without_cents_has_none() -> None:
    _, body = order(currency="JPY")
    body["total_price"] = "5000"
    assert version(body).totals.total_minor == 5000


def test_discounts_lower_the_line_and_tips_are_no_goods() -> None:
    _, body = order()
    body["line_items"][0]["discount_allocations"] = [{"amount": "1.50"}, {"amount": "0.25"}]
    body["line_items"].append({"title": "Tip", "quantity": 1, "price": "3.00", "tip": {"payment_gateway": "x"}})
    body["total_tip_received"] = "3.00"
    found = version(body)
    assert [line.total_minor for line in found.lines] == [1825, 2500]
    assert found.properties["tip_minor"] == 300


def test_only_money_that_went_back_is_a_refund() -> None:
    _, body = order()
    body["refunds"] = [
        {
            "transactions": [
                {"kind": "refund", "status": "success", "amount": "5.00", "currency": "EUR"},
                {"kind": "refund", "status": "failure", "amount": "7.00", "currency": "EUR"},
                {"kind": "void", "status": "success", "amount": "9.00", "currency": "EUR"},
            ]
        },
        {"transactions": []},
    ]
    assert version(body).totals.refunded_minor == 500


def test_a_refund_in_the_customers_currency_is_told_in_the_shops() -> None:
    _, body = order()
    body["presentment_currency"] = "USD"
    body["total_price_set"]["presentment_money"] = {"amount": "60.00", "currency_code": "USD"}
    body["refunds"] = [{"transactions": [{"kind": "refund", "status": "success", "amount": "6.00", "currency": "USD"}]}]
    found = version(body)
    assert (found.currency, found.totals.total_minor, found.totals.refunded_minor) == ("EUR", 5000, 500)
    assert (found.properties["shown_currency"], found.properties["shown_total"]) == ("USD", "60.00")


def test_a_guest_is_known_by_the_address_of_the_order() -> None:
    _, body = order(customer=None)
    body |= {"email": "guest@example.com", "phone": "+31600000000"}
    fact = read("orders/create", body)[0]
    assert fact.identifiers == {"email": "guest@example.com", "phone": "+31600000000"}


def test_numbers_of_64_bits_stay_whole() -> None:
    _, body = order()
    body["id"] = 9_007_199_254_740_993_123
    body["customer"]["id"] = 7_206_571_007_155_123_461
    found = version(body)
    assert found.properties["id"] == "9007199254740993123"
    assert found.customer.customer_ref == "shopify:7206571007155123461"


def test_webhook_and_api_make_the_same_facts() -> None:
    shop = ShopifyShop()
    shop.customer(1)
    shop.product(3)
    shop.order(1001, [("MUG", 2, "10.00"), ("GIFT-CARD", 1, "25.50")], codes=["WELCOME"], tip="2.00")
    shop.pay(1001)
    shop.refund(1001, "5.00")
    shop.ship(1001, "delivered")
    node = ShopifyApi(shop)._order(shop.orders[1001])
    asked = list(order_facts(nodes.order_of(node), source="shopify", observed_at=AT))
    told = read("orders/updated", order_webhook(shop.orders[1001], shop))
    assert [fact.message_id for fact in asked] == [fact.message_id for fact in told]
    assert asked == told


def test_parcels_tell_their_order_by_their_name() -> None:
    for name in ("#1001.1", "#1001-F2", "EU-1001.12"):
        fact = read(
            "fulfillments/update", {"id": 5, "name": name, "status": "success", "shipment_status": "in_transit"}
        )
        assert isinstance(fact[0].payload, ShipmentVersion)
        assert (fact[0].payload.order_ref, fact[0].payload.status) == (
            name.partition(".")[0].removesuffix("-F2"),
            "in_transit",
        )
    assert refused("fulfillments/update", {"id": 5, "name": "nothing"})[0] == "not_understood"


def test_a_checkout_opens_completes_and_goes() -> None:
    shop = ShopifyShop()
    shop.checkout(7)
    shop.checkout(7, completed=True)
    shop.checkout(7, gone=True)
    found = [read(sent.topic, sent.body)[0] for sent in shop.sent]
    versions = [fact.payload for fact in found if isinstance(fact.payload, CartVersion)]
    assert [(one.cart_ref, one.status, one.total_minor) for one in versions] == [
        ("7", "open", 1200),
        ("7", "completed", 1200),
        ("7", "deleted", None),
    ]
    assert found[0].identifiers == {"email": "someone@example.com"}
    assert found[2].occurred_at == datetime(2031, 5, 2, 8, tzinfo=UTC)


def test_a_cart_counts_in_the_shops_currency() -> None:
    body = {"id": "c1", "token": "c1", "updated_at": "2031-05-02T10:00:00+02:00", "line_items": [
        {"quantity": 2, "price": "5.00", "line_price": "9.00", "title": "Thing"}]}  # fmt: skip
    cart = read("carts/update", body)[0].payload
    assert isinstance(cart, CartVersion)
    assert (cart.cart_ref, cart.currency, cart.total_minor) == ("c1", "EUR", 900)


@pytest.mark.parametrize(
    ("state", "level", "at", "expected"),
    [
        ("subscribed", "confirmed_opt_in", "2031-05-02T10:00:00+02:00", ("given", "double_opt_in")),
        ("subscribed", "single_opt_in", "2031-05-02T10:00:00+02:00", ("given", "opt_in")),
        ("subscribed", "unknown", "2031-05-02T10:00:00+02:00", ("given", "imported")),
        ("subscribed", "confirmed_opt_in", None, ("given", "imported")),
        ("unsubscribed", "single_opt_in", "2031-05-02T10:00:00+02:00", ("withdrawn", "opt_in")),
        ("pending", "confirmed_opt_in", "2031-05-02T10:00:00+02:00", ("pending", "double_opt_in")),
    ],
)
def test_a_permission_is_told_with_its_proof(state: str, level: str, at: str | None, expected: tuple[str, str]) -> None:
    consent = {"state": state, "opt_in_level": level, "consent_updated_at": at}
    body = {"customer_id": 5, "email_address": "a@example.com", "email_marketing_consent": consent}
    (fact,) = read("customers_email_marketing_consent/update", body)
    said = fact.payload
    assert isinstance(said, ConsentSaid)
    assert (said.channel, said.state, said.basis) == ("email", *expected)
    assert fact.identifiers == {"email": "a@example.com", "customer_ref": "shopify:5"}
    assert said.evidence["opt_in_level"] == level


def test_nobody_who_never_answered_is_said_to_have() -> None:
    consent = {"state": "not_subscribed", "opt_in_level": "single_opt_in", "consent_updated_at": None}
    body = {"customer_id": 5, "email_address": "a@example.com", "email_marketing_consent": consent}
    assert read("customers_email_marketing_consent/update", body) == []


def test_a_customer_who_is_called_as_before_has_said_so_again() -> None:
    shop = ShopifyShop()
    for name in ("Ann", "Bea", "Ann"):
        shop.customer(1, first_name=name)
    facts = [read(sent.topic, sent.body)[0] for sent in shop.sent]
    assert len({fact.message_id for fact in facts}) == 3
    said = facts[2].payload
    assert isinstance(said, CustomerSaid)
    assert (said.first_name, facts[2].kind) == ("Ann", "customer.profile")


@pytest.mark.parametrize(
    ("topic", "request_kind"),
    [("customers/data_request", "export"), ("customers/redact", "erasure"), ("shop/redact", "shop_erasure")],
)
def test_what_the_law_lets_people_demand_is_passed_on(topic: str, request_kind: str) -> None:
    body = {
        "shop_id": 9,
        "customer": {"id": 5, "email": "a@example.com", "phone": None},
        "orders_to_redact": [11, 12],
        "data_request": {"id": 77},
    }
    (fact,) = read(topic, body)
    payload = msgspec.to_builtins(fact.payload)
    assert (fact.kind, payload["request"]) == ("privacy.requested", request_kind)
    assert fact.identifiers == {"customer_ref": "shopify:5", "email": "a@example.com"}
    assert fact.message_id == f"privacy:{topic}:w1"


def test_what_says_less_than_it_means_gives_no_fact_and_wakes() -> None:
    for topic in ("refunds/create", "products/update", "customer.tags_added", "app/uninstalled"):
        assert read(topic, {"id": 1}) == []
        assert HOOKS.wakes(topic)
    assert not HOOKS.wakes("orders/updated")


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("orders/updated", b"not json"),
        ("orders/updated", b"[1, 2]"),
        ("orders/updated", {"id": 1}),
        ("orders/updated", {"id": 1, "name": "#1", "created_at": "yesterday", "currency": "EUR"}),
        ("orders/updated", {"id": 1, "name": "#1", "created_at": "2031-05-01T10:00:00", "currency": "EUR"}),
        ("orders/updated", {"id": 1, "name": "#1", "created_at": "2031-05-01T10:00:00Z", "currency": "euros"}),
        ("orders/updated", {"id": 1, "name": " ", "created_at": "2031-05-01T10:00:00Z", "currency": "EUR"}),
        (
            "orders/updated",
            {"id": 1, "name": "#1", "created_at": "2031-05-01T10:00:00Z", "currency": "EUR", "total_price": "NaN"},
        ),
        ("orders/delete", {"id": 4}),
        ("customers/update", {"email": "a@example.com"}),
        ("no/such", {"id": 1}),
        ("checkouts/update", {"token": "x", "currency": "EUR"}),
    ],
)
def test_what_is_not_understood_is_kept_with_its_reason(topic: str, body: object) -> None:
    assert len(refused(topic, body)[1]) > 10


def test_both_families_of_headers_and_both_secrets_count() -> None:
    shop = ShopifyShop()
    shop.customer(1)
    (sent,) = shop.sent
    ours = Shop(name="shopify", address="", secrets={"client_secret": SECRET}, previous={"client_secret": "older"})
    for family in ("x-", ""):
        for secret, genuine in ((SECRET, True), ("older", True), ("guessed", False)):
            delivery = Delivery(sent.headers(secret=secret, family=family), sent.body)
            assert HOOKS.is_genuine(delivery, ours) is genuine
            assert HOOKS.call_of(delivery) == "customers/create"
    assert not HOOKS.is_genuine(Delivery(sent.headers(secret=""), sent.body), Shop(name="shopify", address=""))


@pytest.mark.parametrize(
    "entered",
    [
        "made-up",
        "Made-Up.myshopify.com",
        "https://made-up.myshopify.com/",
        "https://admin.shopify.com/store/made-up/settings",
    ],
)
def test_a_shops_address_may_be_entered_as_it_is_known(entered: str) -> None:
    assert SHOPIFY.address_of(entered) == "https://made-up.myshopify.com"


@pytest.mark.parametrize("entered", ["", "https://evil.example/x", "a b", "made-up.example.com", "user@made-up"])
def test_a_secret_is_sent_to_nobody_but_shopify(entered: str) -> None:
    with pytest.raises(Refused):
        SHOPIFY.address_of(entered)
