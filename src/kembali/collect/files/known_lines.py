"""Which lines of an order were already in an earlier version of it. Pure."""

from collections import Counter

import msgspec

from kembali.collect.contracts import OrderLine


class _Order(msgspec.Struct, gc=False):
    lines: list[OrderLine]


_decode = msgspec.json.Decoder(_Order).decode
_Key = tuple[str | None, str | None, int, str, int]


def order_lines(payload: bytes) -> list[OrderLine]:
    """Return the lines of an `order.version` payload."""
    return _decode(payload).lines


def known_line_count(earlier_payload: bytes, payload: bytes) -> int:
    """Return how many lines of `payload` an earlier version already held; equal lines count as often as both have them.

    A line is the same when code, name, quantity, unit price and total are; both are `order.version` payloads.
    """
    return (_held(earlier_payload) & _held(payload)).total()


def unknown_lines(earlier_payload: bytes, payload: bytes) -> list[int]:
    """Return the places of the lines of `payload` that the earlier version does not hold, counted as above."""
    held = _held(earlier_payload)
    unknown = []
    for place, line in enumerate(order_lines(payload)):
        if held[key := _key(line)]:
            held[key] -= 1
        else:
            unknown.append(place)
    return unknown


def _held(payload: bytes) -> Counter[_Key]:
    return Counter(map(_key, order_lines(payload)))


def _key(line: OrderLine) -> _Key:
    return line.sku, line.title, line.quantity, line.unit_price, line.total_minor
