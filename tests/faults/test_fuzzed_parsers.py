"""Whatever strangers send: no parser falls over, takes long, or lets anything go without a reason.

A parser joins with one entry in `PARSERS`. In `make faults` each reads its share of 100,000 inputs and more.
"""

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import pytest
from django.db import connection

from kembali.collect import door
from kembali.collect.errors import BadTrackingRequest
from kembali.collect.log.packing import log_rows
from kembali.collect.models import Fact, RejectedCount
from kembali.collect.rejects.rereading import READERS
from kembali.infra.database import one_transaction
from tests.fakes.shopify import ShopifyShop
from tests.fakes.woocommerce import wire
from tests.faults.mutating import mutations
from tests.makers.realdata import captured_requests

AT = datetime(2032, 3, 1, 12, tzinfo=UTC)
_SLOWEST_S = 1.0  # of processor time, for one input of at most 500 KB
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parser:
    """Something that reads what strangers send; `read` returns None where it refuses the whole."""

    name: str
    samples: Sequence[bytes]
    read: Callable[[bytes], door.Reading | None]


def _tracking(body: bytes, *, call: str = "batch", is_trusted: bool = True) -> door.Reading | None:
    try:
        envelope = door.open_envelope(door.body_of(body, ""), call)
    except BadTrackingRequest:
        return None
    reading = door.read_events(envelope, call, source="fuzz", is_trusted=is_trusted, anonymous_id="", received_at=AT)
    assert len(reading.facts) + len(reading.rejected) == len(envelope.batch or ())
    return reading


def _webhook(body: bytes, *, platform: str, call: str, beside: dict[str, str]) -> door.Reading:
    connector = door.connector_of(platform)
    assert connector.webhooks is not None
    reading = connector.webhooks.read(call, body, beside, source="fuzz", received_at=AT)
    try:
        log_rows(reading.facts, received_at=AT)
    except door.BadFact as error:  # as the edge keeps what the log refuses
        kept = connector.rejected(call, body, beside, source="fuzz", code="refused", reason=str(error))
        return door.Reading(rejected=[kept])
    return reading


def _bodies(paths: Sequence[str]) -> list[bytes]:
    return [one["b"].encode() for one in captured_requests() if one["m"] == "POST" and one["p"] in paths]


_TEA = {"sku": "TEA", "price": 4.5, "quantity": 2}
_EVENTS: list[dict[str, object]] = [
    {
        "type": "track",
        "event": "Order Completed",
        "userId": "u1",
        "messageId": "m1",
        "timestamp": "2032-03-01T11:00:00Z",
        "properties": {"order_id": "1001", "total": 45.5, "products": [_TEA]},
    },
    {"type": "identify", "userId": 7, "messageId": "m2", "traits": {"email": "ann@example.com", "phone": "+49 30 1"}},
    {"type": "page", "anonymousId": "a1", "messageId": "m3", "context": {"campaign": {"source": "mail"}}},
    {"type": "alias", "userId": "u1", "previousId": "u1"},
    {"type": "group", "userId": "u1", "groupId": "g1", "sentAt": "2032-03-01T11:00:01Z"},
]
_BATCH = json.dumps({"batch": _EVENTS, "context": {"locale": "de"}, "sentAt": "2032-03-01T11:00:01Z"}).encode()
_CURRENCY = {"currency": "EUR"}
_SHOPIFY_TOPICS = (
    "orders/updated",
    "fulfillments/update",
    "checkouts/update",
    "customers/create",
    "customers_email_marketing_consent/update",
)


def _shopify_life() -> dict[str, list[bytes]]:
    """Return what a Shopify shop sends, by topic."""
    shop = ShopifyShop()
    shop.customer(1)
    shop.consents(1, "subscribed")
    shop.order(1001, [("MUG", 2, "12.50"), ("GIFT-CARD", 1, "25.00")], codes=["WELCOME"], tip="1.00")
    shop.pay(1001)
    shop.refund(1001, "5.00")
    shop.ship(1001, "in_transit")
    shop.ship(1001, "delivered")
    shop.checkout(7)
    shop.checkout(7, completed=True)
    return {topic: [sent.body for sent in shop.sent if sent.topic == topic] for topic in _SHOPIFY_TOPICS}


PARSERS = [
    Parser("batches", [_BATCH, *_bodies(["/v1/batch", "/v1/b"])], _tracking),
    Parser(
        "single calls",
        [json.dumps(one).encode() for one in _EVENTS] + _bodies(["/v1/track", "/v1/t", "/v1/identify", "/v1/page"]),
        partial(_tracking, call="track", is_trusted=False),
    ),
    Parser(
        "WooCommerce orders",
        [json.dumps(wire.order(7, 1007, [("TEA", 2, "4.50")], email="a@example.com", customer_id=3, at=AT)).encode()],
        partial(_webhook, platform="woocommerce", call="order.updated", beside=_CURRENCY),
    ),
    *(
        Parser(
            f"Shopify {topic}",
            bodies,
            partial(_webhook, platform="shopify", call=topic, beside={**_CURRENCY, "triggered_at": AT.isoformat()}),
        )
        for topic, bodies in _shopify_life().items()
    ),
    Parser(
        "WooCommerce customers",
        [json.dumps(wire.account(7, "ann@example.com", "Ann", at=AT)).encode()],
        partial(_webhook, platform="woocommerce", call="customer.updated", beside=_CURRENCY),
    ),
]


def fuzz(parser: Parser, *, count: int, seed: int) -> list[door.Reading]:
    """Read mutated samples; return what was read. Any failing input is named by its number and its first bytes."""
    readings, outcomes, slowest = [], Counter[str](), 0.0
    for number, data in enumerate(mutations(parser.samples, count=count, seed=seed)):
        started = time.process_time()
        try:
            reading = parser.read(data)
            log_rows(reading.facts if reading else [], received_at=AT)
        except Exception as error:
            error.add_note(f"{parser.name}, input {number} of seed {seed}: {data[:300]!r}")
            raise
        slowest = max(slowest, time.process_time() - started)
        if reading is None:
            outcomes["refused whole"] += 1
            continue
        readings.append(reading)
        outcomes["facts"] += len(reading.facts)
        for one in reading.rejected:
            outcomes[one.reason_code] += 1
            assert one.reason
            assert one.raw or not data
            again = READERS[one.call.partition(".")[0]](
                one.call, one.raw, one.beside, source="fuzz", is_trusted=one.is_trusted, received_at=AT
            )
            assert again.rejected or one.reason_code == "refused"
    _log.info("%s: %d inputs, slowest %.1f ms, %s", parser.name, count, slowest * 1000, dict(outcomes.most_common()))
    assert slowest < _SLOWEST_S
    assert outcomes["facts"] > count / 20  # most inputs being nonsense from the start would show nothing
    assert sum(outcomes.values()) > outcomes["facts"]
    return readings


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
@pytest.mark.parametrize("count", [400, pytest.param(60_000, marks=pytest.mark.slow)])
def test_every_input_is_read_refused_or_kept_with_its_reason(parser: Parser, count: int) -> None:
    fuzz(parser, count=count, seed=count)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
@pytest.mark.parametrize("count", [150, pytest.param(5_000, marks=pytest.mark.slow)])
def test_whatever_was_read_the_database_takes(parser: Parser, count: int) -> None:
    readings = fuzz(parser, count=count, seed=count)
    facts = [fact for reading in readings for fact in reading.facts]
    rejected = [one for reading in readings for one in reading.rejected]
    with one_transaction() as cursor:
        door.append(cursor, facts, received_at=AT)
        door.keep_rejected(cursor, rejected, received_at=AT)
    assert Fact.objects.count() == len({fact.message_id for fact in facts})
    assert sum(RejectedCount.objects.values_list("seen_count", flat=True)) == len(rejected)
    with connection.cursor() as cursor:  # what a question about a payload meets
        cursor.execute("SELECT count(payload ->> 'userId'), count(payload::jsonb) FROM collect_fact")


def test_the_harness_notices_a_parser_that_falls_over_and_one_that_lets_things_go() -> None:
    def strict(data: bytes) -> door.Reading | None:
        json.loads(data)
        return None

    with pytest.raises(ValueError) as failed:  # noqa: PT011 - whatever it says
        fuzz(Parser("strict", [_BATCH], strict), count=50, seed=1)
    assert any("strict, input" in note for note in failed.value.__notes__)
    with pytest.raises(AssertionError):
        fuzz(Parser("careless", [_BATCH], lambda data: door.Reading()), count=50, seed=1)
