"""Webhooks of WooCommerce, damaged in every way: no crash, little time, and each is facts or kept with its reason."""

import json
import time
from copy import deepcopy
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from kembali.collect.connectors.woocommerce.connector import WooCommerce
from tests.fakes.woocommerce import Site
from tests.fakes.woocommerce.site import encoded

WOO = WooCommerce().webhooks
SEEN = datetime(2026, 6, 2, tzinfo=UTC)
TOPICS = ("order.created", "order.updated", "customer.updated", "product.updated", "order.deleted", "nonsense", "")
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 2**70, 1e300, 0.1, "", "NaN", "-Infinity", "1e999999", "9" * 400, "\u0000", "\ud800", "a" * 5000,
    [], [None], {}, {"x": []}, [[[[]]]], "2026-13-45T99:99:99", "0000-00-00T00:00:00", "9999-12-31T23:59:59",
)  # fmt: skip


def damaged(draw: Random, whole: dict[str, Any]) -> bytes:
    """Return JSON with a member replaced, or bytes flipped, cut, doubled or put in."""
    if draw.random() < 0.5:
        thing = json.loads(json.dumps(whole))
        for _ in range(draw.randint(1, 3)):
            inner: Any = thing
            while isinstance(inner, dict | list) and inner and draw.random() < 0.8:
                place = draw.choice(sorted(inner)) if isinstance(inner, dict) else draw.randrange(len(inner))
                if not isinstance(inner[place], dict | list) or not inner[place] or draw.random() < 0.5:
                    inner[place] = deepcopy(draw.choice(ODD))
                    break
                inner = inner[place]
        return encoded(thing)
    body = bytearray(encoded(whole))
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(body) or 1)
        kind = draw.randrange(4)
        if kind == 0 and body:
            body[at] ^= 1 << draw.randrange(8)
        elif kind == 1:
            del body[at : at + draw.randint(1, 40)]
        elif kind == 2:
            body[at:at] = body[at : at + draw.randint(1, 40)]
        else:
            body[at:at] = draw.choice((b"[" * 3000, b'{"a":' * 800, b"\\u0000", b"\xff\xfe", b'"', b"1e9999"))
    return bytes(body)


def survives(seed: int, count: int) -> None:
    draw, site = Random(seed), Site()
    person, product = site.sign_up("a@example.com", "A"), site.stock("Mug", "1.00")
    order = site.place([("MUG", 2, "12.50")], email="a@example.com", customer_id=person)
    wholes = (site.orders[order], site.orders[order], site.accounts[person], site.products[product])
    beside = {"consent_field": "_stripe_intent_id", "statuses": "shipped=paid", "currency": "EUR"}
    slowest = 0.0
    for _ in range(count):
        body, topic = damaged(draw, draw.choice(wholes)), draw.choice(TOPICS)
        began = time.perf_counter()
        reading = WOO.read(topic, body, beside, source="woocommerce", received_at=SEEN)
        slowest = max(slowest, time.perf_counter() - began)
        for kept in reading.rejected:
            assert kept.raw == body
            assert kept.reason
            assert kept.reason_code
        for fact in reading.facts:
            assert fact.message_id
            assert fact.occurred_at.tzinfo is not None
    assert slowest < 1.0


def test_a_few_hundred_damaged_webhooks() -> None:
    survives(1, 400)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 7))
def test_a_hundred_thousand_damaged_webhooks(seed: int) -> None:
    survives(seed, 20_000)
