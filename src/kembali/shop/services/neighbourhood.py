"""What hangs together around some customers, loaded as far as grouping people needs it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from kembali.shop.rules.identifiers import Identifier
from kembali.shop.rules.people import Node, Pair
from kembali.shop.services.copying import bigints
from kembali.shop.services.locking import Cursor

_NODES = """
SELECT c.id, c.root_id, c.is_shared, array_agg(i.kind) FILTER (WHERE i.id IS NOT NULL), array_agg(i.value)
FROM shop_customer c LEFT JOIN shop_identifier i ON i.customer_id = c.id
WHERE c.id = ANY(%s::bigint[]) GROUP BY c.id
"""
_TIES = """
SELECT first_id, second_id, 'tie' FROM shop_tie WHERE first_id = ANY(%(ids)s::bigint[])
UNION SELECT first_id, second_id, 'tie' FROM shop_tie WHERE second_id = ANY(%(ids)s::bigint[])
UNION SELECT first_id, second_id, verdict FROM shop_decision WHERE first_id = ANY(%(ids)s::bigint[])
UNION SELECT first_id, second_id, verdict FROM shop_decision WHERE second_id = ANY(%(ids)s::bigint[])
UNION SELECT previous_id, customer_id, 'alias' FROM shop_alias WHERE previous_id = ANY(%(ids)s::bigint[])
UNION SELECT previous_id, customer_id, 'alias' FROM shop_alias WHERE customer_id = ANY(%(ids)s::bigint[])
"""


@dataclass(slots=True)
class Neighbourhood:
    """Customers with their present root, and all ties and decisions among them. aliases: previous → customer."""

    nodes: dict[int, Node] = field(default_factory=dict)
    root_of: dict[int, int] = field(default_factory=dict)
    ties: set[Pair] = field(default_factory=set)
    same: set[Pair] = field(default_factory=set)
    apart: set[Pair] = field(default_factory=set)
    aliases: set[Pair] = field(default_factory=set)

    def add_new(self, customers: Iterable[tuple[int, Identifier]], ties: Iterable[Pair]) -> None:
        """Add customers and ties that are not in the database yet."""
        self.nodes.update({one: Node((identifier,)) for one, identifier in customers})
        self.ties.update(ties)


def load_around(cursor: Cursor, customers: Collection[int]) -> Neighbourhood:
    """Return whoever is tied to these customers, directly or through others that are not shared.

    A pair of statements for each step away from them: people are rarely more than two steps wide.
    """
    found = Neighbourhood()
    frontier = set(customers)
    while frontier:
        cursor.execute(_NODES, (bigints(frontier),))
        further: list[int] = []
        for one, root_id, is_shared, kinds, values in cursor.fetchall():
            found.nodes[one] = Node(tuple(zip(kinds or (), values, strict=False)), is_shared)
            found.root_of[one] = root_id
            if not is_shared:
                further.append(one)
        cursor.execute(_TIES, {"ids": bigints(further)})
        reached: set[int] = set()
        for first, second, what in cursor.fetchall():
            pairs = {"tie": found.ties, "same": found.same, "apart": found.apart, "alias": found.aliases}[what]
            pairs.add((first, second))
            if what != "apart":
                reached.update((first, second))
        frontier = reached - found.nodes.keys() - frontier
    return found
