"""GraphQL's answers in the words of webhooks, so that one mapper makes the same facts of both."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from kembali.collect.connectors.shopify.shapes import Consent, Customer, Order, Product

_PARCELS_ON_THE_WAY = frozenset({"delivered", "out_for_delivery", "attempted_delivery", "in_transit", "failure"})
_FULFILLED = {"FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial", "RESTOCKED": "restocked"}
Node = Mapping[str, Any]


def order_of(node: Node) -> Order:
    """Return an order.

    Raises:
        msgspec.ValidationError, KeyError, TypeError: it is not of the shape that was asked for.
    """
    said = {
        "id": _number(node),
        "name": node["name"],
        "created_at": node["createdAt"],
        "updated_at": node["updatedAt"],
        "processed_at": node["processedAt"],
        "cancelled_at": node["cancelledAt"],
        "cancel_reason": _lower(node["cancelReason"]),
        "currency": node["currencyCode"],
        "presentment_currency": node["presentmentCurrencyCode"],
        "total_price": _amount(node["totalPriceSet"]),
        "subtotal_price": _amount(node["subtotalPriceSet"]),
        "total_discounts": _amount(node["totalDiscountsSet"]),
        "total_tax": _amount(node["totalTaxSet"]),
        "total_tip_received": _amount(node["totalTipReceivedSet"]),
        "total_price_set": _money_set(node["totalPriceSet"]),
        "total_shipping_price_set": _money_set(node["totalShippingPriceSet"]),
        "taxes_included": node["taxesIncluded"],
        "financial_status": _lower(node["displayFinancialStatus"]),
        "fulfillment_status": _FULFILLED.get(node["displayFulfillmentStatus"] or ""),
        "test": node["test"],
        "email": node["email"],
        "phone": node["phone"],
        "customer": node["customer"] and {"id": _number(node["customer"])},
        "billing_address": _address(node["billingAddress"]),
        "shipping_address": _address(node["shippingAddress"]),
        "buyer_accepts_marketing": node["customerAcceptsMarketing"],
        "customer_locale": node["customerLocale"],
        "source_name": node["sourceName"],
        "tags": node["tags"],
        "payment_gateway_names": node["paymentGatewayNames"],
        "discount_codes": [{"code": code} for code in node["discountCodes"] or ()],
        "line_items": [_line(line) for line in node["lineItems"]["nodes"]],
        "refunds": [_refund(node["totalRefundedSet"])],
        "fulfillments": [_parcel(parcel) for parcel in node["fulfillments"] or ()],
    }
    return msgspec.convert(said, Order, strict=False)


def customer_of(node: Node) -> tuple[Customer, dict[str, Consent | None]]:
    """Return a customer, and their permissions by `email` and `phone`.

    Raises:
        msgspec.ValidationError, KeyError, TypeError: it is not of the shape that was asked for.
    """
    said = _person(node) | {
        "created_at": node["createdAt"],
        "updated_at": node["updatedAt"],
        "tags": node["tags"],
        "default_address": _address(node["defaultAddress"]),
    }
    consents = {"email": _consent(node["defaultEmailAddress"]), "phone": _consent(node["defaultPhoneNumber"])}
    return msgspec.convert(said, Customer, strict=False), consents


def product_of(node: Node) -> Product:
    """Return a product.

    Raises:
        msgspec.ValidationError, KeyError, TypeError: it is not of the shape that was asked for.
    """
    media = node["featuredMedia"] or {}
    said = {
        "id": _number(node),
        "title": node["title"],
        "status": _lower(node["status"]),
        "handle": node["handle"],
        "vendor": node["vendor"],
        "product_type": node["productType"],
        "tags": node["tags"],
        "url": node["onlineStoreUrl"],
        "image_url": ((media.get("preview") or {}).get("image") or {}).get("url"),
        "updated_at": node["updatedAt"],
        "variants": [_variant(one) for one in node["variants"]["nodes"]],
    }
    return msgspec.convert(said, Product, strict=False)


def instant(at: datetime) -> str:
    """Return an instant as a search of the API wants it."""
    return f"'{at:%Y-%m-%dT%H:%M:%SZ}'"


def _number(node: Node) -> int:
    return int(node["legacyResourceId"])


def _person(node: Node) -> dict[str, Any]:
    return {
        "id": _number(node),
        "email": (node["defaultEmailAddress"] or {}).get("emailAddress"),
        "phone": (node["defaultPhoneNumber"] or {}).get("phoneNumber"),
        "first_name": node["firstName"],
        "last_name": node["lastName"],
        "locale": node["locale"],
    }


def _consent(node: Node | None) -> Consent | None:
    if not node:
        return None
    said = {
        "state": _lower(node["marketingState"]),
        "opt_in_level": _lower(node["marketingOptInLevel"]),
        "consent_updated_at": node["marketingUpdatedAt"],
        "consent_collected_from": _lower(node.get("marketingCollectedFrom")),
    }
    return msgspec.convert(said, Consent, strict=False)


def _line(node: Node) -> dict[str, Any]:
    return {
        "quantity": node["quantity"],
        "sku": node["sku"],
        "name": node["name"],
        "gift_card": node["isGiftCard"],
        "product_id": _reference(node["product"]),
        "variant_id": _reference(node["variant"]),
        "price": _amount(node["originalUnitPriceSet"]),
        "discount_allocations": [
            {"amount": _amount(one["allocatedAmountSet"])} for one in node["discountAllocations"] or ()
        ],
    }


def _parcel(node: Node) -> dict[str, Any]:
    tracked: Sequence[Node] = node["trackingInfo"] or ()
    tracking = tracked[0] if tracked else {}
    shown = _lower(node["displayStatus"])
    return {
        "id": _number(node),
        "name": node["name"],
        "status": _lower(node["status"]),
        "shipment_status": shown if shown in _PARCELS_ON_THE_WAY else None,
        "tracking_company": tracking.get("company"),
        "tracking_number": tracking.get("number"),
        "tracking_url": tracking.get("url"),
        "created_at": node["createdAt"],
        "updated_at": node["updatedAt"],
    }


def _refund(amounts: Node | None) -> dict[str, Any]:
    return {"transactions": [{"kind": "refund", "status": "success", "amount": _amount(amounts)}]}


def _variant(node: Node) -> dict[str, Any]:
    item = node["inventoryItem"] or {}
    return {
        "id": _number(node),
        "sku": node["sku"],
        "title": node["title"],
        "price": node["price"],
        "compare_at_price": node["compareAtPrice"],
        "inventory_quantity": node["inventoryQuantity"],
        "tracked": item.get("tracked"),
        "unit_cost": (item.get("unitCost") or {}).get("amount"),
        "barcode": node["barcode"],
    }


def _address(node: Node | None) -> dict[str, Any] | None:
    if not node:
        return None
    return {
        "first_name": node["firstName"],
        "last_name": node["lastName"],
        "country_code": node["countryCodeV2"],
        "city": node["city"],
    }


def _money_set(node: Node | None) -> dict[str, Any] | None:
    if not node:
        return None
    shown = node.get("presentmentMoney")
    return {
        "shop_money": {"amount": node["shopMoney"]["amount"], "currency_code": node["shopMoney"].get("currencyCode")},
        "presentment_money": shown and {"amount": shown["amount"], "currency_code": shown["currencyCode"]},
    }


def _amount(node: Node | None) -> Any:
    return node["shopMoney"]["amount"] if node else None


def _reference(node: Node | None) -> int | None:
    return int(node["legacyResourceId"]) if node else None


def _lower(text: str | None) -> str | None:
    return text.lower() if text else None
