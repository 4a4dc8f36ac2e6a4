"""Who is one person: customers that facts and people tie together, as a function of the set of ties.

A *customer* here is one identifier (old ones may have several); a *tie* says that a fact named two of them. Ties are
taken tier by tier, the surest first, and in every tier all at once, so that the order in which facts arrived cannot
matter:

1. What a person decided ("the same") holds before all else.
2. An identifier that met too many is *shared*: it ties nobody.
3. In each tier, an identifier that would join two customers who bear different numbers of one numbering, or whom a
   person took apart, ties nobody. So do all joining identifiers of a chain that would come to the same. For numbers
   this is a *question* that a person can settle.
4. A weak identifier (a device) joins nobody to anybody: it is added to the one person it met, or to none.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import NamedTuple

from kembali.shop.rules.identifiers import KINDS, Identifier, Strength, numbering_of

Pair = tuple[int, int]

_ASKED_PAIRWISE = 6  # customers that clash: of more, each is asked about with the next one only


class Node(NamedTuple):
    """A customer and what they are known by. `is_shared`: found to be so before, and not all ties are given."""

    identifiers: Sequence[Identifier]
    is_shared: bool = False


class Question(NamedTuple):
    """Are these two one person? They bear different numbers of one numbering; `via` are the identifiers they share."""

    first: int
    second: int
    via: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class People:
    """root_of: customer → the oldest customer of the person. shared: who ties nobody, having met too many."""

    root_of: Mapping[int, int]
    shared: frozenset[int]
    questions: tuple[Question, ...]


def group_people(
    nodes: Mapping[int, Node], ties: Collection[Pair], *, same: Iterable[Pair] = (), apart: Iterable[Pair] = ()
) -> People:
    """Return who is one person. Ties and decisions about customers that are not among `nodes` are left aside.

    Locally exact: of a whole shop only what hangs together through customers that are not shared need be given.
    """
    shared = frozenset(one for one, node in nodes.items() if node.is_shared) | _over_limit(nodes, ties)
    grouping = _Grouping(nodes, apart, set(shared))
    for first, second in same:
        if first in nodes and second in nodes:
            grouping.join(first, second)
    tiers: dict[Strength, list[Pair]] = defaultdict(list)
    for first, second in ties:
        if first in nodes and second in nodes:
            tiers[max(grouping.strength_of(first), grouping.strength_of(second))].append((first, second))
    for strength in sorted(tiers):
        grouping.tie(strength, tiers[strength])
    return People({one: grouping.root(one) for one in nodes}, shared, grouping.questions())


def renamed(aliases: Iterable[Pair], apart: Collection[Pair]) -> set[Pair]:
    """Return which aliases (previous → customer) hold, as pairs.

    Of a name that was given to two customers none does; against a person's word none does.
    """
    given: dict[int, set[int]] = defaultdict(set)
    for previous, customer in aliases:
        given[previous].add(customer)
    pairs = {(min(previous, *now), max(previous, *now)) for previous, now in given.items() if len(now) == 1}
    return pairs.difference(apart)


def hanging_on(customer: int, keep: int, group: Collection[int], ties: Iterable[Pair]) -> frozenset[int]:
    """Return who leaves a person together with `customer`: those tied to `keep` only through them."""
    near: dict[int, set[int]] = defaultdict(set)
    for first, second in ties:
        near[first].add(second)
        near[second].add(first)
    staying, reached = {keep}, [keep]
    while reached:
        further = near[reached.pop()] - staying - {customer}
        staying |= further
        reached.extend(further)
    return frozenset(group) - staying


def _over_limit(nodes: Mapping[int, Node], ties: Iterable[Pair]) -> frozenset[int]:
    """Return whoever met more addresses, or more numbers of one numbering, than their kind may."""
    met: dict[int, dict[str, set[Identifier]]] = defaultdict(lambda: defaultdict(set))
    for first, second in ties:
        for one, other in ((first, second), (second, first)):
            if one in nodes and other in nodes:
                for kind, value in nodes[other].identifiers:
                    if KINDS[kind].strength <= Strength.STRONG:
                        met[one][f"{kind} {numbering_of(value)}" if kind == "customer_ref" else kind].add((kind, value))
    return frozenset(
        one
        for one, counts in met.items()
        if nodes[one].identifiers
        and max(map(len, counts.values())) > min(KINDS[kind].most for kind, _ in nodes[one].identifiers)
    )


@dataclass(slots=True)
class _Grouping:
    nodes: Mapping[int, Node]
    apart: Iterable[Pair]
    silent: set[int]  # who ties nobody
    _parent: dict[int, int] = field(default_factory=dict)
    _numbers: dict[int, dict[str, str]] = field(default_factory=dict)  # root → numbering → the first number in it
    _strengths: dict[int, Strength] = field(default_factory=dict)  # root → the strongest in it
    _own: dict[int, Strength] = field(default_factory=dict)
    _asked: dict[Pair, set[int]] = field(default_factory=lambda: defaultdict(set))
    _apart: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        for one, node in self.nodes.items():
            self._parent[one] = one
            self._own[one] = min((KINDS[kind].strength for kind, _ in node.identifiers), default=Strength.WEAK)
            numbers = sorted((value for kind, value in node.identifiers if kind == "customer_ref"), reverse=True)
            self._numbers[one] = {numbering_of(value): value for value in numbers}
        self._strengths = dict(self._own)
        for first, second in self.apart:
            self._apart[first].add(second)
            self._apart[second].add(first)

    def strength_of(self, one: int) -> Strength:
        return self._own[one]

    def root(self, one: int) -> int:
        parent = self._parent
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    def join(self, first: int, second: int) -> None:
        """Make two units one; the lower number is the root. Whom a person took apart moves along."""
        low, high = sorted((self.root(first), self.root(second)))
        if low == high:
            return
        self._parent[high] = low
        for numbering, number in self._numbers[high].items():
            self._numbers[low][numbering] = min(number, self._numbers[low].get(numbering, number))
        self._strengths[low] = min(self._strengths[low], self._strengths[high])
        if high in self._apart:
            self._apart[low] |= self._apart[high]

    def tie(self, strength: Strength, ties: Sequence[Pair]) -> None:
        """Join what the ties of one tier join, without bringing together what clashes."""
        ties = [tie for tie in ties if self.silent.isdisjoint(tie) and not self._are_apart(*map(self.root, tie))]
        stars: dict[int, set[int]] = defaultdict(set)
        for first, second in ties:
            for one, other in ((first, second), (second, first)):
                if self._own[one] == strength:
                    stars[one].add(self.root(other))
        for one, met in stars.items():
            self._hush_if_clashing({one}, {self.root(one), *met}, strength)
        ties = [tie for tie in ties if self.silent.isdisjoint(tie)]
        stars_in: dict[int, list[int]] = defaultdict(list)
        for one in stars:
            stars_in[self.root(one)].append(one)
        for units in self._joined(ties):
            joining = {one for unit in units for one in stars_in[unit] if len(stars[one] - {unit}) > 1}
            self._hush_if_clashing(joining - self.silent, units, strength)
        ties = [tie for tie in ties if self.silent.isdisjoint(tie)]
        for units in self._joined(ties):  # what still clashes hangs on one customer: none of it is tied
            self._hush_if_clashing({one for unit in units for one in stars_in[unit]}, units, strength)
        for first, second in ties:
            if self.silent.isdisjoint((first, second)):
                self.join(first, second)

    def questions(self) -> tuple[Question, ...]:
        """Return what is still open, each pair of people once, whatever their units were when it came up."""
        asked: dict[Pair, set[int]] = defaultdict(set)
        for pair, via in self._asked.items():
            first, second = sorted(map(self.root, pair))
            if first != second:
                asked[first, second] |= via
        return tuple(Question(*pair, tuple(sorted(via))) for pair, via in sorted(asked.items()))

    def _hush_if_clashing(self, joining: set[int], units: set[int], strength: Strength) -> None:
        for first, second, is_question in self._clashes(units, strength):
            self.silent |= joining
            if is_question:
                self._asked[first, second] |= joining

    def _clashes(self, units: set[int], strength: Strength) -> Iterator[tuple[int, int, bool]]:
        """Yield pairs of units that must not become one, and whether a person may be asked about them."""
        if strength == Strength.WEAK:
            known = sorted(one for one in units if self._strengths[one] < Strength.WEAK)
            yield from ((first, second, False) for first, second in pairwise(known))
            return
        bearing: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for one in sorted(units):
            for numbering, number in self._numbers[one].items():
                bearing[numbering].append((number, one))
            for other in units & {self.root(each) for each in self._apart.get(one, ()) if each in self._parent}:
                if one < other:
                    yield one, other, False
        for several in bearing.values():
            among = [one for _, one in sorted(several)]  # by their numbers: ids tell who came first
            for first, second in combinations(among, 2) if len(among) <= _ASKED_PAIRWISE else pairwise(among):
                yield min(first, second), max(first, second), not self._are_apart(first, second)

    def _are_apart(self, first: int, second: int) -> bool:
        return any(each in self._parent and self.root(each) == second for each in self._apart.get(first, ()))

    def _joined(self, ties: Iterable[Pair]) -> list[set[int]]:
        """Return the groups of units that ties connect."""
        parent: dict[int, int] = {}

        def top(one: int) -> int:
            while parent.setdefault(one, one) != one:
                parent[one] = parent[parent[one]]
                one = parent[one]
            return one

        for first, second in ties:
            parent[top(self.root(first))] = top(self.root(second))
        groups: dict[int, set[int]] = defaultdict(set)
        for one in parent:
            groups[top(one)].add(one)
        return list(groups.values())
