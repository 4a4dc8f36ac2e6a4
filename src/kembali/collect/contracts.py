"""The values that leave `collect`: facts, before and after they are in the log, what is none, and who consumes them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import msgspec

T = TypeVar("T")

# The strongest identifier first: it becomes the fact's subject, under which the timeline finds it.
IDENTIFIER_KINDS = ("customer_id", "customer_ref", "email", "loyalty_ref", "phone", "anonymous_id")


class NewFact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Something that happened, on its way into the log.

    `payload` is a JSON object: bytes go in as they are, anything else is encoded. (source, message_id) is the
    idempotency key.
    """

    source: str
    message_id: str
    kind: str
    occurred_at: datetime
    payload: bytes | Mapping[str, object] | msgspec.Struct
    identifiers: Mapping[str, str] = {}


class Fact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row of the log."""

    seq: int
    source: str
    message_id: str
    kind: str
    identifiers: dict[str, str]
    occurred_at: datetime
    received_at: datetime
    payload: msgspec.Raw

    def decode(self, shape: type[T]) -> T:
        """Return the payload as `shape`.

        Raises:
            msgspec.ValidationError: it does not fit.
        """
        return msgspec.json.decode(self.payload, type=shape)


class Rejected(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a program sent and cannot be a fact: kept with its reason, and replayed once that is mended.

    `call` names who can read it again: `tracking.track`, `shopify.orders/updated`. `beside` is a JSON object with what
    that reader must know beside `raw`.
    """

    source: str
    call: str
    is_trusted: bool
    reason_code: str
    reason: str
    raw: bytes
    beside: bytes = b"{}"


@dataclass(slots=True)
class Reading:
    """What was read of one request: facts, and what cannot be one."""

    facts: list[NewFact] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


class OrderLine(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A line of an `order.version`: one JSON array, half the size of an object where orders have thousands of lines.

    `unit_price` is a decimal number as text; `total_minor` is signed and rounded already. Whatever is added one day is
    added at the end.
    """

    sku: str | None
    title: str | None
    quantity: int
    unit_price: str
    total_minor: int
    properties: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Consumer:
    """Somebody who folds facts: one handler, one cursor.

    `handle(facts, at)` runs in the transaction that moves the cursor. `kinds` empty means every kind.
    """

    name: str
    kinds: frozenset[str]
    handle: Callable[[Sequence[Fact], datetime], None]


def subject_of(identifiers: Mapping[str, str]) -> str | None:
    """Return the strongest identifier as `kind:value`, or None for a fact about nobody."""
    for kind in IDENTIFIER_KINDS:
        if value := identifiers.get(kind):
            return f"{kind}:{value}"
    return None
