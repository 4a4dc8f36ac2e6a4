"""Who would leave a person together, and what goes with them."""

from kembali.infra.database import raw_cursor
from kembali.kernel.ids import CustomerId
from kembali.shop.contracts.people import Parting
from kembali.shop.errors import CustomerNotFound, NotMerged
from kembali.shop.queries.clusters import identifiers_of, members_of, names_in_the_log
from kembali.shop.rules.people import hanging_on

_TIES = """
SELECT t.first_id, t.second_id FROM shop_tie t
    JOIN shop_customer a ON a.id = t.first_id JOIN shop_customer b ON b.id = t.second_id
WHERE t.first_id = ANY(%(ids)s) AND t.second_id = ANY(%(ids)s) AND NOT a.is_shared AND NOT b.is_shared
UNION SELECT first_id, second_id FROM shop_decision
WHERE verdict = 'same' AND first_id = ANY(%(ids)s) AND second_id = ANY(%(ids)s)
"""
_ORDERS = """
SELECT source, order_ref FROM shop_order WHERE customer_id = ANY(%s) ORDER BY placed_at DESC, id DESC
"""


def leaving_with(customer_id: CustomerId) -> tuple[CustomerId, ...]:
    """Return whom taking this customer out of their person takes along, themselves included, the oldest first.

    That is whoever is tied to the person only through them. Where they are the root, the next oldest keeps the rest.
    """
    members = members_of([customer_id]).get(customer_id, (customer_id,))
    keep = next((one for one in members if one != customer_id), customer_id)
    with raw_cursor() as cursor:
        cursor.execute(_TIES, {"ids": list(members)})
        leaving = hanging_on(customer_id, keep, members, [(first, second) for first, second in cursor.fetchall()])
    return tuple(CustomerId(one) for one in sorted(leaving))


def preview_unmerge(customer_id: CustomerId) -> Parting:
    """Return what `unmerge` would take apart, without doing it.

    Raises:
        CustomerNotFound: there is no such customer.
        NotMerged: there is nobody to take them from.
    """
    members = members_of([customer_id]).get(customer_id)
    if members is None:
        raise CustomerNotFound(f"There is no customer {customer_id}.")
    if len(members) == 1:
        raise NotMerged(f"Customer {customer_id} was not merged with another one.")
    leaving = leaving_with(customer_id)
    staying = tuple(one for one in members if one not in leaving)
    with raw_cursor() as cursor:
        cursor.execute(_ORDERS, (list(leaving),))
        orders = tuple(order_ref for _, order_ref in cursor.fetchall())
    return Parting(
        leaving=leaving,
        staying=staying,
        identifiers=identifiers_of(leaving),
        staying_identifiers=identifiers_of(staying),
        order_refs=orders,
        subjects=tuple(names_in_the_log(leaving)),
    )
