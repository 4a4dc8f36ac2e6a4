"""A Shopify shop for tests: what happens in it, and the webhooks it sends about that, in the platform's own shapes.

`ShopifyApi` in `shopify_api` is its GraphQL side. All names and values are made up.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from kembali.collect.connectors.signing import signature_of

SECRET = "shpss_made_up"
START = datetime(2031, 5, 1, 8, tzinfo=UTC)
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """One webhook as it was made: retries send the same bytes again."""

    topic: str
    body: bytes
    triggered_at: datetime
    number: int

    def headers(self, *, secret: str = SECRET, family: str = "x-") -> dict[str, str]:
        """Return its headers; `family`: the older ones begin with x-, the newer ones do not."""
        said = {
            "hmac-sha256": signature_of(secret, self.body),
            "topic": self.topic,
            "shop-domain": "made-up.myshopify.com",
            "api-version": "2026-07",
            "webhook-id": f"hook-{self.number}",
            "triggered-at": self.triggered_at.isoformat(),
        }
        return {f"{family}shopify-{name}": value for name, value in said.items()}


@dataclass
class ShopifyShop:
    """Orders, customers and products by number; `sent` holds every webhook ever made, in the order of making."""

    currency: str = "EUR"
    now: datetime = START
    pace: int = 60
    orders: dict[int, Json] = field(default_factory=dict)
    customers: dict[int, Json] = field(default_factory=dict)
    products: dict[int, Json] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)

    def tick(self, seconds: int | None = None) -> str:
        """Let time pass, `pace` seconds where nothing is said; return it as webhooks write it: with an offset."""
        self.now += timedelta(seconds=self.pace if seconds is None else seconds)
        return stamp(self.now)

    def customer(self, number: int, **said: Any) -> Json:
        """Make or change a customer."""
        known = self.customers.get(number) or {
            "id": number,
            "created_at": self.tick(),
            "email": f"person{number}@example.com",
            "first_name": f"Given{number}",
            "last_name": "Family",
            "phone": None,
            "locale": "en",
            "tags": [],
            "consent": {"state": "not_subscribed", "opt_in_level": "single_opt_in", "consent_updated_at": None},
            "default_address": None,
        }
        topic = "customers/update" if number in self.customers else "customers/create"
        self.customers[number] = {**known, **said, "updated_at": self.tick()}
        self._send(topic, customer_webhook(self.customers[number]))
        return self.customers[number]

    def consents(self, number: int, state: str, level: str = "single_opt_in") -> None:
        """Change a customer's permission for mail."""
        at = self.tick()
        consent = {"state": state, "opt_in_level": level, "consent_updated_at": at}
        self.customers[number] |= {"consent": consent, "updated_at": at}
        body = {
            "customer_id": number,
            "email_address": self.customers[number]["email"],
            "email_marketing_consent": consent,
        }
        self._send("customers_email_marketing_consent/update", body)

    def product(self, number: int, **said: Any) -> Json:
        """Make or change a product with one variant."""
        known = self.products.get(number) or {
            "id": number,
            "title": f"Thing {number}",
            "handle": f"thing-{number}",
            "vendor": "Maker",
            "product_type": "Things",
            "status": "active",
            "tags": ["b", "a"],
            "price": "10.00",
            "cost": "4.00",
            "stock": 5,
        }
        topic = "products/update" if number in self.products else "products/create"
        self.products[number] = {**known, **said, "updated_at": self.tick()}
        self._send(topic, {"id": number, "title": self.products[number]["title"]})
        return self.products[number]

    def order(
        self, number: int, lines: Sequence[tuple[str, int, str]], *, customer: int | None = 1, **said: Any
    ) -> Json:
        """Place an order: lines of SKU, pieces, unit price."""
        at = self.tick()
        total = sum((Decimal(price) * pieces for _, pieces, price in lines), Decimal(0))
        self.orders[number] = {
            "id": number,
            "name": f"#{number}",
            "created_at": at,
            "processed_at": at,
            "updated_at": at,
            "cancelled_at": None,
            "cancel_reason": None,
            "customer": customer,
            "email": f"person{customer}@example.com" if customer else None,
            "financial_status": "pending",
            "fulfillment_status": None,
            "total": f"{total + 5:.2f}",
            "shipping": "5.00",
            "discount": "0.00",
            "tax": "1.00",
            "refunded": [],
            "tip": "0.00",
            "test": False,
            "tags": ["web", "gift"],
            "codes": [],
            "lines": [{"sku": sku, "quantity": pieces, "price": price} for sku, pieces, price in lines],
            "parcels": [],
            **said,
        }
        self._changed(number, "orders/create")
        return self.orders[number]

    def pay(self, number: int) -> None:
        """Let an order be paid: Shopify sends two webhooks with one content."""
        self._change(number, "orders/paid", financial_status="paid")

    def cancel(self, number: int) -> None:
        """Cancel an order."""
        self._change(number, "orders/cancelled", cancelled_at=self.tick(), cancel_reason="customer")

    def refund(self, number: int, amount: str) -> None:
        """Give something back."""
        order = self.orders[number]
        back = [*order["refunded"], amount]
        whole = sum(map(Decimal, back)) >= Decimal(order["total"])
        self._send("refunds/create", {"id": number * 10 + len(back), "order_id": number, "transactions": []})
        self._change(
            number, "orders/updated", refunded=back, financial_status="refunded" if whole else "partially_refunded"
        )

    def ship(self, number: int, shown: str | None = None) -> None:
        """Send an order's parcel, or change where it is."""
        order, at = self.orders[number], self.tick()
        parcel = order["parcels"][0] if order["parcels"] else {"id": number * 100, "created_at": at}
        parcel = {**parcel, "status": "success", "shipment_status": shown, "updated_at": at}
        topic = "fulfillments/update" if order["parcels"] else "fulfillments/create"
        order |= {"parcels": [parcel], "fulfillment_status": "fulfilled"}
        self._send(topic, {**parcel_webhook(parcel, order["name"]), "order_id": number})
        self._change(number, "orders/fulfilled")

    def checkout(self, number: int, *, completed: bool = False, gone: bool = False, **said: Any) -> None:
        """Begin, complete or delete a checkout."""
        at = self.tick()
        if gone:
            self._send("checkouts/delete", {"id": number, "presentment_currency": self.currency})
            return
        body = {
            "id": number,
            "token": f"token{number}",
            "email": "someone@example.com",
            "currency": self.currency,
            "total_price": "12.00",
            "created_at": at,
            "updated_at": at,
            "completed_at": at if completed else None,
            "abandoned_checkout_url": f"https://made-up.myshopify.com/checkouts/{number}/recover",
            "line_items": [{"title": "Thing", "quantity": 1, "price": "12.00", "sku": "THING"}],
            **said,
        }
        self._send("checkouts/update", body)

    def say(self, topic: str, body: Json) -> None:
        """Send any other webhook."""
        self.tick()
        self._send(topic, body)

    def _change(self, number: int, topic: str, **said: Any) -> None:
        self.orders[number] |= {**said, "updated_at": self.tick()}
        self._changed(number, topic)

    def _changed(self, number: int, topic: str) -> None:
        body = order_webhook(self.orders[number], self)
        self._send(topic, body)
        if topic != "orders/updated":
            self._send("orders/updated", body)

    def _send(self, topic: str, body: Json) -> None:
        raw = json.dumps(body, separators=(",", ":")).encode()
        self.sent.append(Sent(topic, raw, self.now, len(self.sent)))


def deliver(shop: ShopifyShop, send: Callable[[Sent], int], *, order: Sequence[int] | None = None) -> list[int]:
    """Send webhooks in an order of one's own (numbers may be missing or repeated); return what was answered."""
    return [send(shop.sent[number]) for number in (order if order is not None else range(len(shop.sent)))]


def stamp(at: datetime) -> str:
    """Return an instant as Shopify's webhooks write it: in the shop's zone."""
    hours = timedelta(hours=2)
    return f"{at + hours:%Y-%m-%dT%H:%M:%S}+02:00"


def money_set(amount: str, currency: str) -> Json:
    """Return an amount as webhooks write sets."""
    money = {"amount": amount, "currency_code": currency}
    return {"shop_money": money, "presentment_money": money}


def customer_webhook(customer: Json) -> Json:
    """Return a customer as webhooks tell it since 2025: without tags and without permissions."""
    left_out = ("tags", "consent")
    return {name: value for name, value in customer.items() if name not in left_out}


def parcel_webhook(parcel: Json, order_name: str) -> Json:
    """Return a parcel as webhooks tell it."""
    return {
        **parcel,
        "name": f"{order_name}.1",
        "tracking_company": "Carrier",
        "tracking_number": "TRACK1",
        "tracking_url": "https://carrier.example/TRACK1",
    }


def order_webhook(order: Json, shop: ShopifyShop) -> Json:
    """Return an order as webhooks tell it."""
    customer = shop.customers.get(order["customer"])
    subtotal = f"{Decimal(order['total']) - Decimal(order['shipping']):.2f}"
    return {
        "id": order["id"],
        "admin_graphql_api_id": f"gid://shopify/Order/{order['id']}",
        "name": order["name"],
        "order_number": order["id"],
        **{name: order[name] for name in ("created_at", "processed_at", "updated_at", "cancelled_at", "cancel_reason")},
        "currency": shop.currency,
        "presentment_currency": shop.currency,
        "total_price": order["total"],
        "subtotal_price": subtotal,
        "total_discounts": order["discount"],
        "total_tax": order["tax"],
        "total_tip_received": order["tip"],
        "total_price_set": money_set(order["total"], shop.currency),
        "total_shipping_price_set": money_set(order["shipping"], shop.currency),
        "taxes_included": True,
        "financial_status": order["financial_status"],
        "fulfillment_status": order["fulfillment_status"],
        "test": order["test"],
        "email": order["email"],
        "contact_email": order["email"],
        "phone": None,
        "buyer_accepts_marketing": False,
        "customer_locale": "en",
        "source_name": "web",
        "tags": ", ".join(order["tags"]),
        "payment_gateway_names": ["bogus"],
        "discount_codes": [{"code": code, "amount": "1.00", "type": "fixed_amount"} for code in order["codes"]],
        "customer": customer and {name: customer[name] for name in ("id", "email", "phone", "first_name", "last_name")},
        "billing_address": address("Billing"),
        "shipping_address": address("Shipping"),
        "line_items": [
            {
                "id": order["id"] * 1000 + place,
                "sku": line["sku"],
                "name": line["sku"].title(),
                "title": line["sku"].title(),
                "quantity": line["quantity"],
                "price": line["price"],
                "gift_card": line["sku"].startswith("GIFT"),
                "product_id": None,
                "variant_id": 77,
                "discount_allocations": [],
            }
            for place, line in enumerate(order["lines"])
        ],
        "refunds": [
            {"transactions": [{"kind": "refund", "status": "success", "amount": one, "currency": shop.currency}]}
            for one in order["refunded"]
        ],
        "fulfillments": [parcel_webhook(parcel, order["name"]) for parcel in order["parcels"]],
    }


def address(kind: str) -> Json:
    """Return an address."""
    return {"first_name": kind, "last_name": "Family", "country_code": "NL", "city": f"{kind} town"}
