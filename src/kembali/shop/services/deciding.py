"""What a person decides about who is who: merge two people, take one out again, keep two apart, or later."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import product

import msgspec

from kembali.infra.database import one_transaction
from kembali.kernel.ids import CustomerId
from kembali.shop.errors import CustomerNotFound, NotAQuestion, NotMerged
from kembali.shop.queries.clusters import members_of
from kembali.shop.queries.parting import leaving_with
from kembali.shop.rules import is_placeholder, like_pattern
from kembali.shop.rules.people import Pair
from kembali.shop.services.copying import bigints
from kembali.shop.services.locking import Cursor, lock_shop
from kembali.shop.services.neighbourhood import load_around
from kembali.shop.services.regrouping import group_around, put_people, regroup

_DECIDE = """
INSERT INTO shop_decision (first_id, second_id, verdict, at)
SELECT (n->>0)::bigint, (n->>1)::bigint, %s, %s FROM jsonb_array_elements(%s) AS n
ON CONFLICT (first_id, second_id) DO UPDATE SET verdict = excluded.verdict, at = excluded.at
"""
# Whom a person has merged with somebody is no longer somebody only a browser has named.
_KNOWN = "UPDATE shop_identifier SET is_claimed = false WHERE is_claimed AND customer_id = ANY(%s::bigint[])"
_NUMBERED = """
SELECT DISTINCT customer_id FROM shop_identifier WHERE kind = 'customer_ref' AND customer_id = ANY(%s::bigint[])
"""
_FORGET = """
DELETE FROM shop_decision WHERE verdict = %(verdict)s AND (
    first_id = ANY(%(some)s::bigint[]) AND second_id = ANY(%(others)s::bigint[])
    OR first_id = ANY(%(others)s::bigint[]) AND second_id = ANY(%(some)s::bigint[]))
"""


def merge(first: CustomerId, second: CustomerId, *, at: datetime, by: str = "") -> CustomerId:
    """Make two people one and return their root; `unmerge` takes it back. Repeatable.

    Raises:
        CustomerNotFound: there is no such customer.
    """
    with one_transaction() as cursor:
        lock_shop(cursor)
        some, others = _members(first), _members(second)
        if some != others:
            cursor.execute(_KNOWN, (bigints([*some, *others]),))
            _forget(cursor, "apart", some, others)
            _decide(cursor, "same", _whom_to_join(cursor, some, others), at=at)
            regroup(cursor, {*some, *others}, at=at, by=by)
        return min(*some, *others)


def unmerge(customer_id: CustomerId, *, at: datetime, by: str = "") -> tuple[CustomerId, ...]:
    """Take a customer out of the person they belong to, with whoever hangs on them alone; returns who left.

    Facts will not merge the two again; a person can, with `merge`.

    Raises:
        CustomerNotFound: there is no such customer.
        NotMerged: there is nobody to take them from.
    """
    with one_transaction() as cursor:
        lock_shop(cursor)
        members = _members(customer_id)
        if len(members) == 1:
            raise NotMerged(f"Customer {customer_id} was not merged with another one.")
        leaving = leaving_with(customer_id)
        staying = [one for one in members if one not in leaving]
        _forget(cursor, "same", leaving, staying)
        _decide(cursor, "apart", product(leaving, staying), at=at)
        regroup(cursor, members, at=at, by=by)
        return leaving


def keep_apart(first: CustomerId, second: CustomerId, *, at: datetime, by: str = "") -> None:
    """Answer a question with no: these are two people, and facts will not merge them. Repeatable.

    Raises:
        CustomerNotFound: there is no such customer.
        NotAQuestion: they are one person already; `unmerge` takes them apart.
    """
    with one_transaction() as cursor:
        lock_shop(cursor)
        some, others = _members(first), _members(second)
        if some == others:
            raise NotAQuestion(f"Customers {first} and {second} are one person already.", hint="Take one of them out.")
        _decide(cursor, "apart", product(some, others), at=at)
        regroup(cursor, {*some, *others}, at=at, by=by)


def put_off(first: CustomerId, second: CustomerId, *, until: datetime) -> None:
    """Ask about these two again at `until`.

    Raises:
        NotAQuestion: nothing is asked about them.
    """
    with one_transaction() as cursor:
        cursor.execute(
            "UPDATE shop_question SET put_off_until = %s WHERE (first_id, second_id) IN ((%s, %s), (%s, %s))",
            (until, first, second, second, first),
        )
        if cursor.rowcount == 0:
            raise NotAQuestion(f"Nothing is asked about customers {first} and {second}.")


def hush(patterns: Sequence[str], *, at: datetime) -> None:
    """Let every identifier that matches one of these patterns tie nobody, for good."""
    with one_transaction() as cursor:
        lock_shop(cursor)
        cursor.execute(
            "SELECT customer_id, kind, value FROM shop_identifier WHERE lower(value) LIKE ANY(%s)",
            ([like_pattern(one) for one in patterns],),
        )
        found = [one for one, kind, value in cursor.fetchall() if is_placeholder(kind, value, patterns)]
        if found:
            around = load_around(cursor, found)
            nodes = {one: node._replace(is_shared=True) for one, node in around.nodes.items() if one in found}
            cursor.execute("UPDATE shop_customer SET is_shared = true WHERE id = ANY(%s::bigint[])", (bigints(found),))
            around.nodes.update(nodes)
            put_people(cursor, around, group_around(around), at=at)


def regroup_all(*, at: datetime, chunk: int = 10_000) -> None:
    """Work out anew who is one person, of everybody that is tied to anybody: after a change of the rules."""
    last = 0
    while True:
        with one_transaction() as cursor:
            lock_shop(cursor)
            cursor.execute(
                "SELECT DISTINCT first_id FROM shop_tie WHERE first_id > %s ORDER BY 1 LIMIT %s", (last, chunk)
            )
            some = [row[0] for row in cursor.fetchall()]
            if not some:
                return
            last = some[-1]
            regroup(cursor, some, at=at)


def _members(customer_id: CustomerId) -> tuple[CustomerId, ...]:
    found = members_of([customer_id]).get(customer_id)
    if found is None:
        raise CustomerNotFound(f"There is no customer {customer_id}.")
    return found


def _whom_to_join(cursor: Cursor, some: Collection[int], others: Collection[int]) -> list[Pair]:
    """Return which customers of two people a merge ties: those who bear numbers, where both have one.

    Were two of their addresses tied instead, the numbers would clash afterwards, and each would leave its person.
    """
    cursor.execute(_NUMBERED, (bigints([*some, *others]),))
    numbered = {row[0] for row in cursor.fetchall()}
    bearers = [sorted(numbered.intersection(side)) for side in (some, others)]
    return list(product(*bearers)) if all(bearers) else [(min(some), min(others))]


def _decide(cursor: Cursor, verdict: str, pairs: Iterable[Pair], *, at: datetime) -> None:
    ordered = sorted({(min(pair), max(pair)) for pair in pairs})
    cursor.execute(_DECIDE, (verdict, at, msgspec.json.encode(ordered).decode()))


def _forget(cursor: Cursor, verdict: str, some: Iterable[int], others: Iterable[int]) -> None:
    cursor.execute(_FORGET, {"verdict": verdict, "some": bigints(some), "others": bigints(others)})
