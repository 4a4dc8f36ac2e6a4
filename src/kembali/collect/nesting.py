"""How deep JSON from outside may be nested: whoever reads it later does so by recursion, and would break on more."""

import re

MOST_LEVELS = 32

_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_AS_LISTS = bytes.maketrans(b"{}", b"[]")
_BESIDE = bytes(set(range(256)) - set(b"[]{}"))


def is_too_deep(text: bytes) -> bool:
    """Return whether JSON has more than `MOST_LEVELS` lists and objects inside each other, itself included.

    Nearly nothing has so many brackets at all: then nothing is looked at any closer.
    """
    if text.count(b"{") + text.count(b"[") <= MOST_LEVELS:
        return False
    shape = _TEXT.sub(b"", text).translate(_AS_LISTS, _BESIDE)
    for _ in range(MOST_LEVELS):
        shape = shape.replace(b"[]", b"")  # each time the innermost level goes
    return b"[]" in shape or len(shape) > MOST_LEVELS  # the latter where it is no JSON, and begins only
