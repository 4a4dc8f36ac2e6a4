"""What WooCommerce sends or answers, one thing at a time → facts, or the thing with the reason why it is none. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from kembali.collect.connectors.values import Shop
from kembali.collect.connectors.woocommerce.orders import Reader
from kembali.collect.connectors.woocommerce.people import profile_of
from kembali.collect.connectors.woocommerce.products import product_fact
from kembali.collect.connectors.woocommerce.shapes import BadShopData, Customer, Order, WholeProduct
from kembali.collect.connectors.woocommerce.statuses import meanings_of
from kembali.collect.contracts import NewFact
from kembali.kernel.errors import Refused
from kembali.kernel.money import currency_code

_SETTINGS = ("statuses", "consent_field", "consent_wording")


def beside_of(shop: Shop) -> dict[str, str]:
    """Return what must be known beside a thing to read it: the shop's own words for it, and the shop's currency."""
    known = {name: shop.settings.get(name, "") for name in _SETTINGS}
    known["currency"] = shop.remembered.get("currency", "")
    return {name: value for name, value in known.items() if value}


def code_of(error: Refused | msgspec.MsgspecError | UnicodeDecodeError | RecursionError) -> str:
    """Return the reason's code of what cannot be understood."""
    if isinstance(error, Refused):
        return error.code
    return "bad_shape" if isinstance(error, msgspec.ValidationError) else "bad_json"


class _Gone(msgspec.Struct):
    """What a `deleted` webhook tells."""

    id: int


def facts_of(
    resource: str,
    item: Any,
    beside: Mapping[str, str],
    *,
    source: str,
    seen_at: datetime,
) -> list[NewFact]:
    """Return the facts of an `order`, `customer` or `product` as the REST API gives it, a product with its variations.

    Args:
        beside: as `beside_of` returns it.

    Raises:
        Refused, msgspec.ValidationError: something in it cannot be understood.
    """
    _is_no_error(item)
    if resource == "order":
        reader = Reader(
            source=source,
            seen_at=seen_at,
            meanings=meanings_of(beside.get("statuses", "")),
            consent_field=beside.get("consent_field", "").strip(),
            consent_wording=beside.get("consent_wording", ""),
        )
        return list(reader.facts(msgspec.convert(item, Order, strict=False)))
    if resource == "customer":
        profile = profile_of(msgspec.convert(item, Customer, strict=False), source=source)
        return [] if profile is None else [profile]
    product = msgspec.convert(item, WholeProduct, strict=False)
    currency = currency_code(beside.get("currency", ""))
    return [product_fact(product, currency=currency, source=source, seen_at=seen_at)]


def webhook_facts(
    topic: str, body: bytes, beside: Mapping[str, str], *, source: str, received_at: datetime
) -> list[NewFact]:
    """Return the facts of a webhook. Some tell too little and give none: the shop is asked instead (`is_hint`).

    Raises:
        Refused, msgspec.MsgspecError, UnicodeDecodeError, RecursionError: it cannot be understood.
    """
    resource, _, event = topic.partition(".")
    if resource not in ("order", "customer", "product", "coupon"):
        raise BadShopData(f"The topic “{topic[:60]}” is not one of WooCommerce's.")
    item = msgspec.json.decode(body)
    if event == "deleted":
        msgspec.convert(item, _Gone, strict=False)
        return []
    if resource in ("order", "customer"):
        return facts_of(resource, item, beside, source=source, seen_at=received_at)
    _is_no_error(item)
    return []


def is_hint(topic: str) -> bool:
    """Return whether a webhook says less than it means.

    What is deleted comes as a bare id: no order's number, and no instant by which it could be told from an older word
    that arrives later. A product comes without its variations, and a variation without its product.
    """
    return topic == "order.deleted" or topic.startswith("product.")


def _is_no_error(item: Any) -> None:
    """Refuse what WooCommerce sends, signed and in good order, when a webhook's owner may no longer see the thing."""
    if isinstance(item, dict) and "id" not in item and isinstance(item.get("code"), str):
        raise BadShopData(
            f"Instead of the thing itself the shop sent an error: “{item['code'][:80]}”.",
            hint="The webhook's owner may no longer see it: connect again with keys of an administrator.",
        )
