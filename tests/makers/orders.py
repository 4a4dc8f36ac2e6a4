"""Order versions as facts, as a source would send them: short to write, complete in shape."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zlib import crc32

from kembali.collect import api as collect
from kembali.collect.payloads import OrderNoted

DAY = timedelta(days=1)
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

Line = tuple[str, int, int]  # SKU, pieces, unit price in minor units


def order_fact(
    order_ref: str,
    lines: Sequence[Line] = (("MUG", 1, 1000),),
    *,
    day: float = 0,
    identifiers: dict[str, str] | None = None,
    kind: str = "order",
    status: str = "paid",
    seen: int = 0,
    updated: int | None = None,
    source: str = "test",
    currency: str = "GBP",
    refunded_minor: int | None = None,
    shipping_minor: int | None = None,
    customer: dict[str, object] | None = None,
) -> collect.NewFact:
    """One version of an order placed `day` days after the start, observed in the `seen`-th look at it."""
    placed_at = START + day * DAY
    total = sum(pieces * price for _, pieces, price in lines) + (shipping_minor or 0)
    payload = {
        "order_ref": order_ref,
        "type": kind,
        "placed_at": placed_at,
        "time_flag": None,
        "currency": currency,
        "status": status,
        "observed_at": START + (1000 + seen) * DAY,
        "updated_at": None if updated is None else START + updated * DAY,
        "totals": {"total_minor": total, "refunded_minor": refunded_minor, "shipping_minor": shipping_minor},
        "customer": {**(identifiers or {}), **(customer or {})},
        "lines": [[sku, sku.title(), pieces, f"{price / 100:.2f}", pieces * price] for sku, pieces, price in lines],
        "properties": {},
    }
    return collect.NewFact(
        source=source,
        message_id=f"{order_ref}:{crc32(repr(lines).encode())}:{seen}:{updated or 0}:{status}",
        kind="order.version",
        occurred_at=placed_at,
        payload=payload,
        identifiers=identifiers or {},
    )


def note_id(kind: str, note: OrderNoted) -> str:
    """Return a message id of an `order.deleted` and its like: `<ref>:<kind>:<instant>`; each can happen again."""
    return f"{note.order_ref}:{kind}:{(note.updated_at or note.observed_at).isoformat()}"
