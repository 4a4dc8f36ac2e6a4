"""From ties and decisions to pointers: who is one person is worked out anew, and only what changed is written."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import msgspec

from kembali.collect.api import NewFact, append_facts
from kembali.shop.rules.people import Pair, People, Question, group_people, renamed
from kembali.shop.services.copying import bigints
from kembali.shop.services.locking import Cursor
from kembali.shop.services.neighbourhood import Neighbourhood, load_around
from kembali.shop.services.settling import ALWAYS, settle_customers

_EVIDENCE_SHOWN = 10

# Orders count as changed with their customers, because the lake stores the root beside them; so do the people left.
_POINT = """
WITH moved AS (
    UPDATE shop_customer c SET root_id = n.root_id, merged_into_id = nullif(n.root_id, c.id),
        changed_xid = pg_current_xact_id()
    FROM (SELECT (m->>0)::bigint AS id, (m->>1)::bigint AS root_id FROM jsonb_array_elements(%(moved)s) AS m) n
    WHERE c.id = n.id
), left_behind AS (
    UPDATE shop_customer SET changed_xid = pg_current_xact_id()
    WHERE id = ANY(%(left)s::bigint[]) AND NOT id = ANY(%(ids)s::bigint[])
)
UPDATE shop_order SET changed_xid = pg_current_xact_id() WHERE customer_id = ANY(%(ids)s::bigint[])
"""
_ASK = """
INSERT INTO shop_question AS q (first_id, second_id, via, found_at)
SELECT (n->>0)::bigint, (n->>1)::bigint, n->2, %s FROM jsonb_array_elements(%s) AS n
ON CONFLICT (first_id, second_id) DO UPDATE SET via = excluded.via WHERE q.via <> excluded.via
"""
_ANSWERED = """
DELETE FROM shop_question WHERE first_id = ANY(%(ids)s::bigint[]) AND second_id = ANY(%(ids)s::bigint[])
    AND NOT EXISTS (SELECT FROM jsonb_array_elements(%(open)s) AS n
        WHERE (n->>0)::bigint = first_id AND (n->>1)::bigint = second_id)
"""


def group_around(found: Neighbourhood) -> People:
    """Return who is one person there."""
    same = found.same | renamed(found.aliases, found.apart)
    return group_people(found.nodes, found.ties, same=same, apart=found.apart)


def regroup(cursor: Cursor, customers: Collection[int], *, at: datetime, by: str = "") -> None:
    """Work out anew who is one person among everybody tied to these customers. The caller holds the lock."""
    found = load_around(cursor, customers)
    put_people(cursor, found, group_around(found), at=at, by=by)


def put_people(cursor: Cursor, found: Neighbourhood, people: People, *, at: datetime, by: str = "") -> None:
    """Write what differs from the present pointers, with a fact for each person who moved. The caller holds the lock.

    Customers that `found` has no root of are the caller's to write: nobody knows their ids yet, so their first merge
    is no fact.

    Args:
        by: the person who decided it; empty when facts did.
    """
    shared = [one for one in people.shared if one in found.root_of and not found.nodes[one].is_shared]
    if shared:
        cursor.execute("UPDATE shop_customer SET is_shared = true WHERE id = ANY(%s::bigint[])", (bigints(shared),))
    moved = {one: people.root_of[one] for one, root in found.root_of.items() if people.root_of[one] != root}
    if moved:
        left = {found.root_of[one] for one in moved}
        cursor.execute(
            _POINT,
            {
                "moved": msgspec.json.encode(list(moved.items())).decode(),
                "ids": bigints(moved),
                "left": bigints(left),
            },
        )
        settle_customers(cursor, dict.fromkeys(left | set(moved.values()), ALWAYS))
        _record_moves(cursor, found, moved, at=at, by=by)
    _put_questions(cursor, found, people.questions, at=at)


def _put_questions(cursor: Cursor, found: Neighbourhood, questions: Iterable[Question], *, at: datetime) -> None:
    encoded = msgspec.json.encode(list(questions)).decode()
    if found.root_of:
        cursor.execute(_ANSWERED, {"ids": bigints(found.root_of), "open": encoded})
    if encoded != "[]":
        cursor.execute(_ASK, (at, encoded))


def _record_moves(cursor: Cursor, found: Neighbourhood, moved: Mapping[int, int], *, at: datetime, by: str) -> None:
    """Tell who joined whom: one fact for each person that moved, not for each of their customers."""
    movers: dict[Pair, list[int]] = defaultdict(list)
    for one, new_root in moved.items():
        movers[found.root_of[one], new_root].append(one)
    cursor.execute("SELECT pg_current_xact_id()::text")
    xid = cursor.fetchall()[0][0]
    facts: list[tuple[str, int, int, list[str]]] = []
    for (old_root, new_root), customers in sorted(movers.items()):
        if moved.get(old_root) != new_root:  # they left somebody who stays
            facts.append(("customer.unmerged", min(customers), old_root, []))
        if min(customers) != new_root:
            facts.append(("customer.merged", min(customers), new_root, _evidence(found, customers, moved)))
    append_facts(
        [
            NewFact(
                source="kembali",
                message_id=f"{kind}:{customer_id}:{other_id}:{at.isoformat()}:{xid}",
                kind=kind,
                occurred_at=at,
                identifiers={"customer_id": str(customer_id)},
                payload={"customer_id": customer_id, "merged_into_id": other_id, "evidence": evidence, "by": by},
            )
            for kind, customer_id, other_id, evidence in facts
        ],
        at=at,
    )


def _evidence(found: Neighbourhood, customers: Iterable[int], moved: Mapping[int, int]) -> list[str]:
    """Return the identifiers that tie the movers to those they joined."""
    movers = set(customers)
    named: set[str] = set()
    for first, second in found.ties:
        if (first in movers) == (second in movers):
            continue
        mover, other = (first, second) if first in movers else (second, first)
        if moved.get(other, found.root_of.get(other)) == moved[mover]:
            named.update(f"{kind}:{value}" for one in (mover, other) for kind, value in found.nodes[one].identifiers)
    return sorted(named)[:_EVIDENCE_SHOWN]
