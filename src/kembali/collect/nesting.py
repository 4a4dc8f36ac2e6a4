"""How deep JSON from outside may be nested: whoever reads it later does so by recursion, and would break on more."""

from array import array
from itertools import accumulate

MOST_LEVELS = 32

_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")  # one level down, one level up
_BESIDE = bytes(set(range(256)) - set(b"[]{}"))


def is_too_deep(text: bytes) -> bool:
    """Return whether JSON has more than `MOST_LEVELS` lists and objects inside each other, itself included.

    Nearly nothing has so many brackets at all: then nothing is looked at any closer.
    """
    if text.count(b"{") + text.count(b"[") <= MOST_LEVELS:
        return False
    outside = text.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2]  # between two quotes stands a text
    steps = array("b", b"".join(outside).translate(_STEPS, _BESIDE))
    return max(accumulate(steps), default=0) > MOST_LEVELS
