"""What is kept of an order beside its amounts: the shop's own words, and of plugins' only what is no secret."""

import re

from kembali.collect.connectors.amounts import minor_of
from kembali.collect.connectors.woocommerce.shapes import Meta, Order, instant_of, text_of

_MOST_META = 40
_LONGEST_META = 300
_ATTRIBUTION = "_wc_order_attribution_"
_SECRET = re.compile(
    r"token|secret|passw|nonce|session|card|iban|bic|cvc|cvv|auth|hash|signature|key|account|intent|mandate|source_id",
    re.IGNORECASE,
)


def properties_of(order: Order, currency: str) -> dict[str, object]:
    """Return an order's properties: its id and status as the shop has them, payment, codes, refunds, its origin."""
    kept: dict[str, object] = {"id": order.id, "status": order.status}
    for name in ("created_via", "payment_method", "payment_method_title"):
        if value := text_of(getattr(order, name)):
            kept[name] = value
    for name, moment in (("paid_at", order.date_paid_gmt), ("completed_at", order.date_completed_gmt)):
        if at := instant_of(moment):
            kept[name] = at.isoformat().replace("+00:00", "Z")
    if order.prices_include_tax:
        kept["prices_include_tax"] = True
    if note := text_of(order.customer_note):
        kept["customer_note"] = note[:_LONGEST_META]
    if codes := [one.code for one in order.coupon_lines if one.code]:
        kept["coupons"] = codes
    if methods := [title for one in order.shipping_lines if (title := text_of(one.method_title))]:
        kept["shipping_methods"] = methods
    if order.refunds:
        kept["refunds"] = [
            {"id": one.id, "amount_minor": abs(minor_of(one.total, currency)), "reason": text_of(one.reason) or ""}
            for one in order.refunds
        ]
    return kept | _attribution(order.meta_data) | _meta(order.meta_data)


def _attribution(meta: list[Meta]) -> dict[str, object]:
    """Return where the buyer came from: WooCommerce's own order attribution."""
    found = {
        one.key.removeprefix(_ATTRIBUTION): str(one.value)[:_LONGEST_META]
        for one in meta
        if one.key.startswith(_ATTRIBUTION) and "user_agent" not in one.key and one.value not in (None, "", "(none)")
    }
    return {"attribution": found} if found else {}


def _meta(meta: list[Meta]) -> dict[str, object]:
    """Return what plugins keep with the order in the open. Keys with `_` are internal, others may hold secrets too."""
    kept: dict[str, object] = {}
    for one in meta:
        is_open = one.key and not one.key.startswith("_") and not _SECRET.search(one.key)
        if is_open and isinstance(one.value, str | int | bool) and len(kept) < _MOST_META and one.value != "":
            kept[one.key[:100]] = one.value[:_LONGEST_META] if isinstance(one.value, str) else one.value
    return {"meta": kept} if kept else {}
