"""What somebody did in the shop, in words: carts, checkouts, parcels, and the events of its pages."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
from django.utils.translation import gettext

from kembali.collect import api as collect
from kembali.kernel.money import BadCurrency, currency_code, to_minor
from kembali.web import formatting
from kembali.web.pages.person import TimelineItem, TimelineTone

VERSIONED = {"order.version": "order_ref", "cart.version": "cart_ref", "checkout.version": "cart_ref"}


class _Cart(msgspec.Struct, frozen=True):
    """As much of a cart as a line of the timeline tells."""

    cart_ref: str
    status: str
    currency: str
    total_minor: int | None = None
    lines: tuple[collect.OrderLine, ...] = ()


def item_of(fact: collect.Fact, known: Mapping[str, Any]) -> TimelineItem | None:
    """Return a cart, a parcel, or what became of an order, in words; None for any other fact."""
    if fact.kind in {"cart.version", "checkout.version"}:
        return _cart(fact)
    if fact.kind == "shipment.version":
        return _parcel(fact, known)
    return _note(fact, known) if fact.kind in _NOTES else None


def _cart(fact: collect.Fact) -> TimelineItem:
    try:
        cart = fact.decode(_Cart)
    except msgspec.ValidationError:
        return TimelineItem(fact.occurred_at, gettext("A cart that cannot be read"), tone="away")
    words: dict[tuple[str, str], tuple[str, TimelineTone]] = {
        ("cart", "completed"): ("Bought what was in the cart", "back"),
        ("cart", "deleted"): ("Emptied the cart", "away"),
        ("checkout", "open"): ("Checkout begun", "plain"),
        ("checkout", "completed"): ("Checkout finished", "back"),
        ("checkout", "deleted"): ("Checkout given up", "away"),
    }
    title, tone = words.get((fact.kind.partition(".")[0], cart.status), ("Put things into the cart", "plain"))
    amount = "" if cart.total_minor is None else formatting.money(cart.total_minor, cart.currency)
    return TimelineItem(fact.occurred_at, _joined(gettext(title), amount), things(cart.lines), tone)


def _parcel(fact: collect.Fact, known: Mapping[str, Any]) -> TimelineItem:
    words: dict[str, tuple[str, TimelineTone]] = {
        "pending": ("Parcel of order %(ref)s is being packed", "plain"),
        "shipped": ("Parcel of order %(ref)s sent", "plain"),
        "in_transit": ("Parcel of order %(ref)s on its way", "plain"),
        "out_for_delivery": ("Parcel of order %(ref)s out for delivery", "plain"),
        "delivered": ("Parcel of order %(ref)s delivered", "back"),
        "failed": ("Parcel of order %(ref)s could not be delivered", "away"),
        "cancelled": ("Parcel of order %(ref)s called off", "away"),
    }
    title, tone = words.get(str(known.get("status")), ("News of the parcel of order %(ref)s", "plain"))
    said = [known.get("carrier"), known.get("tracking_number")]
    detail = " · ".join(part for part in said if isinstance(part, str) and part)
    return TimelineItem(fact.occurred_at, gettext(title) % {"ref": known.get("order_ref", "?")}, detail[:300], tone)


def _note(fact: collect.Fact, known: Mapping[str, Any]) -> TimelineItem:
    title, tone = _NOTES[fact.kind]
    minor, currency = known.get("amount_minor"), known.get("currency")
    amount = formatting.money(minor, currency) if isinstance(minor, int) and isinstance(currency, str) else ""
    said = gettext(title) % {"ref": known.get("order_ref", "?")}
    return TimelineItem(fact.occurred_at, _joined(said, amount), "", tone)


def event_words(name: str, known: Mapping[str, Any], currency: str) -> str:
    """Return an e-commerce event of a site in words, with its thing and its amount where it tells them.

    Args:
        name: as `collect.commerce_name` gives it.
        currency: the shop's own, for amounts without one.
    """
    said = known.get("properties")
    said = said if isinstance(said, dict) else {}
    words = gettext(_EVENTS[name]) % {
        "thing": _first(said, "name", "title", "product_name", "product_id", "sku") or gettext("a product"),
        "list": _first(said, "category", "list_id", "list_name") or gettext("products"),
        "query": _first(said, "query", "search") or "…",
        "coupon": _first(said, "coupon_name", "coupon_id", "coupon") or "…",
        "promotion": _first(said, "name", "creative", "promotion_id") or "…",
        "step": _first(said, "step") or "…",
        "ref": _first(said, "order_id") or gettext("(no number)"),
        "who": gettext("A server") if known.get("is_trusted") is True else gettext("The site"),
    }
    price = _amount(said, ("price",) if "price" in said else ("value", "total", "revenue", "subtotal"), currency)
    pieces = _first(said, "quantity")
    return _joined(words, f"{pieces} × {price}" if price and pieces and pieces != "1" else price)


def order_number(known: Mapping[str, Any]) -> str:
    """Return the number of the order that a tracking event is about, without a sign before it; empty for none."""
    said = known.get("properties")
    return (_first(said, "order_id") if isinstance(said, dict) else "").lstrip("#")


def things(lines: tuple[collect.OrderLine, ...]) -> str:
    """Return what lies in an order or a cart: the three dearest, and how many more."""
    ordered = sorted(lines, key=lambda line: -abs(line.total_minor))
    told = [f"{abs(line.quantity)} × {line.title or line.sku or '?'}" for line in ordered[:3]]
    if len(ordered) > 3:
        told.append(gettext("and %(n)s more") % {"n": len(ordered) - 3})
    return ", ".join(told)


def _amount(said: Mapping[str, Any], names: tuple[str, ...], currency: str) -> str:
    value = next((said[name] for name in names if isinstance(said.get(name), int | float | str)), None)
    if value is None or isinstance(value, bool):
        return ""
    try:
        code = currency_code(str(said.get("currency") or currency))
        amount = Decimal(str(value))
        return formatting.money(to_minor(amount, code), code) if amount.is_finite() and abs(amount) < 10**12 else ""
    except (BadCurrency, InvalidOperation):
        return ""


def _first(said: Mapping[str, Any], *names: str) -> str:
    found = (said.get(name) for name in names)
    texts = (str(one).strip() for one in found if isinstance(one, str | int) and not isinstance(one, bool))
    return next((text[:120] for text in texts if text), "")


def _joined(words: str, amount: str) -> str:
    return f"{words} · {amount}" if amount else words


_NOTES: dict[str, tuple[str, TimelineTone]] = {
    "order.deleted": ("Order %(ref)s was deleted in the shop", "away"),
    "order.restored": ("Order %(ref)s is back in the shop", "plain"),
    "order.cancelled": ("Order %(ref)s cancelled", "away"),
    "order.refunded": ("Money given back for order %(ref)s", "away"),
}
_EVENTS = {
    "Products Searched": "Searched for “%(query)s”",
    "Product List Viewed": "Looked through %(list)s",
    "Product List Filtered": "Narrowed %(list)s down",
    "Promotion Viewed": "Saw the promotion “%(promotion)s”",
    "Promotion Clicked": "Followed the promotion “%(promotion)s”",
    "Product Clicked": "Picked %(thing)s",
    "Product Viewed": "Looked at %(thing)s",
    "Product Added": "Put %(thing)s into the cart",
    "Product Removed": "Took %(thing)s out of the cart",
    "Cart Viewed": "Looked into the cart",
    "Checkout Started": "Went to the checkout",
    "Checkout Step Viewed": "Came to step %(step)s of the checkout",
    "Checkout Step Completed": "Did step %(step)s of the checkout",
    "Payment Info Entered": "Said how to pay",
    "Order Completed": "%(who)s told of order %(ref)s",
    "Order Updated": "%(who)s told of a change of order %(ref)s",
    "Order Refunded": "%(who)s told of money given back for order %(ref)s",
    "Order Cancelled": "%(who)s told that order %(ref)s was cancelled",
    "Coupon Entered": "Typed the code “%(coupon)s”",
    "Coupon Applied": "Used the code “%(coupon)s”",
    "Coupon Denied": "The code “%(coupon)s” was refused",
    "Coupon Removed": "Took the code “%(coupon)s” off again",
    "Product Added to Wishlist": "Wished for %(thing)s",
    "Product Removed from Wishlist": "Took %(thing)s off the wishes",
    "Wishlist Product Added to Cart": "Put %(thing)s from the wishes into the cart",
    "Product Shared": "Shared %(thing)s",
    "Cart Shared": "Shared the cart",
    "Product Reviewed": "Reviewed %(thing)s",
}
