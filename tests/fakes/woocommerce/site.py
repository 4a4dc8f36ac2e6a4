"""The shop itself: its things as WooCommerce's REST API shows them, a clock of its own, and webhooks that give up."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.fakes.woocommerce.wire import account, order, product, variation

KEY, SECRET = "ck_5f0000000000000000000000000000000000beef", "cs_5f0000000000000000000000000000000000cafe"
_MOST_FAILURES = 5


@dataclass(frozen=True)
class Sent:
    """A webhook on its way."""

    url: str
    headers: dict[str, str]
    body: bytes
    hook_id: int


@dataclass
class Site:
    """One shop. `number_gap` > 0: a plugin gives order numbers of their own. `now` is the shop's clock."""

    now: datetime = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
    currency: str = "EUR"
    number_gap: int = 0
    orders: dict[int, dict[str, Any]] = field(default_factory=dict)
    products: dict[int, dict[str, Any]] = field(default_factory=dict)
    variations: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    accounts: dict[int, dict[str, Any]] = field(default_factory=dict)
    hooks: dict[int, dict[str, Any]] = field(default_factory=dict)
    outbox: list[Sent] = field(default_factory=list)
    _next_id: int = 100

    def take_id(self) -> int:
        """Return the next id of the one row of ids that WordPress has for everything."""
        self._next_id += 1
        return self._next_id

    def later(self, seconds: float) -> None:
        """Let the shop's clock go on."""
        self.now += timedelta(seconds=seconds)

    def stock(self, name: str, price: str, **more: Any) -> int:
        """Put a product into the catalogue."""
        number = self.take_id()
        self.products[number] = product(number, name, price, at=self.now) | more
        self._tell("product.created", self.products[number])
        return number

    def stock_variations(self, name: str, prices: dict[str, str]) -> int:
        """Put a product into the catalogue that comes in several colours: colour → price."""
        number = self.stock(name, "", type="variable", sku="")
        self.variations[number] = [
            variation(self.take_id(), f"V{number}-{colour}", price, colour, at=self.now)
            for colour, price in prices.items()
        ]
        self.products[number]["variations"] = [one["id"] for one in self.variations[number]]
        return number

    def sign_up(self, email: str, first_name: str) -> int:
        """Make an account."""
        number = self.take_id()
        self.accounts[number] = account(number, email, first_name, at=self.now)
        self._tell("customer.created", self.accounts[number])
        return number

    def place(self, lines: list[tuple[str, int, str]], *, email: str, customer_id: int = 0, **more: Any) -> int:
        """Place an order of (SKU, pieces, unit price without tax); tax is a fifth, shipping 4.90."""
        number = self.take_id()
        self.orders[number] = (
            order(number, number - self.number_gap, lines, email=email, customer_id=customer_id, at=self.now)
            | {"currency": self.currency}
            | more
        )
        self._tell("order.created", self.orders[number])
        return number

    def change(self, number: int, **changes: Any) -> None:
        """Change an order."""
        self.orders[number] |= changes | _modified(self.now)
        self._tell("order.updated", self.orders[number])

    def pay(self, number: int) -> None:
        """Take an order's payment."""
        stamp = self.now.replace(tzinfo=None).isoformat(timespec="seconds")
        self.change(number, status="processing", date_paid_gmt=stamp, date_paid=stamp)

    def complete(self, number: int) -> None:
        """Say that an order is done."""
        stamp = self.now.replace(tzinfo=None).isoformat(timespec="seconds")
        self.change(number, status="completed", date_completed_gmt=stamp, date_completed=stamp)

    def cancel(self, number: int) -> None:
        """Cancel an order."""
        self.change(number, status="cancelled")

    def refund(self, number: int, amount: str, reason: str = "") -> None:
        """Give money back; the order is refunded once nothing is left."""
        refunds = [*self.orders[number]["refunds"], {"id": self.take_id(), "reason": reason, "total": f"-{amount}"}]
        left = Decimal(self.orders[number]["total"]) + sum(Decimal(one["total"]) for one in refunds)
        self.change(number, refunds=refunds, **({"status": "refunded"} if left <= 0 else {}))

    def trash(self, number: int) -> None:
        """Move an order to the trash."""
        self.orders[number] |= {"before": self.orders[number]["status"], "status": "trash"} | _modified(self.now)
        self._tell("order.deleted", {"id": number})

    def restore(self, number: int) -> None:
        """Take an order out of the trash."""
        self.orders[number] |= {"status": self.orders[number].pop("before")} | _modified(self.now)
        self._tell("order.restored", self.orders[number])

    def touch_product(self, number: int) -> None:
        """Save a product that was changed; one in the trash is told as deleted."""
        product = self.products[number]
        product |= _modified(self.now)
        is_gone = product["status"] == "trash"
        self._tell("product.deleted" if is_gone else "product.updated", {"id": number} if is_gone else product)

    def add_hook(self, said: dict[str, Any]) -> dict[str, Any]:
        """Make a webhook and send its ping: a form, not signed."""
        number = self.take_id()
        self.hooks[number] = {"id": number, "status": "active", "failures": 0, **said}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self.outbox.append(Sent(said["delivery_url"], headers, f"webhook_id={number}".encode(), number))
        return self.hooks[number]

    def note_answer(self, hook_id: int, status: int) -> None:
        """Count a webhook's failures: it is disabled by the one after the fifth in a row."""
        hook = self.hooks[hook_id]
        if 200 <= status < 303:
            hook["failures"] = 0
        elif hook["failures"] > _MOST_FAILURES - 1:
            hook["status"] = "disabled"
        else:
            hook["failures"] += 1

    def _tell(self, topic: str, payload: dict[str, Any]) -> None:
        body = encoded({name: value for name, value in payload.items() if name != "before"})
        for hook in self.hooks.values():
            if hook["topic"] == topic and hook["status"] == "active":
                self.outbox.append(Sent(hook["delivery_url"], _headers(topic, hook, body, self.now), body, hook["id"]))


def encoded(payload: object) -> bytes:
    """Return JSON as PHP writes it: ASCII, slashes escaped."""
    return json.dumps(payload, separators=(",", ":")).replace("/", "\\/").encode()


def signature(secret: str, body: bytes) -> str:
    """Return what stands in X-WC-Webhook-Signature."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def _modified(at: datetime) -> dict[str, str]:
    stamp = at.replace(tzinfo=None).isoformat(timespec="seconds")
    return {"date_modified": stamp, "date_modified_gmt": stamp}


def _headers(topic: str, hook: dict[str, Any], body: bytes, at: datetime) -> dict[str, str]:
    resource, event = topic.split(".")
    return {
        "Content-Type": "application/json",
        "User-Agent": "WooCommerce/9.4.2 Hookshot (WordPress/6.7)",
        "X-WC-Webhook-Source": "https://shop.example/",
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Resource": resource,
        "X-WC-Webhook-Event": event,
        "X-WC-Webhook-Signature": signature(hook["secret"], body),
        "X-WC-Webhook-ID": str(hook["id"]),
        # Of the webhook and the second: two in one second have the same.
        "X-WC-Webhook-Delivery-ID": hashlib.md5(f"{hook['id']}{int(at.timestamp())}".encode()).hexdigest(),
    }
