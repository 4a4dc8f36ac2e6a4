"""Identifiers → customers: each identifier leads to a customer of its own, and facts tie these to people."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import combinations
from typing import NamedTuple

import msgspec

from kembali.infra.database import one_transaction, raw_cursor
from kembali.kernel.ids import CustomerId
from kembali.shop.contracts.settings import ShopSettings
from kembali.shop.queries.settings import find_shop_settings
from kembali.shop.rules import Identifier, can_tie, normal_identifiers
from kembali.shop.rules.people import Pair
from kembali.shop.services.locking import Cursor, lock_shop
from kembali.shop.services.neighbourhood import load_around
from kembali.shop.services.regrouping import group_around, put_people


class Place(NamedTuple):
    """Where an identifier leads: its customer, and the root of that customer."""

    customer_id: int
    root_id: int
    is_claimed: bool = False


Known = dict[Identifier, Place]

_OURS = "customer_id"
_ID_LENGTH = 19  # digits of the largest bigint
_LOOK_UP = """
SELECT i.kind, i.value, c.id, c.root_id, i.is_claimed FROM jsonb_array_elements(%s) AS w
JOIN shop_identifier i ON (i.kind, i.value) = (w->>0, w->>1) JOIN shop_customer c ON c.id = i.customer_id
"""
_KNOWN_TIES = """
SELECT t.first_id, t.second_id FROM jsonb_array_elements(%s) AS w
JOIN shop_tie t ON (t.first_id, t.second_id) = ((w->>0)::bigint, (w->>1)::bigint)
"""
_NEW_IDS = """
SELECT nextval(pg_get_serial_sequence('shop_customer', 'id')) FROM generate_series(1, %s)
"""
_NEW_CUSTOMERS = """
INSERT INTO shop_customer (id, root_id, merged_into_id, is_shared, country, city)
SELECT (n->>0)::bigint, (n->>1)::bigint, nullif(n->>1, n->>0)::bigint, (n->>2)::boolean, '', ''
FROM jsonb_array_elements(%s) AS n
"""
_NEW_IDENTIFIERS = """
INSERT INTO shop_identifier (kind, value, customer_id)
SELECT n->>0, n->>1, (n->>2)::bigint FROM jsonb_array_elements(%s) AS n
"""
_NEW_TIES = """
INSERT INTO shop_tie (first_id, second_id) SELECT (n->>0)::bigint, (n->>1)::bigint FROM jsonb_array_elements(%s) AS n
"""
_CONFIRM = """
WITH confirmed AS (
    UPDATE shop_identifier i SET is_claimed = false FROM jsonb_array_elements(%s) AS n
    WHERE (i.kind, i.value) = (n->>0, n->>1) RETURNING customer_id
)
UPDATE shop_customer SET changed_xid = pg_current_xact_id() WHERE id IN (SELECT customer_id FROM confirmed)
"""


def resolve_customers(identifiers: Sequence[Mapping[str, str]], *, at: datetime) -> list[CustomerId | None]:
    """Return each mapping's customer, creating customers for identifiers never seen; None where there is none to use.

    Identifiers on one mapping tie their customers together (merge). The answer is the customer of the strongest
    identifier, not the root: ask `root_of`. Set-based: a handful of statements however many mappings.
    """
    shop = find_shop_settings()
    per_fact = [read_identifiers(one, shop) for one in identifiers]
    with one_transaction() as cursor:
        known = _look_up(cursor, _all_of(per_fact))
        if not _is_settled(cursor, per_fact, known):
            lock_shop(cursor)
            known = tie_customers(cursor, per_fact, at=at)
    return [_customer_of(one, known) for one in per_fact]


def find_customers(identifiers: Sequence[Mapping[str, str]]) -> list[CustomerId | None]:
    """As `resolve_customers`, but creates and merges nothing: None also where no identifier is known."""
    shop = find_shop_settings()
    per_fact = [read_identifiers(one, shop) for one in identifiers]
    with raw_cursor() as cursor:
        known = _look_up(cursor, _all_of(per_fact))
    return [_customer_of(one, known) for one in per_fact]


def read_identifiers(identifiers: Mapping[str, str], shop: ShopSettings | None) -> list[Identifier]:
    """Return a fact's identifiers in normal form, the strongest first; ours comes before all others."""
    ours = identifiers.get(_OURS, "")
    own = [(_OURS, ours)] if ours.isdecimal() and len(ours) <= _ID_LENGTH else []
    if shop is None:
        return [*own, *normal_identifiers(identifiers)]
    return [*own, *normal_identifiers(identifiers, country=shop.country, placeholders=shop.placeholders)]


def tie_customers(cursor: Cursor, per_fact: Sequence[Sequence[Identifier]], *, at: datetime) -> Known:
    """Make every identifier known and every tie between them; returns where each leads. The caller holds the lock.

    Who is one person afterwards is a function of all ties ever made, see `rules.people`.
    """
    known = _look_up(cursor, _all_of(per_fact))
    fresh = [one for one in _all_of(per_fact) if one not in known and one[0] != _OURS]
    cursor.execute(_NEW_IDS, (len(fresh),))
    ids = sorted(row[0] for row in cursor.fetchall())
    born = dict(zip(ids, fresh, strict=True))
    known |= {identifier: Place(one, one) for one, identifier in born.items()}
    _confirm(cursor, known)
    ties = _pairs(per_fact, known)
    ties -= _known_ties(cursor, [tie for tie in ties if born.keys().isdisjoint(tie)])
    if not ties:
        _put_new(cursor, born, dict(zip(ids, ids, strict=True)), frozenset())
        return known
    tied = {one for tie in ties for one in tie}
    found = load_around(cursor, tied - born.keys())
    found.add_new(((one, identifier) for one, identifier in born.items() if one in tied), ties)
    people = group_around(found)
    _put_new(cursor, born, people.root_of, people.shared)
    cursor.execute(_NEW_TIES, (msgspec.json.encode(sorted(ties)).decode(),))
    put_people(cursor, found, people, at=at)
    return {
        identifier: Place(place.customer_id, people.root_of.get(place.customer_id, place.root_id))
        for identifier, place in known.items()
    }


def _all_of(per_fact: Iterable[Iterable[Identifier]]) -> dict[Identifier, None]:
    """Return the identifiers of all facts, each once, in the order of their first appearance."""
    return dict.fromkeys(one for identifiers in per_fact for one in identifiers)


def _pairs(per_fact: Iterable[Sequence[Identifier]], known: Known) -> set[Pair]:
    """Return whom the facts tie: all who are named on one, except by what cannot be anybody's."""
    pairs: set[Pair] = set()
    for identifiers in per_fact:
        if len(identifiers) > 1:
            named = {known[one].customer_id for one in identifiers if one in known and can_tie(one)}
            pairs.update(combinations(sorted(named), 2))
    return pairs


def _known_ties(cursor: Cursor, ties: Sequence[Pair]) -> set[Pair]:
    if not ties:
        return set()
    cursor.execute(_KNOWN_TIES, (msgspec.json.encode(ties).decode(),))
    return {(first, second) for first, second in cursor.fetchall()}


def _put_new(
    cursor: Cursor, born: Mapping[int, Identifier], root_of: Mapping[int, int], shared: frozenset[int]
) -> None:
    if not born:
        return
    customers = [(one, root_of.get(one, one), one in shared) for one in born]
    cursor.execute(_NEW_CUSTOMERS, (msgspec.json.encode(customers).decode(),))
    names = [(*identifier, one) for one, identifier in born.items()]
    cursor.execute(_NEW_IDENTIFIERS, (msgspec.json.encode(names).decode(),))


def _confirm(cursor: Cursor, known: Known) -> None:
    """What only a browser had said is now said by a fact that can be trusted."""
    if claimed := [one for one, place in known.items() if place.is_claimed]:
        cursor.execute(_CONFIRM, (msgspec.json.encode(claimed).decode(),))


def _look_up(cursor: Cursor, identifiers: Iterable[Identifier]) -> Known:
    wanted = list(identifiers)
    cursor.execute(_LOOK_UP, (msgspec.json.encode(wanted).decode(),))
    known: Known = {(kind, value): Place(*place) for kind, value, *place in cursor.fetchall()}
    if ours := [value for kind, value in wanted if kind == _OURS]:
        cursor.execute("SELECT id, root_id FROM shop_customer WHERE id::text = ANY(%s)", (ours,))
        known.update({(_OURS, str(owner)): Place(owner, root) for owner, root in cursor.fetchall()})
    return known


def _is_settled(cursor: Cursor, per_fact: Sequence[Sequence[Identifier]], known: Known) -> bool:
    if any(one not in known and one[0] != _OURS for identifiers in per_fact for one in identifiers):
        return False
    if any(place.is_claimed for place in known.values()):
        return False
    ties = _pairs(per_fact, known)
    return _known_ties(cursor, list(ties)) == ties


def _customer_of(identifiers: Sequence[Identifier], known: Known) -> CustomerId | None:
    return next((CustomerId(known[one].customer_id) for one in identifiers if one in known), None)
