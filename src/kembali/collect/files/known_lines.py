"""Which lines of an order were already in an earlier version of it. Pure."""

from collections import Counter

import msgspec


class _Line(msgspec.Struct, frozen=True, gc=False):
    sku: str
    quantity: int
    unit_price: str
    total_minor: int
    title: str | None = None


class _Order(msgspec.Struct, gc=False):
    lines: list[_Line]


_decode = msgspec.json.Decoder(_Order).decode


def known_line_count(earlier_payload: bytes, payload: bytes) -> int:
    """Return how many lines of `payload` an earlier version already held; equal lines count as often as both have them.

    A line is the same when code, name, quantity, unit price and total are; both are `order.version` payloads.
    """
    earlier, later = (Counter(_decode(text).lines) for text in (earlier_payload, payload))
    return (earlier & later).total()


def unknown_lines(earlier_payload: bytes, payload: bytes) -> list[int]:
    """Return the places of the lines of `payload` that the earlier version does not hold, counted as above."""
    held = Counter(_decode(earlier_payload).lines)
    unknown = []
    for place, line in enumerate(_decode(payload).lines):
        if held[line]:
            held[line] -= 1
        else:
            unknown.append(place)
    return unknown
