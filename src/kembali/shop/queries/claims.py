"""Whom browsers claim to be. Nothing here is proven: show it as such, and tell no browser."""

from collections.abc import Collection

from kembali.infra.database import raw_cursor
from kembali.kernel.ids import CustomerId
from kembali.shop.queries.clusters import identifiers_of, members_of

MOST_CLAIMED = 5  # a browser that claims to be more is everybody's, and its history nobody's

_CUSTOMERS = """
SELECT anonymous_id, array_agg(customer_id ORDER BY first_at, customer_id) FROM shop_claim
WHERE anonymous_id = ANY(%s) GROUP BY 1 HAVING count(*) <= %s
"""
_BROWSERS = """
SELECT anonymous_id FROM (
    SELECT anonymous_id, first_at FROM shop_claim WHERE customer_id = ANY(%s) ORDER BY first_at DESC LIMIT 1000
) c WHERE (SELECT count(*) FROM shop_claim o WHERE o.anonymous_id = c.anonymous_id) <= %s
GROUP BY 1 ORDER BY min(first_at) DESC LIMIT %s
"""
_SHOWN = 200


def claimed_customers_of(anonymous_ids: Collection[str]) -> dict[str, tuple[CustomerId, ...]]:
    """Return whom each browser claims to be, the earliest claim first; absent: nobody, or too many."""
    with raw_cursor() as cursor:
        cursor.execute(_CUSTOMERS, (list(anonymous_ids), MOST_CLAIMED))
        return {browser: tuple(map(CustomerId, customers)) for browser, customers in cursor.fetchall()}


def claimed_subjects_of(customer_id: CustomerId) -> list[str]:
    """Return under which names facts lie in the log whose browser claims to be this person, and is not known to be."""
    members = members_of([customer_id]).get(customer_id, (customer_id,))
    with raw_cursor() as cursor:
        cursor.execute(_BROWSERS, (list(members), MOST_CLAIMED, _SHOWN))
        claimed = [f"anonymous_id:{row[0]}" for row in cursor.fetchall()]
    known = set(identifiers_of(members))
    return [subject for subject in claimed if subject not in known]
