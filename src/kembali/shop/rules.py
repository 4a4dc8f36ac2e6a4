"""Pure decisions of the shop: which order a cancellation unwinds, which identifiers are one person, normal forms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

Identifier = tuple[str, str]

NEVER = datetime.min.replace(tzinfo=UTC)  # older than any word about anything

# The strongest first: a fact with several identifiers belongs to the cluster of its strongest one.
IDENTIFIER_KINDS = ("customer_ref", "email", "loyalty_ref", "phone", "anonymous_id")


class GoodsLine(NamedTuple):
    """A line that sold (or, in a cancellation, gave back) a product: `quantity` and `total_minor` are positive.

    `placed_us` counts microseconds since any fixed instant: only its order matters. `key` names the line and breaks
    ties between lines of one instant: natural keys only, so that the same orders
    give the same result in every database.
    """

    key: tuple[str, str, int]
    placed_us: int
    quantity: int
    total_minor: int


class Allocation(NamedTuple):
    """`quantity` pieces of the order line `line` were given back by the cancellation line `cancellation`."""

    cancellation: tuple[str, str, int]
    line: tuple[str, str, int]
    quantity: int
    amount_minor: int


def allocate_cancellations(cancelled: Iterable[GoodsLine], sold: Iterable[GoodsLine]) -> list[Allocation]:
    """Unwind the earlier sales of one customer and one product; what finds no sale stays unallocated.

    Cancellations are taken in the order of their time. Each takes the latest earlier line that still has exactly its
    quantity; else what is left of the latest earlier lines, one after the other. A function of the *set* of lines:
    their order in the arguments does not matter. No line gives back more pieces or more money than it sold.
    """
    latest_first = [_Open(line) for line in sorted(sold, key=_by_time, reverse=True)]
    allocations = []
    for back in sorted(cancelled, key=_by_time):
        earlier = [entry for entry in latest_first if entry.pieces > 0 and entry.line.placed_us <= back.placed_us]
        exact = next((entry for entry in earlier if entry.pieces == back.quantity), None)
        left, money_left = back.quantity, back.total_minor
        for entry in [exact] if exact is not None else earlier:
            taken = min(left, entry.pieces)
            if taken == 0:
                break
            # The money follows the pieces; the last pieces take the rest, so that nothing is lost to rounding.
            money = money_left if taken == left else money_left * taken // left
            amount = min(money, entry.money)
            allocations.append(Allocation(back.key, entry.line.key, taken, amount))
            entry.pieces -= taken
            entry.money -= amount
            left -= taken
            money_left -= money
    return allocations


class _Open:
    """What is left of a sold line."""

    __slots__ = ("line", "money", "pieces")

    def __init__(self, line: GoodsLine) -> None:
        self.line = line
        self.pieces = line.quantity
        self.money = line.total_minor


def _by_time(line: GoodsLine) -> tuple[int, tuple[str, str, int]]:
    return line.placed_us, line.key


@dataclass(frozen=True, slots=True)
class ClusterPlan:
    """What a batch of facts means for identity.

    groups: the identifiers that some chain of facts in the batch ties together, each group once.
    owner_of: identifier → index of its group.
    """

    groups: Sequence[Sequence[Identifier]]
    owner_of: Mapping[Identifier, int]


def tie_together(facts: Iterable[Sequence[Identifier]]) -> ClusterPlan:
    """Return the connected groups of identifiers, where identifiers on one fact are connected.

    Groups, and the identifiers in them, stand in the order of their first appearance.
    """
    parent: dict[Identifier, Identifier] = {}

    def root(one: Identifier) -> Identifier:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for identifiers in facts:
        for one in identifiers:
            parent.setdefault(one, one)
            parent[root(one)] = root(identifiers[0])
    places: dict[Identifier, int] = {}
    groups: list[list[Identifier]] = []
    owner_of: dict[Identifier, int] = {}
    for one in parent:
        place = places.setdefault(root(one), len(groups))
        if place == len(groups):
            groups.append([])
        groups[place].append(one)
        owner_of[one] = place
    return ClusterPlan(groups, owner_of)


def normal_identifiers(identifiers: Mapping[str, str | None]) -> list[Identifier]:
    """Return the usable identifiers, the strongest first: trimmed, e-mail in lower case, phone as digits.

    Ours (`customer_id`) is not one of them: it needs no looking up.
    """
    return [
        (kind, value)
        for kind in IDENTIFIER_KINDS
        if (text := identifiers.get(kind)) and (value := normal_value(kind, text))
    ]


def normal_value(kind: str, value: str) -> str:
    """Return an identifier's value in normal form, empty where there is nothing in it."""
    value = value.strip()
    if kind == "email":
        return value.lower()
    if kind == "phone":
        digits = "".join(sign for sign in value if sign.isdecimal())
        if value.startswith("+") and digits:
            return f"+{digits}"
        return f"+{digits[2:]}" if digits.startswith("00") else digits
    return value


def sku_key(sku: str | None, title: str | None) -> str:
    """Return what makes two lines the same product: the SKU with its case folded, else the title; empty for neither."""
    if sku and (key := sku.strip().casefold()):
        return key
    return (title or "").strip().casefold()
