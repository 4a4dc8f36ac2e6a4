"""What a person is asked to decide, and what people are made of."""

from collections.abc import Collection
from datetime import datetime

import msgspec

from kembali.infra.database import raw_cursor
from kembali.kernel.ids import CustomerId
from kembali.shop.contracts.people import PersonPart, Question, Side
from kembali.shop.errors import CustomerNotFound
from kembali.shop.queries.people import people_found

_OPEN = "(put_off_until IS NULL OR put_off_until <= %(at)s)"
_QUESTIONS = f"""
SELECT a.root_id, b.root_id, q.via::text, q.found_at FROM shop_question q
    JOIN shop_customer a ON a.id = q.first_id JOIN shop_customer b ON b.id = q.second_id
WHERE {_OPEN} ORDER BY q.found_at, q.id LIMIT %(limit)s
"""  # noqa: S608 - a constant of this module
_NAMES = """
SELECT c.root_id, i.customer_id, i.kind || ':' || i.value
FROM shop_customer c JOIN shop_identifier i ON i.customer_id = c.id
WHERE (c.root_id = ANY(%(ids)s) OR c.id = ANY(%(ids)s)) AND NOT i.is_claimed ORDER BY i.kind, i.value
"""
_LATEST_ORDERS = """
SELECT r.id, last.refs FROM unnest(%(ids)s::bigint[]) AS r(id) CROSS JOIN LATERAL (
    SELECT array_agg(order_ref ORDER BY placed_at DESC, id DESC) AS refs FROM (
        SELECT o.order_ref, o.placed_at, o.id FROM shop_customer m JOIN shop_order o ON o.customer_id = m.id
        WHERE m.root_id = r.id ORDER BY o.placed_at DESC, o.id DESC LIMIT 3) latest) last
"""
# What ties a part: its own identifiers to those of others in the person.
_PARTS = """
SELECT c.id, c.is_shared,
    (SELECT array_agg(i.kind || ':' || i.value ORDER BY i.kind, i.value) FROM shop_identifier i
        WHERE i.customer_id = c.id AND NOT i.is_claimed),
    (SELECT array_agg(DISTINCT i.kind || ':' || i.value) FROM shop_tie t
        JOIN shop_customer o ON o.id = CASE WHEN t.first_id = c.id THEN t.second_id ELSE t.first_id END
        JOIN shop_identifier i ON i.customer_id = o.id
        WHERE (t.first_id = c.id OR t.second_id = c.id) AND o.root_id = c.root_id),
    (SELECT count(*) FROM shop_order o WHERE o.customer_id = c.id)
FROM shop_customer c WHERE c.root_id = (SELECT root_id FROM shop_customer WHERE id = %s) ORDER BY c.id
"""


def count_questions(at: datetime) -> int:
    """How many questions are open, those put off left aside."""
    with raw_cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM shop_question WHERE {_OPEN}", {"at": at})  # noqa: S608 - as above
        return int(cursor.fetchall()[0][0])


def list_questions(at: datetime, *, limit: int = 20) -> list[Question]:
    """Return open questions, the oldest first, both people side by side: a handful of statements for all."""
    with raw_cursor() as cursor:
        cursor.execute(_QUESTIONS, {"at": at, "limit": limit})
        rows = [(*row[:2], msgspec.json.decode(row[2], type=list[int]), row[3]) for row in cursor.fetchall()]
        via = sorted({one for row in rows for one in row[2]})
        cursor.execute(_NAMES, {"ids": via})
        names = {customer_id: name for _, customer_id, name in cursor.fetchall()}
    sides = sides_of({CustomerId(one) for row in rows for one in row[:2]})
    return [
        Question(
            first=sides[CustomerId(first)],
            second=sides[CustomerId(second)],
            via=tuple(names[one] for one in shared if one in names),
            found_at=found_at,
        )
        for first, second, shared, found_at in rows
        if first != second
    ]


def sides_of(roots: Collection[CustomerId]) -> dict[CustomerId, Side]:
    """Return people as they are compared: who they are, what they are known by, their latest orders."""
    wanted = sorted(roots)
    identifiers: dict[int, list[str]] = {}
    with raw_cursor() as cursor:
        cursor.execute(_NAMES, {"ids": wanted})
        for root_id, _, name in cursor.fetchall():
            identifiers.setdefault(root_id, []).append(name)
        cursor.execute(_LATEST_ORDERS, {"ids": wanted})
        orders = dict(cursor.fetchall())
    return {
        one.customer_id: Side(
            person=one,
            identifiers=tuple(identifiers.get(one.customer_id, ())),
            order_refs=tuple(orders.get(one.customer_id) or ()),
        )
        for one in people_found(wanted)
    }


def parts_of(customer_id: CustomerId) -> tuple[PersonPart, ...]:
    """Return what a person is made of: each of their customers with what ties it to the others, the oldest first.

    Raises:
        CustomerNotFound: there is no such customer.
    """
    with raw_cursor() as cursor:
        cursor.execute(_PARTS, (customer_id,))
        parts = tuple(
            PersonPart(
                customer_id=CustomerId(one),
                identifiers=tuple(identifiers or ()),
                tied_by=tuple(tied_by or ()),
                is_shared=is_shared,
                order_count=order_count,
            )
            for one, is_shared, identifiers, tied_by, order_count in cursor.fetchall()
        )
    if not parts:
        raise CustomerNotFound(f"There is no customer {customer_id}.")
    return parts
