"""Facts on their way to a receiver: short to let happen, to send and to look up."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from kembali.collect import api as collect
from kembali.infra.http import Client
from kembali.relay import api as relay
from tests.makers.receiving import Received, Receiver

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
CLIENT = Client(allow_private=True)


def listen(to: Receiver, **more: Any) -> tuple[int, str]:
    endpoint, secret = relay.create_endpoint(to.url, client=CLIENT, **{"at": AT, **more})
    return endpoint.id, secret


def happen(*numbers: int, kind: str = "test.happened", at: datetime = AT, occurred_at: datetime | None = None) -> None:
    facts = [
        collect.NewFact(
            source="test",
            message_id=f"m{number}",
            kind=kind,
            identifiers={"email": "ann@example.com"},
            occurred_at=occurred_at or at,
            payload={"number": number},
        )
        for number in numbers
    ]
    collect.append_facts(facts, at=at)
    fold(len(numbers), at)


def fold(count: int, at: datetime = AT) -> None:
    """Hand the relay the newest facts, as its consumer does, but within the test's transaction."""
    relay.CONSUMER.handle(collect.recent_facts(limit=count).facts, at)


def deliver(at: datetime = AT) -> int:
    with relay.Dispatcher(client=CLIENT) as dispatcher:
        return dispatcher.run_until_idle(at=at)


def numbers_of(received: list[Received]) -> list[int]:
    return sorted(json.loads(one.body)["data"]["payload"]["number"] for one in received)


def states(endpoint_id: int) -> list[str]:
    return [one.state for one in relay.list_deliveries(endpoint_id)]
