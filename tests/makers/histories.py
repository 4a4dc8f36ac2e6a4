"""Random histories of a small shop, from a seed: a platform with webhooks, exports of it, a till that tracks events.

`webhooks` are what the platform says as things happen; `others` are sayings that nothing repeats. `now` is what it says
about everything when it is asked at the end: all that the webhooks said last.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import msgspec

from kembali.collect import api as collect
from kembali.collect.contracts import Fact
from kembali.collect.payloads import (
    CartStatus,
    CartVersion,
    CustomerSaid,
    OrderNoted,
    OrderTotals,
    OrderVersion,
    ProductVariant,
    ProductVersion,
    ShipmentVersion,
    version_id,
)
from tests.makers.orders import DAY, START, note_id

STEPS = 22
_PEOPLE: tuple[dict[str, str], ...] = (
    {"customer_ref": "shop:1", "email": "ann@example.com"},
    {"customer_ref": "shop:2"},
    {"email": "cid@example.com", "phone": "+447700900123"},
    {"email": "ann@example.com"},
    {},
)
_SKUS = ("MUG", "TEA", "mug")
_CART_STATUSES: tuple[CartStatus, ...] = ("open", "open", "completed", "deleted")


def _customer(who: Mapping[str, str], **more: str) -> CustomerSaid:
    return msgspec.convert({**who, **more}, CustomerSaid)


@dataclass(slots=True)
class History:
    """What a shop's sources say, in the order in which it happened."""

    webhooks: list[collect.NewFact] = field(default_factory=list)
    others: list[collect.NewFact] = field(default_factory=list)
    now: list[collect.NewFact] = field(default_factory=list)

    @property
    def everything(self) -> list[collect.NewFact]:
        """All that was said, and what the platform says in the end."""
        return [*self.webhooks, *self.others, *self.now]


class _Shop:
    """The platform: what it holds, and its clock."""

    def __init__(self, seed: int, *, ticks: bool) -> None:
        self.draw = Random(seed)
        self.ticks = ticks
        self.at = START
        self.said = History()
        self.last: dict[tuple[str, str], collect.NewFact] = {}
        self.orders: dict[str, OrderVersion] = {}
        self.gone: set[str] = set()
        self.carts: dict[str, CartVersion] = {}

    def say(self, kind: str, ref: str, payload: msgspec.Struct, who: Mapping[str, str] | None = None) -> None:
        message_id = version_id(f"{kind}/{ref}", payload)
        if isinstance(payload, OrderNoted):
            message_id = note_id(kind, payload)
        elif isinstance(payload, CustomerSaid):  # it bears no instant: the same words said again are news
            message_id = f"{message_id}:{self.at.isoformat()}"
        fact = collect.NewFact(
            source="shop", message_id=message_id, kind=kind, occurred_at=self.at, payload=payload, identifiers=who or {}
        )
        self.said.webhooks.append(fact)
        self.last[kind, ref] = fact

    def order(self) -> None:
        ref = f"#{self.draw.randrange(4)}"
        old = self.orders.get(ref)
        draw = Random(f"{self.draw.random()}")
        skus = Random(ref).sample(_SKUS, 2)  # an order keeps its customer and its goods, whatever changes
        who = _PEOPLE[int(ref[1:])]
        lines = [collect.OrderLine(sku, sku.title(), (n := draw.randrange(1, 4)), "5", n * 500) for sku in skus]
        total = sum(line.total_minor for line in lines)
        is_back = ref == "#3"
        if is_back:
            lines = [
                msgspec.structs.replace(one, quantity=-one.quantity, total_minor=-one.total_minor) for one in lines
            ]
        refunded = draw.choice([None, 0, 250, total])
        self.orders[ref] = OrderVersion(
            order_ref=ref,
            type="cancellation" if is_back else "order",
            status=draw.choice(["paid", "paid", "pending", "cancelled"]),
            placed_at=old.placed_at if old else self.at,
            currency="GBP",
            totals=OrderTotals(total_minor=-total if is_back else total, refunded_minor=refunded, tax_minor=50),
            customer=_customer(who, first_name=draw.choice(["Ann", "Anna"]), country=draw.choice(["GB", "FR"])),
            lines=lines,
            observed_at=self.at,
            updated_at=self.at,
        )
        self.say("order.version", ref, self.orders[ref], who)

    def order_note(self) -> None:
        if not self.orders:
            return
        ref = self.draw.choice(sorted(self.orders))
        kind = "order.restored" if ref in self.gone else "order.deleted"
        self.gone ^= {ref}
        self.say(kind, ref, OrderNoted(order_ref=ref, observed_at=self.at, updated_at=self.at))

    def product(self) -> None:
        ref = f"{self.draw.randrange(2)}"
        is_gone = self.draw.random() < 0.15
        variants = [
            ProductVariant(variant_ref=f"{ref}-{sku}", sku=sku, price_minor=self.draw.randrange(9), unit_cost_minor=200)
            for sku in Random(ref).sample(_SKUS, 2)
        ]
        payload = ProductVersion(
            product_ref=ref,
            title="" if is_gone else self.draw.choice(["Mug", "Enamel mug"]),
            status="deleted" if is_gone else "active",
            currency="GBP",
            variants=[] if is_gone else variants,
            observed_at=self.at,
            updated_at=self.at,
        )
        self.say("product.version", f"{ref}/{'gone' if is_gone else 'here'}", payload)

    def cart(self) -> None:
        ref = f"c{self.draw.randrange(2)}"
        old = self.carts.get(ref)
        if old is not None and old.status != "open":
            return
        status: CartStatus = self.draw.choice(_CART_STATUSES)
        self.carts[ref] = CartVersion(
            cart_ref=ref,
            status=status,
            currency="GBP",
            total_minor=self.draw.randrange(1000),
            order_ref="#0" if status == "completed" else None,
            observed_at=self.at,
            updated_at=self.at,
        )
        self.say("checkout.version", f"{ref}/{status == 'deleted'}", self.carts[ref], _PEOPLE[0])

    def shipment(self) -> None:
        ref = f"#{self.draw.randrange(3)}"
        payload = ShipmentVersion(
            order_ref=ref,
            shipment_ref="1",
            status=self.draw.choice(["shipped", "delivered"]),
            promised_at=START + 3 * DAY,
            observed_at=self.at,
            updated_at=self.at,
        )
        self.say("shipment.version", ref, payload)

    def profile(self) -> None:
        who = self.draw.choice(_PEOPLE[:3])
        said = _customer(who, first_name=self.draw.choice(["Ann", "Bea"]), city=self.draw.choice(["York", "Lyon"]))
        self.say("customer.profile", "/".join(sorted(who.values())), said, who)

    def tracked(self) -> None:
        number = f"{self.draw.randrange(2)}"
        name = f"Order {self.draw.choice(['Completed', 'Completed', 'Updated', 'Refunded', 'Cancelled'])}"
        products = [{"sku": "TEA", "price": 3.5, "quantity": self.draw.randrange(1, 4)}]
        said: dict[str, object] = {"order_id": number, "currency": "GBP", "products": products}
        if name == "Order Refunded":
            said["products"] = self.draw.choice([[], [{"sku": "TEA", "quantity": 1}], products])
        self.told(
            "trusted:till",
            "tracking.track",
            {"type": "track", "event": name, "properties": said},
            {"email": "cid@example.com"},
        )

    def export(self) -> None:
        """An old export, read at some time: it bears no instant of the platform's."""
        ref = f"#{self.draw.randrange(4)}"
        version = self.orders.get(ref)
        if version is None:
            return
        old = msgspec.structs.replace(version, updated_at=None, status=self.draw.choice(["paid", "pending"]))
        fact = collect.NewFact(
            source="shop", message_id=version_id(f"file/{ref}", old), kind="order.version", occurred_at=self.at,
            payload=old, identifiers=_PEOPLE[int(ref[1:])],
        )  # fmt: skip
        self.said.others.append(fact)

    def refund(self) -> None:
        if not self.orders:
            return
        ref = self.draw.choice(sorted(self.orders))
        note = OrderNoted(order_ref=ref, observed_at=self.at, amount_minor=self.draw.randrange(600), currency="GBP")
        self.told("shop", "order.refunded", note, {}, note_id("refunded", note))

    def told(self, source: str, kind: str, payload: Any, who: dict[str, str], message_id: str | None = None) -> None:
        if isinstance(payload, dict):
            payload = payload | {"is_trusted": True, "notes": []}
        self.said.others.append(
            collect.NewFact(
                source=source,
                message_id=message_id or f"m{self.draw.random()}",
                kind=kind,
                occurred_at=self.at,
                payload=payload,
                identifiers=who,
            )
        )


def random_history(seed: int) -> History:
    """Return the history that a seed stands for.

    Of odd seeds the clock ticks with every deed. Of even ones it often stands still: versions of one instant differ,
    and which of them was the last nobody can tell, so that a lost one is lost.
    """
    shop = _Shop(seed, ticks=seed % 2 == 1)
    for who in _PEOPLE:  # when somebody was first seen is nothing that a platform tells again
        shop.told("shop", "customer.profile", _customer(who), who)
    deeds = (
        shop.order, shop.order, shop.order, shop.order_note, shop.product, shop.cart, shop.shipment, shop.profile,
        shop.tracked, shop.tracked, shop.export, shop.refund,
    )  # fmt: skip
    for _ in range(STEPS):
        shop.draw.choice(deeds)()
        shop.at += shop.draw.choice([timedelta(seconds=1 if shop.ticks else 0), timedelta(hours=1), DAY])
    shop.said.now.extend(shop.last.values())
    return shop.said


def as_facts(news: Sequence[collect.NewFact], *, received_at: datetime) -> list[Fact]:
    """Return facts as the log would give them, those that order events stand for included; each key once."""
    found: dict[tuple[str, str], Fact] = {}
    for new in _with_derived(news, received_at):
        found.setdefault((new.source, new.message_id), new)
    return list(found.values())


def _with_derived(news: Sequence[collect.NewFact], received_at: datetime) -> Iterator[Fact]:
    for new in news:
        fact = as_logged(new, received_at=received_at)
        yield fact
        if fact.kind == "tracking.track":
            yield from (
                as_logged(one, received_at=received_at) for one in collect.facts_of_order_event(fact, currency="GBP")
            )


def as_logged(new: collect.NewFact, *, received_at: datetime) -> Fact:
    """Return a fact as the log would give it."""
    return Fact(
        seq=hash((new.source, new.message_id)),
        source=new.source,
        message_id=new.message_id,
        kind=new.kind,
        identifiers=dict(new.identifiers),
        occurred_at=new.occurred_at,
        received_at=received_at,
        payload=msgspec.Raw(new.payload if isinstance(new.payload, bytes) else msgspec.json.encode(new.payload)),
    )
