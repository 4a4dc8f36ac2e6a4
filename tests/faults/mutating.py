"""Inputs as nobody writes them on purpose: samples of real ones, with bytes and members changed by chance."""

import json
import random
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

_ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1e308, -0.0, 10**30, "", " ", "\0", "\ud83d", "﷽" * 50, "x" * 300, "9" * 40, "1e5", "1,5",
    "2032-13-45T99:99:99Z", "0001-01-01T00:00:00+14:00", "=cmd|' /C'!A0", "<script>", "' OR 1=1 --", [], [[]], {},
    {"": ""}, [None] * 50, {"a": {"b": {"c": "d"}}},
)  # fmt: skip
_PIECES = (
    b"\0",
    b"\xff",
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"}",
    b"[" * 200,
    b'"',
    b",",
    b"1e999",
    b"\xef\xbb\xbf",
    b"\r\n",
    b"NaN",
    b"-",
)


def mutations(samples: Sequence[bytes], *, count: int, seed: int) -> Iterator[bytes]:
    """Yield inputs made of `samples`: the same ones for the same seed. The first are the samples themselves."""
    chance = random.Random(seed)
    yield from samples[:count]
    for _ in range(count - min(count, len(samples))):
        made = chance.choice(samples)
        if chance.random() < 0.6:
            made = _other_members(made, chance)
        if chance.random() < 0.4:
            made = _other_bytes(made, samples, chance)
        yield made


def _other_members(sample: bytes, chance: random.Random) -> bytes:
    """Change members of JSON here and there, by values that are right somewhere else."""
    try:
        root = json.loads(sample)
    except ValueError:
        return sample
    for _ in range(chance.randint(1, 3)):
        places = list(_places(root))
        if not places:
            break
        parent, key = chance.choice(places)
        match chance.randrange(4):
            case 0:
                del parent[key]
            case 1 if isinstance(parent, dict):
                parent[chance.choice(["type", "id", "", "context", "x" * 50])] = parent.pop(key)
            case 2:
                other, name = chance.choice(places)
                parent[key] = other[name] if other is not parent and not _holds(other, parent) else None
            case _:
                parent[key] = deepcopy(chance.choice(_ODD))  # one of its own: it may be changed in turn
    try:
        return json.dumps(root, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return sample


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield node, key
        yield from _places(child)


def _holds(node: Any, wanted: Any) -> bool:
    return any(parent is wanted or parent[key] is wanted for parent, key in _places(node))


def _other_bytes(sample: bytes, samples: Sequence[bytes], chance: random.Random) -> bytes:
    """Cut, repeat, replace and join bytes."""
    made = bytearray(sample)
    for _ in range(chance.randint(1, 4)):
        place = chance.randint(0, len(made))
        end = min(len(made), place + chance.choice((1, 2, 8, 64)))
        match chance.randrange(6):
            case 0:
                del made[place:end]
            case 1:
                made[place:place] = chance.choice(_PIECES)
            case 2:
                made[place:end] = chance.randbytes(end - place)
            case 3:
                made[place:place] = made[place:end]
            case 4 if chance.random() < 0.2:
                del made[place:]
            case _:
                other = chance.choice(samples)
                start = chance.randint(0, len(other))
                made[place:end] = other[start : start + end - place]
    return bytes(made)
