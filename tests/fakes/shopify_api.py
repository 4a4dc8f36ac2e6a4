"""The GraphQL Admin API of the made-up shop, over real HTTP: tokens, selections, cursors, costs, failures.

It answers exactly what is selected, and an error for a field it does not know, so that no test passes by a field that
was never asked for.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from tests.fakes.answering import JsonHandler, serving
from tests.fakes.shopify import SECRET, Json, ShopifyShop

CLIENT_ID = "made-up-client"
SCOPES = ("read_orders", "read_all_orders", "write_customers", "read_products", "read_inventory", "read_fulfillments")
_WORDS = re.compile(r'\s*(\.\.\.|"(?:\\.|[^"\\])*"|[A-Za-z_$@][\w$]*|-?\d+|[{}()\[\]:!=,@])')
_PARENTS = {"ordersCount": "orders", "customersCount": "customers", "productsCount": "products"}
Selection = dict[str, Any]


@dataclass
class ShopifyApi:
    """What the server knows and shall do. `failures`: (status, headers, body), each answered once; `bucket`: points."""

    shop: ShopifyShop
    url: str = ""
    secret: str = SECRET
    scopes: tuple[str, ...] = SCOPES
    token: str = "shpat_1"
    tokens_given: int = 0
    bucket: float = 2000.0
    most_cost: float = 1000.0
    hooks: dict[str, tuple[str, str]] = field(default_factory=dict)
    denied_topics: frozenset[str] = frozenset()
    failures: list[tuple[int, Mapping[str, str], object]] = field(default_factory=list)
    asked: list[Json] = field(default_factory=list)
    before_page: Callable[[str], None] | None = None

    def answer(self, question: str, variables: Json) -> Json:
        """Return the answer to one question."""
        selection = _selected(question)
        cost = 2.0 + 3.0 * float(variables.get("first") or 1)
        status = {"maximumAvailable": 2000.0, "currentlyAvailable": self.bucket, "restoreRate": 100.0}
        extensions = {"cost": {"requestedQueryCost": cost, "actualQueryCost": None, "throttleStatus": status}}
        if cost > self.most_cost:
            error = {"message": "Query cost is too large", "extensions": {"code": "MAX_COST_EXCEEDED"}}
            return {"errors": [error]}
        if cost > self.bucket:
            throttled = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
            return {"errors": [throttled], "extensions": extensions}
        self.bucket -= cost
        status["currentlyAvailable"] = self.bucket
        try:
            data = {name: self._root(field, variables) for name, field in selection.items() if _is_in(field, variables)}
        except LookupError as error:
            return {"errors": [{"message": f"Field {error} doesn't exist", "extensions": {"code": "undefinedField"}}]}
        return {"data": data, "extensions": extensions}

    def _root(self, field: Selection, variables: Json) -> Any:
        name, said = field["name"], {key: _value(value, variables) for key, value in field["args"].items()}
        known: Json
        match name:
            case "shop":
                known = {"name": "Made up", "currencyCode": self.shop.currency}
                known |= {"ianaTimezone": "Europe/Amsterdam", "myshopifyDomain": "made-up.myshopify.com"}
            case "currentAppInstallation":
                known = {"accessScopes": [{"handle": scope} for scope in self.scopes]}
            case "ordersCount" | "customersCount" | "productsCount":
                known = {"count": len(self._matching(_PARENTS[name], said.get("query")))}
            case "orders" | "customers" | "products":
                if self.before_page is not None:
                    self.before_page(name)
                known = self._page(name, said)
            case "webhookSubscriptions":
                known = {
                    "pageInfo": {"hasNextPage": False, "endCursor": None},
                    "nodes": [{"id": key, "topic": topic, "uri": uri} for key, (topic, uri) in self.hooks.items()],
                }
            case "webhookSubscriptionCreate":
                known = self._order_hook(str(variables["topic"]), str(variables["uri"]))
            case "webhookSubscriptionDelete":
                self.hooks.pop(str(variables["id"]))
                known = {"userErrors": []}
            case "order":
                known = self._lines_from(said)
            case _:
                raise LookupError(name)
        return _project(known, field["fields"], variables)

    def _order_hook(self, topic: str, uri: str) -> Json:
        if topic in self.denied_topics:
            return {"userErrors": [{"message": "You do not have permission for this topic"}]}
        if (topic, uri) in self.hooks.values():
            return {"userErrors": [{"message": "Address for this topic has already been taken"}]}
        self.hooks[f"gid://shopify/WebhookSubscription/{len(self.hooks) + 1}"] = (topic, uri)
        return {"userErrors": []}

    def _matching(self, kind: str, query: str | None) -> list[Json]:
        things: list[Json] = sorted(getattr(self.shop, kind).values(), key=lambda one: (one["updated_at"], one["id"]))
        if not query:
            return things
        for name, sign, value in re.findall(r"(\w+):(>=|<)?'?([^' ]+)'?", query):
            if name == "test":
                things = [one for one in things if not one["test"]]
                continue
            bound = datetime.fromisoformat(value)
            is_later = sign == ">="
            things = [one for one in things if (datetime.fromisoformat(one[name]) >= bound) == is_later]
        return things

    def _page(self, kind: str, said: Json) -> Json:
        things = self._matching(kind, said.get("query"))
        after = said.get("after")
        if after:
            changed, number = after.rsplit("|", 1)
            things = [one for one in things if (one["updated_at"], one["id"]) > (changed, int(number))]
        first = things[: int(said["first"])]
        more = len(things) > len(first)
        last = f"{first[-1]['updated_at']}|{first[-1]['id']}" if first else None
        node = {"orders": self._order, "customers": self._customer, "products": self._product}[kind]
        return {"pageInfo": {"hasNextPage": more, "endCursor": last}, "nodes": [node(one) for one in first]}

    def _lines_from(self, said: Json) -> Json:
        order = self.shop.orders[int(str(said["id"]).rsplit("/", 1)[1])]
        return {"lineItems": _connection([self._line(line) for line in order["lines"]], said_first=250, start=50)}

    def _order(self, order: Json) -> Json:
        currency = self.shop.currency
        back = sum(map(Decimal, order["refunded"]), Decimal(0))
        subtotal = Decimal(order["total"]) - Decimal(order["shipping"])
        customer = self.shop.customers.get(order["customer"])
        return {
            "id": f"gid://shopify/Order/{order['id']}",
            "legacyResourceId": str(order["id"]),
            "name": order["name"],
            "createdAt": _z(order["created_at"]),
            "updatedAt": _z(order["updated_at"]),
            "processedAt": _z(order["processed_at"]),
            "cancelledAt": _z(order["cancelled_at"]),
            "cancelReason": order["cancel_reason"] and order["cancel_reason"].upper(),
            "currencyCode": currency,
            "presentmentCurrencyCode": currency,
            "taxesIncluded": True,
            "test": order["test"],
            "displayFinancialStatus": order["financial_status"].upper(),
            "displayFulfillmentStatus": "FULFILLED" if order["fulfillment_status"] else "UNFULFILLED",
            "sourceName": "web",
            "tags": sorted(order["tags"]),
            "paymentGatewayNames": ["bogus"],
            "discountCodes": order["codes"],
            "email": order["email"],
            "phone": None,
            "customerLocale": "en",
            "customerAcceptsMarketing": False,
            "totalPriceSet": _money(order["total"], currency),
            "subtotalPriceSet": _money(subtotal, currency),
            "totalDiscountsSet": _money(order["discount"], currency),
            "totalTaxSet": _money(order["tax"], currency),
            "totalShippingPriceSet": _money(order["shipping"], currency),
            "totalTipReceivedSet": _money(order["tip"], currency),
            "totalRefundedSet": _money(back, currency),
            "customer": customer and self._customer(customer),
            "billingAddress": _address("Billing"),
            "shippingAddress": _address("Shipping"),
            "lineItems": _connection([self._line(line) for line in order["lines"]], said_first=50),
            "fulfillments": [_parcel(parcel, order["name"]) for parcel in order["parcels"]],
        }

    def _line(self, line: Json) -> Json:
        return {
            "quantity": line["quantity"],
            "sku": line["sku"],
            "name": line["sku"].title(),
            "isGiftCard": line["sku"].startswith("GIFT"),
            "product": None,
            "variant": {"legacyResourceId": "77"},
            "originalUnitPriceSet": _money(line["price"], self.shop.currency),
            "discountAllocations": [],
        }

    def _customer(self, customer: Json) -> Json:
        consent = customer["consent"]
        return {
            "id": f"gid://shopify/Customer/{customer['id']}",
            "legacyResourceId": str(customer["id"]),
            "firstName": customer["first_name"],
            "lastName": customer["last_name"],
            "locale": customer["locale"],
            "createdAt": _z(customer["created_at"]),
            "updatedAt": _z(customer["updated_at"]),
            "tags": customer["tags"],
            "defaultAddress": None,
            "defaultEmailAddress": {
                "emailAddress": customer["email"],
                "marketingState": consent["state"].upper(),
                "marketingOptInLevel": consent["opt_in_level"].upper(),
                "marketingUpdatedAt": _z(consent["consent_updated_at"]),
            },
            "defaultPhoneNumber": None,
        }

    def _product(self, product: Json) -> Json:
        variant = {
            "legacyResourceId": str(product["id"] * 10),
            "sku": f"SKU{product['id']}",
            "title": "Default Title",
            "price": product["price"],
            "compareAtPrice": None,
            "inventoryQuantity": product["stock"],
            "barcode": None,
            "inventoryItem": {"tracked": True, "unitCost": {"amount": product["cost"]}},
        }
        return {
            "id": f"gid://shopify/Product/{product['id']}",
            "legacyResourceId": str(product["id"]),
            "title": product["title"],
            "status": product["status"].upper(),
            "handle": product["handle"],
            "vendor": product["vendor"],
            "productType": product["product_type"],
            "tags": product["tags"],
            "updatedAt": _z(product["updated_at"]),
            "onlineStoreUrl": f"https://made-up.example/products/{product['handle']}",
            "featuredMedia": {"preview": {"image": {"url": "https://cdn.example/thing.jpg"}}},
            "variants": _connection([variant], said_first=50),
        }


class _Handler(JsonHandler):
    api: ClassVar[ShopifyApi]

    def do_POST(self) -> None:  # noqa: N802 - its name
        said = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.api.failures:
            status, headers, body = self.api.failures.pop(0)
            self.answer(status, body, headers)
        elif self.path == "/admin/oauth/access_token":
            self._token(said)
        elif self.headers["x-shopify-access-token"] != self.api.token:
            self.answer(401, {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"})
        else:
            self.api.asked.append(said)
            self.answer(200, self.api.answer(said["query"], said["variables"]))

    def _token(self, said: Json) -> None:
        if (said["client_id"], said["client_secret"]) != (CLIENT_ID, self.api.secret):
            self.answer(400, {"error": "invalid_client", "error_description": "Client authentication failed"})
            return
        self.api.tokens_given += 1
        self.answer(200, {"access_token": self.api.token, "scope": ",".join(self.api.scopes), "expires_in": 86399})


@contextmanager
def shopify_api(shop: ShopifyShop) -> Iterator[ShopifyApi]:
    """Serve a shop's API on a port of its own."""
    handler: type[_Handler] = type("Bound", (_Handler,), {})
    handler.api = ShopifyApi(shop)
    with serving(handler) as handler.api.url:
        yield handler.api


def _selected(question: str) -> Selection:
    words = _WORDS.findall(question)
    if words[0] in ("query", "mutation"):
        words.pop(0)
    if words[0] == "(":
        _arguments(words)
    assert words.pop(0) == "{", question
    return _fields(words)


def _fields(words: list[str]) -> Selection:
    found: Selection = {}
    while (word := words.pop(0)) != "}":
        name = alias = word
        if words[0] == ":":
            words.pop(0)
            name = words.pop(0)
        args = _arguments(words) if words[0] == "(" else {}
        condition = None
        if words[0] == "@include":
            words.pop(0)
            condition = _arguments(words)["if"]
        inner = None
        if words[0] == "{":
            words.pop(0)
            inner = _fields(words)
        found[alias] = {"name": name, "args": args, "if": condition, "fields": inner}
    return found


def _arguments(words: list[str]) -> dict[str, str]:
    """Read (name: value, …) shallowly: what stands in inner braces is left out."""
    assert words.pop(0) == "("
    found: dict[str, str] = {}
    depth, name = 0, ""
    while (word := words.pop(0)) != ")" or depth:
        depth += (word in "{[") - (word in "}]")
        if depth == 0 and words[0] == ":":
            name = word
        elif depth == 0 and word not in ":,!}]" and name:
            found.setdefault(name, word)
    return found


def _value(word: str, variables: Json) -> Any:
    if word.startswith("$"):
        return variables.get(word[1:])
    if word.startswith('"'):
        return json.loads(word)
    return int(word) if word.lstrip("-").isdigit() else word


def _is_in(field: Selection, variables: Json) -> bool:
    return field["if"] is None or bool(_value(field["if"], variables))


def _project(known: Any, fields: Selection | None, variables: Json) -> Any:
    if known is None or fields is None:
        return known
    if isinstance(known, list):
        return [_project(one, fields, variables) for one in known]
    return {alias: _project(known[one["name"]], one["fields"], variables) for alias, one in fields.items()}


def _connection(nodes: list[Json], *, said_first: int, start: int = 0) -> Json:
    shown = nodes[start : start + said_first]
    more = len(nodes) > start + said_first
    return {"pageInfo": {"hasNextPage": more, "endCursor": str(start + len(shown))}, "nodes": shown}


def _money(amount: str | Decimal, currency: str) -> Json:
    """Return an amount as the API writes it: without needless zeros, but for one."""
    text = f"{Decimal(amount).normalize():f}"
    money = {"amount": text if "." in text else f"{text}.0", "currencyCode": currency}
    return {"shopMoney": money, "presentmentMoney": money}


def _address(kind: str) -> Json:
    return {"firstName": kind, "lastName": "Family", "countryCodeV2": "NL", "city": f"{kind} town"}


def _parcel(parcel: Json, order_name: str) -> Json:
    return {
        "legacyResourceId": str(parcel["id"]),
        "name": f"{order_name}.1",
        "status": parcel["status"].upper(),
        "displayStatus": (parcel["shipment_status"] or "FULFILLED").upper(),
        "createdAt": _z(parcel["created_at"]),
        "updatedAt": _z(parcel["updated_at"]),
        "trackingInfo": [{"company": "Carrier", "number": "TRACK1", "url": "https://carrier.example/TRACK1"}],
    }


def _z(text: str | None) -> str | None:
    """Return an instant as the API writes it: in UTC."""
    return text and f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
