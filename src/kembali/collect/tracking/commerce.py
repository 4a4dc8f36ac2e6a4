"""Segment's e-commerce events (v2, and v1 by its old names) as facts about orders. Pure.

An order event of a *trusted* source becomes facts of the same kinds that connectors write, under the event's own
source, instead of being folded beside them: whoever listens to orders (the shop's state, journeys' goals, permissions,
outgoing webhooks, the timeline) need not know of Segment. Each event is read by itself, so the facts are the same in
whatever order events arrive. What a browser says with the public key makes no order: anybody can send it.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from kembali.collect.contracts import Fact, NewFact, OrderLine
from kembali.collect.payloads import CustomerSaid, OrderNoted, OrderTotals, OrderVersion, version_id
from kembali.collect.tracking.vocabulary import CANCELLED, COMPLETED, ORDER_EVENTS, UPDATED, commerce_name
from kembali.kernel.errors import Refused
from kembali.kernel.money import BadCurrency, currency_code, to_minor

_LONGEST_REF = 80  # with the event's own id behind it, it is the message id of a fact
_MOST, _FINEST = Decimal(10) ** 13, Decimal("0.000001")

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class BadOrderEvent(Refused):
    """An order event of a trusted source cannot be understood; the message says what is missing."""

    code = "bad_order_event"


class _Head(msgspec.Struct, frozen=True, gc=False):
    """As much of an event as tells whether it is about an order and may be believed."""

    event: str
    is_trusted: bool = False


_decode_head = msgspec.json.Decoder(_Head).decode


def facts_of_order_event(fact: Fact, *, currency: str) -> list[NewFact]:
    """Return what a `tracking.track` says about orders: nothing unless it is an order event of a trusted source.

    Args:
        currency: the shop's own, for events that name none.

    Raises:
        BadOrderEvent: it is one, but nobody can tell of which order, or how much.
    """
    head = _decode_head(fact.payload)
    name = commerce_name(head.event) if head.is_trusted else None
    if name not in ORDER_EVENTS:
        return []
    event: dict[str, Any] = _decode(fact.payload)
    said = _object(event.get("properties"))
    order_ref = _order_ref(said)
    own, notes = _currency(said, currency)
    if name in {COMPLETED, UPDATED}:
        version = _version(fact, event, said, order_ref=order_ref, currency=own, notes=notes)
        if version is None:
            if name == UPDATED:
                return []  # it tells of something that is not ours: a parcel, a note
            raise BadOrderEvent(f"Order {order_ref}: neither “total” nor “revenue” nor priced “products” say how much.")
        return [_fact(fact, "order.version", version_id(order_ref, version), version)]
    what = "cancelled" if name == CANCELLED else "refunded"
    note = _note(fact, order_ref) if name == CANCELLED else _refund(fact, said, order_ref, own)
    return [_fact(fact, f"order.{what}", f"{order_ref}:{what}:{fact.message_id}", note)]


def _fact(event: Fact, kind: str, message_id: str, payload: msgspec.Struct) -> NewFact:
    customer = payload.customer if isinstance(payload, OrderVersion) else CustomerSaid()
    named = {"email": customer.email, "phone": customer.phone}
    return NewFact(
        source=event.source,
        message_id=message_id,
        kind=kind,
        occurred_at=event.occurred_at,
        payload=payload,
        identifiers={**{key: value for key, value in named.items() if value}, **event.identifiers},
    )


def _version(
    fact: Fact, event: Mapping[str, Any], said: Mapping[str, Any], *, order_ref: str, currency: str, notes: list[str]
) -> OrderVersion | None:
    products = [one for one in _list(said.get("products")) if isinstance(one, dict)]
    lines = [line for one in products if (line := _line(one, currency, order_ref)) is not None]
    totals = _totals(said, lines if len(lines) == len(products) else [], currency)
    if totals is None:
        return None
    properties: dict[str, object] = {"event": str(event["event"]), "event_message_id": fact.message_id}
    if isinstance(coupon := said.get("coupon"), str) and coupon.strip():
        properties["coupon"] = coupon.strip()[:200]
    return OrderVersion(
        order_ref=order_ref,
        type="order",
        status="paid",
        placed_at=fact.occurred_at,
        currency=currency,
        totals=totals,
        customer=_customer(event, said),
        lines=lines,
        observed_at=fact.received_at,
        updated_at=fact.occurred_at,
        properties=properties | ({"notes": notes} if notes else {}),
        is_tracked=True,
    )


def _totals(said: Mapping[str, Any], lines: list[OrderLine], currency: str) -> OrderTotals | None:
    """Return the order's sums by Segment's words: `revenue` and `subtotal` come after the discount, before the rest."""
    amounts = {
        name: None if (amount := _amount(said.get(name), name)) is None else to_minor(amount, currency)
        for name in ("total", "revenue", "subtotal", "discount", "shipping", "tax")
    }
    beside = (amounts["shipping"] or 0) + (amounts["tax"] or 0)
    goods = amounts["revenue"] if amounts["subtotal"] is None else amounts["subtotal"]
    if goods is None and lines:
        goods = sum(line.total_minor for line in lines) - (amounts["discount"] or 0)
    total = amounts["total"]
    if total is None:
        if goods is None:
            return None
        total = goods + beside
    return OrderTotals(
        total_minor=total,
        subtotal_minor=goods,
        discount_minor=amounts["discount"],
        shipping_minor=amounts["shipping"],
        tax_minor=amounts["tax"],
    )


def _line(product: Mapping[str, Any], currency: str, order_ref: str) -> OrderLine | None:
    """Return a product of an order as a line; None where its price is not told."""
    price, quantity = _amount(product.get("price"), "price"), _quantity(product, order_ref)
    if price is None:
        return None
    total_minor = to_minor(price * quantity, currency)
    if abs(total_minor) > _MOST:
        raise BadOrderEvent(f"Order {order_ref}: {quantity} × {price:f} is not an amount money can have.")
    number, sku = _text(product.get("product_id")), _text(product.get("sku"))
    return OrderLine(
        sku=sku or number,
        title=_text(product.get("name")) or _text(product.get("title")),
        quantity=quantity,
        unit_price=f"{price:f}",
        total_minor=total_minor,
        properties={"product_ref": number} if number and sku else None,
    )


def _refund(fact: Fact, said: Mapping[str, Any], order_ref: str, currency: str) -> OrderNoted:
    """Return what was given back: the event's own total, else its products' prices, else the whole order."""
    products = [one for one in _list(said.get("products")) if isinstance(one, dict)]
    amount = next((found for name in ("total", "revenue", "value") if (found := _amount(said.get(name), name))), None)
    priced = [line for one in products if (line := _line(one, currency, order_ref)) is not None]
    if amount is not None:
        return _note(fact, order_ref, amount_minor=abs(to_minor(amount, currency)), currency=currency)
    if products and len(priced) == len(products):
        back = abs(sum(line.total_minor for line in priced))
        return _note(fact, order_ref, amount_minor=back, currency=currency)
    pieces = [
        OrderLine(
            _text(one.get("sku")) or _text(one.get("product_id")),
            _text(one.get("name")),
            abs(_quantity(one, order_ref)),
            "0",
            0,
        )
        for one in products
    ]
    return _note(fact, order_ref, lines=pieces)


def _note(
    fact: Fact,
    order_ref: str,
    *,
    amount_minor: int | None = None,
    currency: str | None = None,
    lines: list[OrderLine] | None = None,
) -> OrderNoted:
    return OrderNoted(
        order_ref=order_ref,
        observed_at=fact.received_at,
        updated_at=fact.occurred_at,
        amount_minor=amount_minor,
        currency=currency,
        lines=lines or [],
    )


def _order_ref(said: Mapping[str, Any]) -> str:
    found = next((ref for name in ("order_id", "orderId", "order_number") if (ref := _text(said.get(name)))), None)
    if found is None:
        raise BadOrderEvent("It does not say of which order: “order_id” is missing.")
    if len(found) > _LONGEST_REF:
        raise BadOrderEvent(f"Its order_id has more than {_LONGEST_REF} characters.")
    return found


def _currency(said: Mapping[str, Any], shops_own: str) -> tuple[str, list[str]]:
    if not (named := _text(said.get("currency"))):
        return shops_own, ["currency_missing"]
    try:
        return currency_code(named), []
    except BadCurrency as error:
        raise BadOrderEvent(str(error)) from None


def _customer(event: Mapping[str, Any], said: Mapping[str, Any]) -> CustomerSaid:
    traits = _object(_object(event.get("context")).get("traits"))

    def first(*names: str) -> str | None:
        return next((text[:200] for part in (said, traits) for name in names if (text := _text(part.get(name)))), None)

    return CustomerSaid(
        customer_ref=_text(event.get("userId")),
        email=first("email"),
        phone=first("phone"),
        first_name=first("first_name", "firstName"),
        last_name=first("last_name", "lastName"),
    )


def _quantity(product: Mapping[str, Any], order_ref: str) -> int:
    amount = _amount(product.get("quantity"), "quantity")
    if amount is None:
        return 1
    if amount != amount.to_integral_value() or abs(amount) > 10**9:
        raise BadOrderEvent(f"Order {order_ref}: {amount} is no number of pieces.")
    return int(amount)


def _amount(value: object, name: str) -> Decimal | None:
    """Return a number as it is written, in figures or as text; None where there is none."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise BadOrderEvent(f"Its “{name}” is not an amount.")
    try:
        amount = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        raise BadOrderEvent(f"Its “{name}” is “{str(value)[:40]}”, not an amount such as 19.90.") from None
    if not amount.is_finite() or abs(amount) > _MOST:
        raise BadOrderEvent(f"Its “{name}” is not an amount money can have.")
    return amount.quantize(_FINEST).normalize()


def _text(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip() or None


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
