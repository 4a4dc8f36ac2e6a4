"""Identifiers → customers, and the merge of two customers: a pointer and a fact, never a rewrite."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from kembali.collect.api import NewFact, append_facts
from kembali.infra.database import one_transaction, raw_cursor
from kembali.kernel.ids import CustomerId
from kembali.shop.errors import CustomerNotFound, NotMerged
from kembali.shop.rules import Identifier, normal_identifiers, tie_together
from kembali.shop.services.locking import Cursor, lock_shop
from kembali.shop.services.settling import ALWAYS, settle_customers

Known = dict[Identifier, tuple[int, int]]  # identifier → its customer, and the root of that customer

_OURS = "customer_id"


def resolve_customers(identifiers: Sequence[Mapping[str, str]], *, at: datetime) -> list[CustomerId | None]:
    """Return each mapping's customer, creating customers for identifiers never seen; None where there is none to use.

    Identifiers on one mapping tie their customers together (merge). The answer is the customer of the strongest
    identifier, not the root: ask `root_of`. Set-based: a handful of statements however many mappings.
    """
    per_fact = [read_identifiers(one) for one in identifiers]
    plan = tie_together(per_fact)
    with one_transaction() as cursor:
        known = _look_up(cursor, plan.owner_of)
        if not _is_settled(plan.groups, known):
            lock_shop(cursor)
            known = tie_customers(cursor, per_fact, at=at)
    return [_customer_of(one, known) for one in per_fact]


def find_customers(identifiers: Sequence[Mapping[str, str]]) -> list[CustomerId | None]:
    """As `resolve_customers`, but creates and merges nothing: None also where no identifier is known."""
    per_fact = [read_identifiers(one) for one in identifiers]
    with raw_cursor() as cursor:
        known = _look_up(cursor, {identifier for one in per_fact for identifier in one})
    return [_customer_of(one, known) for one in per_fact]


def read_identifiers(identifiers: Mapping[str, str]) -> list[Identifier]:
    """Return a fact's identifiers in normal form, the strongest first; ours comes before all others."""
    ours = identifiers.get(_OURS, "")
    return [*([(_OURS, ours)] if ours.isdecimal() else []), *normal_identifiers(identifiers)]


def tie_customers(cursor: Cursor, per_fact: Sequence[Sequence[Identifier]], *, at: datetime) -> Known:
    """Make every identifier known: new clusters, new identifiers of known ones, merges. Returns where each belongs.

    The caller holds the shop's lock.
    """
    plan = tie_together(per_fact)
    known = _look_up(cursor, plan.owner_of)
    if _is_settled(plan.groups, known):
        return known
    groups = [[one for one in group if one[0] != _OURS or one in known] for group in plan.groups]
    fresh = [group for group in groups if group and not any(one in known for one in group)]
    owners = dict(zip(map(id, fresh), _new_customers(cursor, len(fresh)), strict=True))
    added: Known = {}
    for group in groups:
        new = owners.get(id(group))
        owner = (new, new) if new else next((known[one] for one in group if one in known), None)
        if owner is not None:
            added.update({one: owner for one in group if one not in known})
    cursor.execute(
        "INSERT INTO shop_identifier (kind, value, customer_id) "
        "SELECT n->>0, n->>1, (n->>2)::bigint FROM jsonb_array_elements(%s) AS n",
        (msgspec.json.encode([(*one, owner) for one, (owner, _) in added.items()]).decode(),),
    )
    several = [roots for group in groups if len(roots := {known[one][1] for one in group if one in known}) > 1]
    for roots in several:
        merge_roots(cursor, roots, at=at)
    return _look_up(cursor, plan.owner_of) if several else known | added


def merge_roots(cursor: Cursor, roots: Iterable[int], *, at: datetime) -> None:
    """Point the younger roots to the oldest one, except where a person took the two apart. Caller holds the lock."""
    oldest, *younger = sorted(roots)
    for one in younger:
        cursor.execute(
            "SELECT 1 FROM shop_separation s JOIN shop_customer a ON a.id = s.first_id JOIN shop_customer b "
            "ON b.id = s.second_id WHERE (a.root_id, b.root_id) IN ((%(a)s, %(b)s), (%(b)s, %(a)s)) LIMIT 1",
            {"a": oldest, "b": one},
        )
        if cursor.fetchone() is None:
            cursor.execute("UPDATE shop_customer SET merged_into_id = %s WHERE id = %s", (oldest, one))
            _move_root(cursor, one, "root_id = %(from)s", oldest, at=at)
            _record("customer.merged", one, oldest, at=at)


def unmerge(customer_id: CustomerId, *, at: datetime) -> None:
    """Take a merged customer out again, with whoever was merged into it before; facts will not merge the two again.

    Raises:
        CustomerNotFound: there is no such customer.
        NotMerged: it was not merged.
    """
    with one_transaction() as cursor:
        lock_shop(cursor)
        cursor.execute("SELECT merged_into_id, root_id FROM shop_customer WHERE id = %s", (customer_id,))
        row = cursor.fetchone()
        if row is None:
            raise CustomerNotFound(f"There is no customer {customer_id}.")
        if row[0] is None:
            raise NotMerged(f"Customer {customer_id} was not merged into another one.")
        cursor.execute("UPDATE shop_customer SET merged_into_id = NULL WHERE id = %s", (customer_id,))
        cursor.execute(
            "INSERT INTO shop_separation (first_id, second_id, at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            (row[0], customer_id, at),
        )
        _move_root(
            cursor,
            customer_id,
            "id IN (WITH RECURSIVE below AS (SELECT %(from)s::bigint AS id UNION ALL SELECT c.id FROM shop_customer c "
            "JOIN below b ON c.merged_into_id = b.id) SELECT id FROM below)",
            customer_id,
            at=at,
        )
        settle_customers(cursor, {row[1]: ALWAYS})
        _record("customer.unmerged", customer_id, row[0], at=at)


def _move_root(cursor: Cursor, customer_id: int, which: str, root_id: int, *, at: datetime) -> None:  # noqa: ARG001
    """Give customers another root; their orders count as changed, because the lake stores the root beside them."""
    cursor.execute(
        "WITH moved AS (UPDATE shop_customer SET root_id = %(root)s, changed_xid = pg_current_xact_id() "  # noqa: S608
        f"WHERE {which} RETURNING id) UPDATE shop_order SET changed_xid = pg_current_xact_id() "
        "WHERE customer_id IN (SELECT id FROM moved)",
        {"root": root_id, "from": customer_id},
    )
    settle_customers(cursor, {root_id: ALWAYS})


def _record(kind: str, customer_id: int, other_id: int, *, at: datetime) -> None:
    fact = NewFact(
        source="kembali",
        message_id=f"{kind}:{customer_id}:{other_id}:{at.isoformat()}",
        kind=kind,
        occurred_at=at,
        identifiers={_OURS: str(customer_id)},
        payload={"customer_id": customer_id, "merged_into_id": other_id},
    )
    append_facts([fact], at=at)


def _look_up(cursor: Cursor, identifiers: Iterable[Identifier]) -> Known:
    wanted = list(identifiers)
    cursor.execute(
        "SELECT i.kind, i.value, c.id, c.root_id FROM jsonb_array_elements(%s) AS w "
        "JOIN shop_identifier i ON (i.kind, i.value) = (w->>0, w->>1) JOIN shop_customer c ON c.id = i.customer_id",
        (msgspec.json.encode(wanted).decode(),),
    )
    known: Known = {(kind, value): (owner, root) for kind, value, owner, root in cursor.fetchall()}
    if ours := [value for kind, value in wanted if kind == _OURS]:
        cursor.execute("SELECT id, root_id FROM shop_customer WHERE id::text = ANY(%s)", (ours,))
        known.update({(_OURS, str(owner)): (owner, root) for owner, root in cursor.fetchall()})
    return known


def _is_settled(groups: Iterable[Sequence[Identifier]], known: Known) -> bool:
    return all(
        all(one in known or one[0] == _OURS for one in group)
        and len({known[one][1] for one in group if one in known}) < 2
        for group in groups
    )


def _new_customers(cursor: Cursor, count: int) -> list[int]:
    cursor.execute(
        "INSERT INTO shop_customer (id, root_id, country, city) SELECT n, n, '', '' FROM ("
        "SELECT nextval(pg_get_serial_sequence('shop_customer', 'id')) AS n FROM generate_series(1, %s)) ids "
        "RETURNING id",
        (count,),
    )
    return sorted(row[0] for row in cursor.fetchall())


def _customer_of(identifiers: Sequence[Identifier], known: Known) -> CustomerId | None:
    return next((CustomerId(known[one][0]) for one in identifiers if one in known), None)
