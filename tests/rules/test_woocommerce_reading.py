"""What WooCommerce says, read as facts: amounts to the minor unit, whose it is, what stays secret."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kembali.collect.connectors.errors import BadConnection
from kembali.collect.connectors.values import Delivery, Shop
from kembali.collect.connectors.woocommerce.connector import WooCommerce
from kembali.collect.connectors.woocommerce.hooks import secrets_of
from kembali.collect.connectors.woocommerce.reading import facts_of
from kembali.collect.contracts import NewFact
from kembali.collect.payloads import (
    CartVersion,
    ConsentSaid,
    CustomerSaid,
    OrderTotals,
    OrderVersion,
    ProductVersion,
    ShipmentVersion,
)
from tests.fakes.woocommerce import Site
from tests.fakes.woocommerce.site import encoded, signature
from tests.fakes.woocommerce.wire import order as wire_order

SEEN = datetime(2026, 6, 2, tzinfo=UTC)
SHOP = Shop(name="woocommerce", address="https://shop.example", secrets={"key": "ck_1", "secret": "cs_1"})
WOO = WooCommerce().webhooks


def placed(**more: Any) -> dict[str, Any]:
    """Return an order of 2 mugs at 12.50 and a tea at 4.00, shipped for 4.90, a fifth of tax."""
    site = Site()
    number = site.place([("MUG", 2, "12.50"), ("TEA", 1, "4.00")], email="Ida@Example.com", **more)
    return site.orders[number]


def read(item: dict[str, Any], **beside: str) -> list[NewFact]:
    return facts_of("order", item, beside, source="woocommerce", seen_at=SEEN)


def version(item: dict[str, Any], **beside: str) -> OrderVersion:
    (fact,) = [one for one in read(item, **beside) if one.kind == "order.version"]
    assert isinstance(fact.payload, OrderVersion)
    return fact.payload


def test_an_order_is_read_to_the_cent_and_its_parts_add_up() -> None:
    order = version(placed())
    assert order.totals == OrderTotals(
        total_minor=4068,
        subtotal_minor=2900,
        discount_minor=0,
        shipping_minor=490,
        tax_minor=678,
    )
    assert [(line.sku, line.quantity, line.unit_price, line.total_minor) for line in order.lines] == [
        ("MUG", 2, "12.5", 2500),
        ("TEA", 1, "4", 400),
    ]
    assert 2500 + 400 + 490 + 678 == 4068
    assert (order.order_ref, order.currency, order.status) == ("101", "EUR", "pending")
    assert order.placed_at == datetime(2026, 6, 1, 9, tzinfo=UTC)


def test_the_number_is_the_key_and_the_id_stands_beside_it() -> None:
    order = version(placed(number="R-2026-7"))
    assert (order.order_ref, order.properties["id"]) == ("R-2026-7", 101)


def test_a_guest_is_known_by_what_was_typed_and_an_account_by_its_number_too() -> None:
    assert read(placed())[0].identifiers == {"email": "Ida@Example.com", "phone": "+4755000001"}
    assert read(placed(customer_id=7))[0].identifiers["customer_ref"] == "woocommerce:7"


def test_a_partial_refund_is_an_amount_and_a_full_one_a_status() -> None:
    part = version(placed(status="processing", refunds=[{"id": 9, "reason": "broken", "total": "-10.00"}]))
    assert (part.status, part.totals.refunded_minor) == ("paid", 1000)
    assert part.properties["refunds"] == [{"id": 9, "amount_minor": 1000, "reason": "broken"}]
    assert version(placed(status="refunded", refunds=[{"id": 9, "total": "-40.68"}])).status == "refunded"


def test_statuses_of_plugins_are_explained_by_the_shop_else_the_payment_tells() -> None:
    assert version(placed(status="wc-shipped"), statuses="shipped=paid").status == "paid"
    unknown = version(placed(status="in-production"))
    assert (unknown.status, unknown.properties["status_unknown"]) == ("pending", True)
    paid = version(placed(status="in-production", date_paid_gmt="2026-06-01T09:05:00"))
    assert (paid.status, paid.properties["status"]) == ("paid", "in-production")
    with pytest.raises(BadConnection, match="shipped=sent"):
        read(placed(), statuses="shipped=sent")


def test_of_two_versions_of_one_second_the_one_further_on_counts() -> None:
    ranks = [
        version(placed(status=status, **more)).updated_at
        for status, more in (
            ("pending", {}),
            ("processing", {}),
            ("completed", {"date_completed_gmt": "2026-06-01T09:00:00"}),
            ("processing", {"refunds": [{"id": 1, "total": "-1"}]}),
            ("cancelled", {}),
            ("refunded", {}),
            ("trash", {}),
            ("pending", {"date_modified_gmt": "2026-06-01T09:00:01"}),
        )
    ]
    assert all(at is not None for at in ranks)
    assert ranks == sorted(set(ranks), key=lambda at: at or SEEN)


def test_fees_are_lines_of_service_and_discounts_are_off_the_lines_already() -> None:
    item = placed(fee_lines=[{"id": 5, "name": "Gift wrap", "total": "2.00"}], total="43.08", total_tax="7.18")
    item["line_items"][0] |= {"subtotal": "25.00", "total": "20.00"}
    item["discount_total"] = "5.00"
    order = version(item | {"coupon_lines": [{"id": 1, "code": "may", "discount": "5"}]})
    assert [(line.title, line.unit_price, line.total_minor, line.properties) for line in order.lines[::2]] == [
        ("Mug", "12.5", 2000, {"product_ref": "51", "variant_ref": "51"}),
        ("Gift wrap", "2", 200, {"service": True}),
    ]
    assert (order.totals.discount_minor, order.properties["coupons"]) == (500, ["may"])


def test_goods_sold_by_weight_keep_their_weight() -> None:
    item = placed()
    item["line_items"][0] |= {"quantity": 0.35, "subtotal": "7.00", "total": "7.00"}
    line = version(item).lines[0]
    assert (line.quantity, line.unit_price, line.total_minor) == (1, "20", 700)
    assert line.properties == {"product_ref": "51", "variant_ref": "51", "quantity": "0.35"}


def test_yen_have_no_cents_and_dinars_three_digits() -> None:
    assert version(placed(currency="JPY", total="4068")).totals.total_minor == 4068
    assert version(placed(currency="KWD", total="4.068")).totals.total_minor == 4068


def test_no_secret_of_the_shop_or_its_plugins_is_kept() -> None:
    secrets = ["_stripe_intent_id", "wc_gateway_token", "api_key", "IBAN", "session_hash", "paypal_auth"]
    meta = [{"key": key, "value": f"secret-{key}"} for key in secrets] + [
        {"key": "gift_message", "value": "Happy birthday"},
        {"key": "parts", "value": {"nested": "secret"}},
    ]
    order = version(placed(meta_data=meta))
    text = msgspec.json.encode(order).decode()
    assert "secret" not in text
    assert order.properties["meta"] == {"gift_message": "Happy birthday"}


def test_where_the_buyer_came_from_is_kept() -> None:
    assert version(placed()).properties["attribution"] == {"utm_source": "newsletter"}


def test_a_ticked_box_is_a_permission_with_its_proof_and_an_empty_one_is_nothing() -> None:
    box = {"consent_field": "_wc_other/shop/news", "consent_wording": "Write me about new mugs."}
    ticked = placed(meta_data=[{"key": "_wc_other/shop/news", "value": "1"}])
    (said,) = [one for one in read(ticked, **box) if one.kind == "consent.stated"]
    assert said.payload == ConsentSaid(
        channel="email",
        state="given",
        basis="opt_in",
        wording="Write me about new mugs.",
        evidence={"order": "101", "field": "_wc_other/shop/news", "value": "1", "ip": "203.0.113.7"},
    )
    assert said.occurred_at == datetime(2026, 6, 1, 9, tzinfo=UTC)
    for value in ("0", "", False, None):
        empty = placed(meta_data=[{"key": "_wc_other/shop/news", "value": value}])
        assert [one.kind for one in read(empty, **box)] == ["order.version"]
    assert [one.kind for one in read(ticked)] == ["order.version"]


def test_parcels_of_the_tracking_plugins_are_shipments() -> None:
    item = {"tracking_provider": "dhl", "tracking_number": "JJD01", "date_shipped": "1780387200", "tracking_id": "ab"}
    order = placed(meta_data=[{"key": "_wc_shipment_tracking_items", "value": [item, "junk", {}]}])
    (fact,) = [one for one in read(order) if one.kind == "shipment.version"]
    assert isinstance(fact.payload, ShipmentVersion)
    assert (fact.payload.shipment_ref, fact.payload.carrier, fact.payload.tracking_number) == ("101:ab", "dhl", "JJD01")
    assert fact.occurred_at == fact.payload.shipped_at == datetime(2026, 6, 2, 8, tzinfo=UTC)


def test_a_draft_of_the_checkout_is_a_checkout_and_no_order() -> None:
    (fact,) = read(placed(status="checkout-draft"))
    assert fact.kind == "checkout.version"
    assert isinstance(fact.payload, CartVersion)
    assert (fact.payload.cart_ref, fact.payload.order_ref, fact.payload.total_minor) == ("order:101", "101", 4068)
    assert read(placed(status="auto-draft")) == []


def test_an_account_is_a_profile_and_staff_is_none() -> None:
    site = Site()
    account = site.accounts[site.sign_up("jo@example.com", "Jo")]
    (fact,) = facts_of("customer", account, {}, source="woocommerce", seen_at=SEEN)
    assert fact.payload == CustomerSaid(customer_ref="woocommerce:101", email="jo@example.com", first_name="Jo")
    assert fact.identifiers == {"customer_ref": "woocommerce:101", "email": "jo@example.com"}
    assert facts_of("customer", account | {"role": "shop_manager"}, {}, source="woocommerce", seen_at=SEEN) == []


def test_an_account_changed_back_is_news_again() -> None:
    site = Site()
    account = site.accounts[site.sign_up("jo@example.com", "Jo")]
    seen = [
        facts_of("customer", account | changes, {}, source="woocommerce", seen_at=SEEN)[0].message_id
        for changes in (
            {},
            {"first_name": "Joe", "date_modified_gmt": "2026-06-01T10:00:00"},
            {"date_modified_gmt": "2026-06-01T11:00:00"},
            {},
        )
    ]
    assert len(set(seen)) == 3
    assert seen[0] == seen[3]


def test_a_variation_that_changes_makes_its_product_newer() -> None:
    site = Site()
    number = site.stock_variations("Tea pot", {"red": "29.00"})
    (fact,) = facts_of(
        "product",
        site.products[number]
        | {"variations": [site.variations[number][0] | {"date_modified_gmt": "2026-06-05T12:00:00"}]},
        {"currency": "EUR"},
        source="woocommerce",
        seen_at=SEEN,
    )
    assert isinstance(fact.payload, ProductVersion)
    assert fact.payload.updated_at == fact.occurred_at == datetime(2026, 6, 5, 12, tzinfo=UTC)


def test_a_product_is_read_with_its_variations() -> None:
    site = Site()
    number = site.stock_variations("Tea pot", {"red": "29.00", "blue": "31.00"})
    whole = site.products[number] | {"variations": site.variations[number]}
    (fact,) = facts_of("product", whole, {"currency": "EUR"}, source="woocommerce", seen_at=SEEN)
    product = fact.payload
    assert isinstance(product, ProductVersion)
    assert [(one.sku, one.title, one.price_minor, one.stock) for one in product.variants] == [
        ("V101-red", "red", 2900, 3),
        ("V101-blue", "blue", 3100, 3),
    ]
    assert (product.product_ref, product.status, product.categories) == ("101", "active", ["Kitchen"])


def test_the_same_order_by_webhook_and_by_asking_is_one_fact() -> None:
    item = placed()
    hook = WOO.read("order.updated", encoded(item), {}, source="woocommerce", received_at=SEEN)
    (asked,) = facts_of("order", item, {}, source="woocommerce", seen_at=datetime(2026, 7, 1, tzinfo=UTC))
    assert [fact.message_id for fact in hook.facts] == [asked.message_id]
    assert asked.message_id.startswith("101:")


def delivery(topic: str, body: bytes, secret: str | None) -> Delivery:
    headers = {"x-wc-webhook-topic": topic}
    if secret is not None:
        headers["x-wc-webhook-signature"] = signature(secret, body)
    return Delivery(headers, body)


def test_only_what_our_secret_signed_is_genuine_and_a_replaced_key_counts_until_it_ends() -> None:
    (secret,) = secrets_of(SHOP)
    body = encoded(placed())
    assert WOO.is_genuine(delivery("order.created", body, secret), SHOP)
    assert not WOO.is_genuine(delivery("order.created", body + b" ", None), SHOP)
    assert not WOO.is_genuine(delivery("order.created", body, "another"), SHOP)
    rotated = Shop(name="w", address=SHOP.address, secrets={"secret": "cs_2"}, previous=SHOP.secrets)
    assert WOO.is_genuine(delivery("order.created", body, secret), rotated)
    assert not WOO.is_genuine(delivery("order.created", body, ""), Shop(name="w", address="https://shop.example"))


def test_the_ping_is_a_greeting_and_nothing_signed_is() -> None:
    assert WOO.is_greeting(Delivery({"content-type": "application/x-www-form-urlencoded"}, b"webhook_id=9"))
    assert not WOO.is_greeting(Delivery({}, b"webhook_id=9&x=1"))
    assert not WOO.is_greeting(Delivery({"x-wc-webhook-topic": "order.created"}, b"webhook_id=9"))


def test_a_bare_id_gives_no_fact_but_has_the_shop_asked() -> None:
    assert WOO.read("order.deleted", b'{"id":7}', {}, source="w", received_at=SEEN).facts == []
    assert WOO.wakes("order.deleted")
    assert not WOO.wakes("order.updated")


def test_what_cannot_be_understood_is_kept_with_its_reason() -> None:
    cases = {
        b'{"code":"woocommerce_rest_cannot_view","message":"Sorry","data":{"status":401}}': "bad_shop_data",
        b'{"id":7,"status":"processing","currency":"EUR","total":"x","date_created_gmt":"2026-06-01T09:00:00"}': (
            "bad_amount"
        ),
        b'{"id":7,"status":"processing","currency":"??","total":"1","date_created_gmt":"2026-06-01T09:00:00"}': (
            "bad_currency"
        ),
        b'{"id":7,"status":"processing","currency":"EUR","total":"1"}': "bad_shop_data",
        b'{"status":"processing"}': "bad_shape",
        b"[1]": "bad_shape",
        b"{": "bad_json",
    }
    for body, code in cases.items():
        reading = WOO.read("order.updated", body, {"statuses": "a=paid"}, source="w", received_at=SEEN)
        assert reading.facts == []
        (kept,) = reading.rejected
        assert (kept.reason_code, kept.raw, kept.call) == (code, body, "woocommerce.order.updated")
        assert kept.beside == b'{"statuses":"a=paid"}'


AMOUNT = st.decimals(min_value=0, max_value=99_999, places=6)


@given(lines=st.lists(st.tuples(AMOUNT, st.integers(1, 99)), max_size=8), fee=AMOUNT, shipping=AMOUNT, tax=AMOUNT)
def test_lines_shipping_and_tax_add_up_to_the_total_up_to_rounding(
    lines: list[tuple[Decimal, int]], fee: Decimal, shipping: Decimal, tax: Decimal
) -> None:
    item = wire_order(1, 1, [], email="a@b.c", customer_id=0, at=SEEN)
    item["line_items"] = [
        {"id": 1, "name": "x", "quantity": pieces, "subtotal": str(total), "total": str(total)}
        for total, pieces in lines
    ]
    item["fee_lines"] = [{"name": "fee", "total": str(fee)}]
    total = sum((one for one, _ in lines), fee + shipping + tax)
    order = version(item | {"shipping_total": str(shipping), "total_tax": str(tax), "total": str(total)})
    parts = sum(line.total_minor for line in order.lines)
    parts += (order.totals.shipping_minor or 0) + (order.totals.tax_minor or 0)
    assert abs(parts - order.totals.total_minor) <= len(lines) + 3
    assert all("E" not in line.unit_price for line in order.lines)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


@given(
    member=st.sampled_from(sorted(placed())),
    value=JSON,
    topic=st.sampled_from(["order.updated", "x", "product.deleted"]),
)
def test_whatever_a_plugin_puts_into_a_member_it_is_a_fact_or_kept(member: str, value: object, topic: str) -> None:
    body = encoded(placed() | {member: value})
    reading = WOO.read(topic, body, {"currency": "EUR"}, source="w", received_at=SEEN)
    assert all(kept.raw == body and kept.reason for kept in reading.rejected)
    assert len(reading.facts) + len(reading.rejected) <= 2
