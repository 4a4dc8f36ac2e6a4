"""Which customers are one person, how they are addressed, and under which names their facts lie in the log."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from kembali.infra.database import raw_cursor
from kembali.kernel.ids import CustomerId
from kembali.shop.contracts.people import Address

# The latest word about each field among everybody merged together.
LATEST_WORDS = """
SELECT c.root_id,
    (array_agg(p.email ORDER BY p.email_at DESC, p.email COLLATE "C" DESC) FILTER (WHERE p.email <> ''))[1] AS email,
    (array_agg(p.phone ORDER BY p.phone_at DESC, p.phone COLLATE "C" DESC) FILTER (WHERE p.phone <> ''))[1] AS phone,
    (array_agg(ARRAY[p.first_name, p.last_name]
        ORDER BY p.name_at DESC, p.first_name COLLATE "C" DESC, p.last_name COLLATE "C" DESC)
        FILTER (WHERE p.full_name_key <> ' ')) AS names,
    (array_agg(ARRAY[c.country, c.city] ORDER BY c.place_at DESC, c.country COLLATE "C" DESC, c.city COLLATE "C" DESC))
        AS places,
    min(c.first_seen_at) AS first_seen_at
FROM shop_customer c LEFT JOIN shop_person p ON p.customer_id = c.id
WHERE c.root_id = ANY(%(roots)s)
GROUP BY c.root_id
"""


def root_of(customer_ids: Collection[CustomerId]) -> dict[CustomerId, CustomerId]:
    """Return each known customer's root: who they are after merges."""
    with raw_cursor() as cursor:
        cursor.execute("SELECT id, root_id FROM shop_customer WHERE id = ANY(%s)", (list(customer_ids),))
        return {CustomerId(one): CustomerId(root) for one, root in cursor.fetchall()}


def members_of(customer_ids: Collection[CustomerId]) -> dict[CustomerId, tuple[CustomerId, ...]]:
    """Return, for each known customer, every id of the same person, the customer's own included, the oldest first."""
    with raw_cursor() as cursor:
        cursor.execute(
            "SELECT c.id, array_agg(m.id ORDER BY m.id) FROM shop_customer c JOIN shop_customer m USING (root_id) "
            "WHERE c.id = ANY(%s) GROUP BY c.id",
            (list(customer_ids),),
        )
        return {CustomerId(one): tuple(map(CustomerId, members)) for one, members in cursor.fetchall()}


def addresses_of(customer_ids: Collection[CustomerId]) -> dict[CustomerId, Address]:
    """Return how each known customer is addressed: the latest word about the person, whichever of their ids said it."""
    roots = root_of(customer_ids)
    with raw_cursor() as cursor:
        cursor.execute(LATEST_WORDS, {"roots": sorted(set(roots.values()))})
        found = {
            root: Address(
                email=email or "",
                phone=phone or "",
                first_name=names[0][0] if names else "",
                last_name=names[0][1] if names else "",
                country=places[0][0],
            )
            for root, email, phone, names, places, _ in cursor.fetchall()
        }
    leads = _claimed_addresses(list(roots))
    return {
        one: replace(found[root], email=leads[one]) if one in leads and not found[root].email else found[root]
        for one, root in roots.items()
    }


def _claimed_addresses(customer_ids: Collection[CustomerId]) -> dict[CustomerId, str]:
    """Return the addresses of those whom only browsers have named so far."""
    with raw_cursor() as cursor:
        cursor.execute(
            "SELECT customer_id, value FROM shop_identifier WHERE customer_id = ANY(%s) AND kind = 'email' "
            "AND is_claimed",
            (list(customer_ids),),
        )
        return {CustomerId(one): value for one, value in cursor.fetchall()}


def subjects_of(customer_id: CustomerId) -> list[str]:
    """Return every name under which facts about this person lie in the log, for `collect.timeline_of`."""
    return names_in_the_log(members_of([customer_id]).get(customer_id, (customer_id,)))


def names_in_the_log(members: Sequence[CustomerId]) -> list[str]:
    """Return every name under which facts about these customers lie in the log."""
    with raw_cursor() as cursor:
        cursor.execute("SELECT subject FROM shop_spelling WHERE customer_id = ANY(%s) ORDER BY 1", (list(members),))
        spellings = [row[0] for row in cursor.fetchall()]
    return [*identifiers_of(members), *spellings, *(f"customer_id:{one}" for one in members)]


def identifiers_of(members: Sequence[CustomerId]) -> tuple[str, ...]:
    """Return the identifiers of these customers as `kind:value`, sorted."""
    with raw_cursor() as cursor:
        cursor.execute(
            "SELECT kind || ':' || value FROM shop_identifier WHERE customer_id = ANY(%s) AND NOT is_claimed "
            "ORDER BY kind, value",
            (list(members),),
        )
        return tuple(row[0] for row in cursor.fetchall())


def last_product_titles(customer_ids: Collection[CustomerId]) -> dict[CustomerId, str]:
    """Return what each person bought last: the dearest product's title in their latest purchase. Absent: nothing."""
    with raw_cursor() as cursor:
        cursor.execute(
            """
            SELECT asked.id, last.title
            FROM shop_customer asked CROSS JOIN LATERAL (
                SELECT p.title FROM shop_customer m
                    JOIN shop_order o ON o.customer_id = m.id
                    JOIN shop_order_line l ON l.order_id = o.id
                    JOIN shop_product p ON p.id = l.product_id
                WHERE m.root_id = asked.root_id AND o.kind = 'order' AND o.status = 'paid' AND o.net_minor > 0
                    AND p.title <> '' AND NOT p.is_service
                ORDER BY o.placed_at DESC, o.id DESC, l.total_minor DESC, l.position LIMIT 1
            ) last
            WHERE asked.id = ANY(%s)
            """,
            (list(customer_ids),),
        )
        return {CustomerId(one): title for one, title in cursor.fetchall()}
