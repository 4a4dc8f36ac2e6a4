"""A real Vendure shop, and what shoppers and its owner do in it over its two APIs."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from kembali.infra.http import Client
from tests.makers.npm import fetch_packages

_FOLDER = Path(__file__).parents[1] / "story" / "vendure"
_HTTP = Client(allow_private=True)
_ORDER = "__typename ... on Order { code totalWithTax } ... on ErrorResult { message }"
_LINES = "lines { id quantity }"
_MADE = "... on Fulfillment { id } ... on ErrorResult { message }"
_BUY = (
    'setCustomerForOrder(input: { emailAddress: $email, firstName: "Ida", lastName: "Berg" }) { __typename }',
    'setOrderShippingAddress(input: { streetLine1: "Kirkegata 1", city: "Bergen", countryCode: "NO" }) { __typename }',
    'setOrderShippingMethod(shippingMethodId: ["1"]) { __typename }',
    'transitionOrderToState(state: "ArrangingPayment") { __typename }',
    f'addPaymentToOrder(input: {{ method: "test", metadata: {{}} }}) {{ {_ORDER} }}',
)


class Api:
    """One session with one of the shop's two APIs."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._token = ""

    def __call__(self, query: str, **variables: object) -> Any:
        headers = {"content-type": "application/json"} | (
            {"authorization": f"Bearer {self._token}"} if self._token else {}
        )
        body = msgspec.json.encode({"query": query, "variables": variables})
        answer = _HTTP.request("POST", self.url, headers=headers, body=body)
        self._token = answer.headers.get("vendure-auth-token") or self._token
        said = msgspec.json.decode(answer.body)
        assert "errors" not in said, said
        return said["data"]


def sell(address: str, email: str, pieces: int) -> str:
    """Place and pay an order as a shopper does; return its code."""
    ask = Api(f"{address}/shop-api")
    ask(f'mutation {{ addItemToOrder(productVariantId: "1", quantity: {pieces}) {{ {_ORDER} }} }}')
    for step in _BUY[:-1]:
        needs = "($email: String!)" if "$email" in step else ""
        ask(f"mutation{needs} {{ {step} }}", **({"email": email} if needs else {}))
    code: str = ask(f"mutation {{ {_BUY[-1]} }}")["addPaymentToOrder"]["code"]
    return code


@contextmanager
def running_vendure() -> Iterator[str]:
    """Run an empty shop; yields its address. Skips the test where Node.js or the packages are missing."""
    fetch_packages(_FOLDER)
    command = ["node", "server.mjs"]
    with subprocess.Popen(command, cwd=_FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        said = next((line for line in server.stdout if line.startswith("open ")), "")
        assert said, "Vendure did not start"
        yield f"http://127.0.0.1:{said.split()[1]}"
        server.terminate()


def owner(address: str) -> Api:
    """Sign in as the shop's owner."""
    admin = Api(f"{address}/admin-api")
    admin('mutation { login(username: "superadmin", password: "superadmin") { __typename } }')
    return admin


def stock(admin: Api, sku: str, price_minor: int) -> None:
    """Make a product with one variant."""
    named = f'translations: [{{ languageCode: en, name: "{sku.title()}"'
    about = f'enabled: true, {named}, slug: "{sku.lower()}", description: "" }}]'
    number = admin(f"mutation {{ createProduct(input: {{ {about} }}) {{ id }} }}")["createProduct"]["id"]
    variant = f'productId: "{number}", sku: "{sku}", price: {price_minor}, stockOnHand: 100, {named} }}]'
    admin(f"mutation {{ createProductVariants(input: [{{ {variant} }}]) {{ id }} }}")


def fill_a_basket(address: str) -> None:
    """Begin an order and leave it."""
    Api(f"{address}/shop-api")(f'mutation {{ addItemToOrder(productVariantId: "1", quantity: 1) {{ {_ORDER} }} }}')


def send(admin: Api, code: str) -> None:
    """Send all there is in an order."""
    found = admin(f'{{ orders(options: {{ filter: {{ code: {{ eq: "{code}" }} }} }}) {{ items {{ {_LINES} }} }} }}')
    (line,) = found["orders"]["items"][0]["lines"]
    lines = f'[{{ orderLineId: "{line["id"]}", quantity: {line["quantity"]} }}]'
    told = '[{ name: "method", value: "Post" }, { name: "trackingCode", value: "" }]'
    how = f'{{ code: "manual-fulfillment", arguments: {told} }}'
    made = admin(f"mutation {{ addFulfillmentToOrder(input: {{ lines: {lines}, handler: {how} }}) {{ {_MADE} }} }}")
    number = made["addFulfillmentToOrder"]["id"]
    admin(f'mutation {{ transitionFulfillmentToState(id: "{number}", state: "Shipped") {{ __typename }} }}')


def give_back(admin: Api, payment_id: str, amount_minor: int) -> None:
    """Refund a part of a payment."""
    what = f'lines: [], shipping: 0, adjustment: 0, amount: {amount_minor}, paymentId: "{payment_id}"'
    number = admin(f"mutation {{ refundOrder(input: {{ {what} }}) {{ ... on Refund {{ id }} }} }}")["refundOrder"]["id"]
    admin(f'mutation {{ settleRefund(input: {{ id: "{number}", transactionId: "r1" }}) {{ __typename }} }}')
