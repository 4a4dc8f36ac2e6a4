"""What must be right before a Shopify shop is connected, looked at one thing after the other."""

from collections.abc import Iterator
from datetime import datetime

from kembali.collect.connectors.errors import ShopRefuses
from kembali.collect.connectors.shopify.asking import ask, token_of
from kembali.collect.connectors.shopify.questions import ONE_CUSTOMER, ONE_ORDER, SCOPES, SHOP
from kembali.collect.connectors.values import Check, Http, Shop
from kembali.kernel.errors import KembaliError

SCOPES_NEEDED = (
    "read_orders",
    "read_all_orders",
    "read_customers",
    "read_products",
    "read_inventory",
    "read_fulfillments",
)


def checks(shop: Shop, http: Http, at: datetime) -> Iterator[Check]:
    """Yield what was looked at; after the first thing that fails the rest is not asked."""
    steps = (
        ("The app opens the shop", _token),
        ("The shop answers", _shop),
        ("The app may read what is needed", _scopes),
        ("Orders can be read", _orders),
        ("Customers can be read", _customers),
    )
    has_failed = False
    for name, look in steps:
        if has_failed:
            yield Check(name, "not_asked")
            continue
        try:
            yield Check(name, "ok", look(shop, http, at))
        except KembaliError as error:
            has_failed = True
            yield Check(name, "failed", error.message, error.hint)


def _token(shop: Shop, http: Http, at: datetime) -> str:
    token_of(shop, http, at)
    return "Client id and client secret are right, and the app is installed."


def _shop(shop: Shop, http: Http, at: datetime) -> str:
    told = ask(shop, http, at, SHOP).data["shop"]
    return f"{str(told['name'])[:80]}, {told['currencyCode']}, {told['ianaTimezone']}."


def _scopes(shop: Shop, http: Http, at: datetime) -> str:
    told = ask(shop, http, at, SCOPES).data["currentAppInstallation"]["accessScopes"]
    given = {str(one["handle"]) for one in told}
    # Who may write may read as well.
    missing = [scope for scope in SCOPES_NEEDED if not given & {scope, scope.replace("read_", "write_")}]
    if missing:
        raise ShopRefuses(
            f"The app lacks {', '.join(missing)}.",
            hint="Add these scopes in a new version of the app, release it, and accept it in the shop.",
        )
    return "All scopes are there."


def _orders(shop: Shop, http: Http, at: datetime) -> str:
    found = ask(shop, http, at, ONE_ORDER).data["orders"]["nodes"]
    return f"Order {str(found[0]['name'])[:40]} was read." if found else "There are none yet."


def _customers(shop: Shop, http: Http, at: datetime) -> str:
    found = ask(shop, http, at, ONE_CUSTOMER).data["customers"]["nodes"]
    return "With their addresses." if found else "There are none yet."
