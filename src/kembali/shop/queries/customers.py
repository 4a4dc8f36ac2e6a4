"""People page by page, with everything programs that keep a copy want to know of them.

A page looks at no more than `REACH` people, whatever is asked for: where few of them match it is short, and still tells
where to go on.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from kembali.infra.database import raw_cursor
from kembali.kernel.ids import CustomerId
from kembali.shop.contracts.people import CustomerFound, CustomersFound
from kembali.shop.errors import CustomerNotFound
from kembali.shop.queries.clusters import LATEST_WORDS, root_of

REACH = 20_000

# The latest word about anything of a person, whichever of their customers it is about.
_HEARD = """
SELECT r.id, nullif(max(greatest(m.first_seen_at, m.place_at, p.email_at, p.phone_at, p.name_at)),
    '0001-01-01 00:00+00')
FROM unnest(%(roots)s::bigint[]) AS r (id) JOIN shop_customer m ON m.root_id = r.id
    LEFT JOIN shop_person p ON p.customer_id = m.id
GROUP BY r.id
"""
_PURCHASES = """
SELECT c.root_id, count(*), sum(o.net_minor)::bigint, max(o.placed_at)
FROM shop_customer c JOIN shop_order o ON o.customer_id = c.id
WHERE c.root_id = ANY(%(roots)s) AND o.kind = 'order' AND o.status = 'paid' AND o.net_minor > 0
GROUP BY c.root_id
"""
_KNOWN_BY = """
SELECT c.root_id, array_agg(ARRAY[i.kind, i.value] ORDER BY i.kind, i.value)
FROM shop_customer c JOIN shop_identifier i ON i.customer_id = c.id
WHERE c.root_id = ANY(%(roots)s) AND NOT i.is_claimed GROUP BY c.root_id
"""
_MEMBERS = """
SELECT root_id, array_agg(id ORDER BY id) FROM shop_customer WHERE root_id = ANY(%(roots)s) GROUP BY root_id
"""
_WALK = """
SELECT id FROM shop_customer WHERE root_id = id AND id > %(after)s ORDER BY id LIMIT %(reach)s
"""


def list_customers(
    *, limit: int = 50, after: CustomerId | None = None, updated_since: datetime | None = None
) -> CustomersFound:
    """Return people by id, merged ones once; with `updated_since` those about whom something was said since.

    Args:
        after: where the last page ended.
    """
    reach = limit + 1 if updated_since is None else REACH
    with raw_cursor() as cursor:
        cursor.execute(_WALK, {"after": after or 0, "reach": reach})
        looked_at = found = [CustomerId(row[0]) for row in cursor.fetchall()]
        if updated_since is not None:
            heard = _by_root(cursor, _HEARD, looked_at)
            found = [one for one in looked_at if heard[one][0] and heard[one][0] >= updated_since]
    if len(found) > limit:
        return CustomersFound(customers=tuple(_customers(found[:limit])), after=found[limit - 1])
    further = looked_at[-1] if len(looked_at) == reach else None
    return CustomersFound(customers=tuple(_customers(found)), after=further)


def customer_of(customer_id: CustomerId) -> CustomerFound:
    """Return the person behind a customer, whichever of their ids is given.

    Raises:
        CustomerNotFound: there is no such customer.
    """
    root = root_of([customer_id]).get(customer_id)
    if root is None:
        raise CustomerNotFound(f"There is no customer {customer_id}.")
    return _customers([root])[0]


def _customers(roots: Sequence[CustomerId]) -> list[CustomerFound]:
    with raw_cursor() as cursor:
        words = _by_root(cursor, LATEST_WORDS, roots)
        heard = _by_root(cursor, _HEARD, roots)
        purchases = _by_root(cursor, _PURCHASES, roots)
        known_by = _by_root(cursor, _KNOWN_BY, roots)
        members = _by_root(cursor, _MEMBERS, roots)
    found = []
    for root in roots:
        email, phone, names, places, first_seen_at = words[root]
        first_name, last_name = names[0] if names else ("", "")
        order_count, net_minor, last_order_at = purchases.get(root, (0, 0, None))
        found.append(
            CustomerFound(
                customer_id=root,
                email=email or "",
                phone=phone or "",
                first_name=first_name,
                last_name=last_name,
                country=places[0][0],
                city=places[0][1],
                first_seen_at=first_seen_at,
                updated_at=heard[root][0],
                identifiers=_pairs(known_by.get(root, ([],))[0]),
                merged_ids=tuple(CustomerId(one) for one in members[root][0] if one != root),
                order_count=order_count,
                net_minor=net_minor,
                last_order_at=last_order_at,
            )
        )
    return found


def _pairs(found: Iterable[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((kind, value) for kind, value in found)


def _by_root(cursor: Any, statement: str, roots: Sequence[CustomerId]) -> dict[CustomerId, tuple[Any, ...]]:
    cursor.execute(statement, {"roots": list(roots)})
    return {CustomerId(row[0]): tuple(row[1:]) for row in cursor.fetchall()}
