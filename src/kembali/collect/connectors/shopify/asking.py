"""Shopify's GraphQL Admin API: tokens renewed before they end, costs paid before the bucket is empty."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kembali.collect.connectors.asking import ask_json
from kembali.collect.connectors.errors import ShopAnswersNonsense, ShopAsksPatience, ShopBusy, ShopRefuses
from kembali.collect.connectors.shopify.questions import SHOP, VERSION
from kembali.collect.connectors.values import Http, Shop

_RENEWED_BEFORE = timedelta(minutes=30)
_LIVES_S = 24 * 3600


class TooCostly(ShopRefuses):
    """One question costs more than Shopify allows: it must be smaller."""

    code = "shop_too_costly"


@dataclass(frozen=True, slots=True)
class Told:
    """What was answered. wait_s: until the next question of this size can be paid."""

    data: Mapping[str, Any]
    wait_s: float


def ask(shop: Shop, http: Http, at: datetime, question: str, variables: Mapping[str, object] | None = None) -> Told:
    """Return the answer to a question.

    Raises:
        ShopAsksPatience: the bucket is empty.
        TooCostly: the question is too large for any bucket.
        ShopRefuses, ShopBusy, ShopAnswersNonsense, Unavailable: there is none.
    """
    is_old_token = "token" in shop.remembered
    try:
        return _ask(shop, http, at, question, variables)
    except ShopRefuses as error:
        if error.status != 401 or not is_old_token:
            raise
        # Shopify may end a token early: the app was installed anew, its rights were changed.
        shop.remembered.pop("token", None)
        return _ask(shop, http, at, question, variables)


def know_shop(shop: Shop, http: Http, at: datetime) -> None:
    """See to it that the shop's currency and zone are remembered: webhooks of products and carts do not tell them."""
    if "currency" in shop.remembered and "zone" in shop.remembered:
        return
    told = ask(shop, http, at, SHOP).data["shop"]
    shop.remembered["currency"] = str(told["currencyCode"])
    shop.remembered["zone"] = str(told["ianaTimezone"])


def token_of(shop: Shop, http: Http, at: datetime) -> str:
    """Return an access token: the remembered one, or, when it is about to end, a new one.

    Raises:
        ShopRefuses: client id and secret open nothing in this shop.
    """
    token, ends_at = shop.remembered.get("token"), shop.remembered.get("token_ends_at")
    if token and ends_at and at + _RENEWED_BEFORE < datetime.fromisoformat(ends_at):
        return token
    try:
        told = ask_json(
            http,
            "POST",
            f"{shop.address}/admin/oauth/access_token",
            headers={},
            body={
                "grant_type": "client_credentials",
                "client_id": shop.settings.get("client_id", ""),
                "client_secret": shop.secrets.get("client_secret", ""),
            },
            at=at,
        ).json
    except ShopRefuses as error:
        raise _no_token(error) from None
    try:
        token = str(told["access_token"])
        lives_s = int(told.get("expires_in") or _LIVES_S)
        scopes = str(told.get("scope") or "")
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ShopAnswersNonsense("Shopify's answer holds no access token.") from None
    shop.remembered["token"] = token
    shop.remembered["token_ends_at"] = (at + timedelta(seconds=lives_s)).isoformat()
    shop.remembered["scopes"] = scopes
    return token


def _no_token(error: ShopRefuses) -> ShopRefuses:
    words = {
        "app_not_installed": "The app is not installed in this shop.",
        "shop_not_permitted": "The app and the shop do not belong to the same organisation.",
        "application_cannot_be_found": "Shopify knows no app with this client id.",
        "invalid_client": "Client id and client secret do not fit together.",
        "invalid_request": "Client id and client secret do not fit together.",
    }
    found = next((said for code, said in words.items() if code in error.message), "")
    hints = {
        "app_not_installed": "Open the app in the Dev Dashboard and install it in this shop.",
        "shop_not_permitted": "Create the app in the Dev Dashboard of the organisation that owns the shop.",
    }
    hint = next((said for code, said in hints.items() if code in error.message), "")
    if not found:
        return error
    return ShopRefuses(found, status=error.status, hint=hint or "Copy both again from the app's Settings.")


def _ask(shop: Shop, http: Http, at: datetime, question: str, variables: Mapping[str, object] | None) -> Told:
    token = token_of(shop, http, at)
    answer = ask_json(
        http,
        "POST",
        f"{shop.address}/admin/api/{VERSION}/graphql.json",
        headers={"x-shopify-access-token": token},
        body={"query": question, "variables": dict(variables or {})},
        at=at,
    ).json
    if not isinstance(answer, dict):
        raise ShopAnswersNonsense("Shopify's answer is no GraphQL.")
    cost = (answer.get("extensions") or {}).get("cost") or {}
    if answer.get("errors"):
        raise _error(answer["errors"], cost)
    if not isinstance(answer.get("data"), dict):
        raise ShopAnswersNonsense("Shopify's answer holds no data.")
    return Told(answer["data"], _wait_s(cost))


def _error(errors: Any, cost: Mapping[str, Any]) -> Exception:
    """Return what one of Shopify's errors means here. Errors are a list, or words alone."""
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    code = str((first.get("extensions") or {}).get("code") or "")
    words = str(first.get("message") or errors)[:300]
    if code == "THROTTLED" or words.lower().startswith("throttled"):
        return ShopAsksPatience("Shopify asks for patience.", wait_s=max(_wait_s(cost), 1.0))
    if code == "MAX_COST_EXCEEDED":
        return TooCostly(words)
    if code == "ACCESS_DENIED":
        return ShopRefuses(
            f"Shopify denies access: {words}", hint="Give the app the scopes it needs, and release that version."
        )
    if code in ("INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE"):
        return ShopBusy(f"Shopify has trouble of its own: {words}", hint="kembali tries again by itself.")
    return ShopRefuses(f"Shopify does not accept the question: {words}")


def _wait_s(cost: Mapping[str, Any]) -> float:
    """Return how long until a question of the same cost can be paid."""
    bucket = cost.get("throttleStatus") or {}
    try:
        needed = min(float(cost["requestedQueryCost"]), float(bucket["maximumAvailable"]))
        missing = needed - float(bucket["currentlyAvailable"])
        return max(missing / float(bucket["restoreRate"]), 0.0)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return 0.0
