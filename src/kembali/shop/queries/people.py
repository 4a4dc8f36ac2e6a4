"""Find people, and show one."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from kembali.infra.database import raw_cursor
from kembali.kernel.ids import CustomerId
from kembali.shop.contracts.people import Address, PeopleFound, PersonFound, Profile
from kembali.shop.errors import CustomerNotFound
from kembali.shop.queries.clusters import LATEST_WORDS, identifiers_of, members_of, root_of
from kembali.shop.queries.settings import find_shop_settings
from kembali.shop.rules import phone_prefix

# A prefix of an e-mail address, a full name, a last name, or a reference or phone number finds a person.
_MATCHING = """
SELECT DISTINCT c.root_id FROM shop_customer c WHERE c.root_id > %(after)s AND c.id IN (
    SELECT customer_id FROM shop_person WHERE email LIKE %(low)s
    UNION ALL SELECT customer_id FROM shop_person WHERE full_name_key LIKE %(low)s
    UNION ALL SELECT customer_id FROM shop_person WHERE last_name_key LIKE %(low)s
    UNION ALL SELECT customer_id FROM shop_identifier
        WHERE value LIKE %(raw)s AND kind <> 'anonymous_id' AND NOT is_claimed
    UNION ALL SELECT customer_id FROM shop_identifier WHERE value LIKE %(phone)s AND kind = 'phone' AND NOT is_claimed
) ORDER BY c.root_id LIMIT %(limit)s
"""
_EVERYONE = """
SELECT c.id FROM shop_customer c WHERE c.root_id = c.id AND c.id > %(after)s
    AND NOT EXISTS (SELECT FROM shop_identifier i WHERE i.customer_id = c.id AND i.is_claimed)
ORDER BY c.id LIMIT %(limit)s
"""
_AMONG = """
SELECT DISTINCT c.root_id FROM shop_customer c JOIN unnest(%(among)s::bigint[]) AS a(id) ON a.id = c.id
WHERE c.root_id > %(after)s
"""
_WITHIN = "WITH f(id) AS ({found}) SELECT id FROM f INTERSECT ({among}) ORDER BY 1 LIMIT %(page)s"
_PURCHASES = """
SELECT c.root_id, count(*), sum(o.net_minor)::bigint, max(o.placed_at)
FROM shop_customer c JOIN shop_order o ON o.customer_id = c.id
WHERE c.root_id = ANY(%(roots)s) AND o.kind = 'order' AND o.status = 'paid' AND o.net_minor > 0
GROUP BY c.root_id
"""
_REFS = """
SELECT c.root_id, min(i.value) FROM shop_customer c JOIN shop_identifier i ON i.customer_id = c.id
WHERE c.root_id = ANY(%(roots)s) AND i.kind = 'customer_ref' GROUP BY c.root_id
"""


def search_people(
    query: str, *, segment_ids: Collection[CustomerId] | None = None, limit: int = 50, after: CustomerId | None = None
) -> PeopleFound:
    """Return people whose e-mail, name, reference or phone begins with `query` (empty: everyone), by id, page by page.

    Args:
        segment_ids: only these customers; None means no such limit.
        after: where the last page ended.
    """
    roots = _find_roots(query.strip(), segment_ids, limit=limit + 1, after=after or CustomerId(0))
    page = roots[:limit]
    return PeopleFound(people=tuple(people_found(page)), after=page[-1] if len(roots) > limit else None)


def count_people() -> int:
    """How many people the shop knows, merged ones once, whom only a browser has named not at all."""
    with raw_cursor() as cursor:
        cursor.execute(
            "SELECT count(*) - (SELECT count(*) FROM shop_identifier WHERE is_claimed) "
            "FROM shop_customer WHERE root_id = id"
        )
        row = cursor.fetchone()
        return row[0] if row else 0


def profile_of(customer_id: CustomerId) -> Profile:
    """Return the person behind a customer, whichever of their ids is given.

    Raises:
        CustomerNotFound: there is no such customer.
    """
    root = root_of([customer_id]).get(customer_id)
    if root is None:
        raise CustomerNotFound(f"There is no customer {customer_id}.")
    members = members_of([root])[root]
    with raw_cursor() as cursor:
        cursor.execute(LATEST_WORDS, {"roots": [root]})
        _, email, phone, names, places, first_seen_at = cursor.fetchall()[0]
        purchases = _by_root(cursor, _PURCHASES, [root]).get(root, (0, 0, None))
    return Profile(
        customer_id=root,
        address=Address(
            email=email or "",
            phone=phone or "",
            first_name=names[0][0] if names else "",
            last_name=names[0][1] if names else "",
            country=places[0][0],
        ),
        city=places[0][1],
        first_seen_at=first_seen_at,
        identifiers=identifiers_of(members),
        merged_from=tuple(one for one in members if one != root),
        order_count=purchases[0],
        net_minor=purchases[1],
        last_order_at=purchases[2],
    )


def _find_roots(query: str, among: Collection[CustomerId] | None, *, limit: int, after: CustomerId) -> list[CustomerId]:
    shop = find_shop_settings()
    values: dict[str, object] = {
        "after": after,
        "limit": limit,
        "low": _prefix(query.lower()),
        "raw": _prefix(query),
        "phone": _prefix(phone_prefix(query, country=shop.country if shop else "") or "-"),
    }
    statement = _MATCHING if query else _EVERYONE
    if among is not None:
        values["among"] = list(among)
        values["limit"] = None
        statement = _WITHIN.format(found=statement, among=_AMONG)
        values["page"] = limit
    with raw_cursor() as cursor:
        cursor.execute(statement, values)
        return [CustomerId(row[0]) for row in cursor.fetchall()]


def people_found(roots: Sequence[CustomerId]) -> list[PersonFound]:
    """Return these people, in their order: three statements for all."""
    with raw_cursor() as cursor:
        words = _by_root(cursor, LATEST_WORDS, roots)
        purchases = _by_root(cursor, _PURCHASES, roots)
        refs = _by_root(cursor, _REFS, roots)
    return [_person(root, words[root], purchases.get(root, (0, 0, None)), refs.get(root, ("",))[0]) for root in roots]


def _person(
    root: CustomerId, words: tuple[Any, ...], purchases: tuple[int, int, datetime | None], customer_ref: str
) -> PersonFound:
    email, _, names, places, _ = words
    return PersonFound(
        customer_id=root,
        name=" ".join(names[0]).strip() if names else "",
        email=email or "",
        customer_ref=customer_ref,
        country=places[0][0],
        order_count=purchases[0],
        net_minor=purchases[1],
        last_order_at=purchases[2],
    )


def _by_root(cursor: Any, statement: str, roots: Sequence[CustomerId]) -> dict[CustomerId, tuple[Any, ...]]:
    cursor.execute(statement, {"roots": list(roots)})
    return {CustomerId(row[0]): tuple(row[1:]) for row in cursor.fetchall()}


def _prefix(text: str) -> str:
    """Return a LIKE pattern for texts that begin with `text`, whatever signs are in it."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
