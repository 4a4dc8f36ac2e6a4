"""When two customers turn out to be one person: the older stay of a flow goes on, and every arm stays as it was."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from kembali.collect import api as collect
from kembali.infra.database import raw_cursor
from kembali.journeys.services.lately import follow_roots
from kembali.journeys.services.leaving import Leaving, end_many
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop

KINDS = frozenset({"customer.merged", "customer.unmerged"})
MERGED = "the person was in the flow twice"

_CUSTOMERS = "SELECT DISTINCT customer_id FROM journeys_enrolment WHERE root_id = ANY(%s) OR customer_id = ANY(%s)"
_REROOT = """
UPDATE journeys_enrolment e SET root_id = r.root_id
FROM unnest(%s::bigint[], %s::bigint[]) AS r (customer_id, root_id)
WHERE e.customer_id = r.customer_id AND e.root_id <> r.root_id
"""
_YOUNGER = """
SELECT id FROM (
    SELECT id, row_number() OVER (PARTITION BY flow_id, root_id ORDER BY entered_at, id) AS place
    FROM journeys_enrolment WHERE root_id = ANY(%s) AND state <> 'ended'
) AS stays WHERE place > 1
"""


class _Merge(msgspec.Struct, frozen=True):
    customer_id: int
    merged_into_id: int


def handle(facts: Sequence[collect.Fact], at: datetime) -> None:
    """Follow the people's root ids; end the younger of two stays in one flow that a merge brought together.

    Facts take merges back by themselves where an identifier turns out to be shared: stays go back with their customers,
    but what was ended stays ended.
    """
    ids: set[int] = set()
    for fact in facts:
        merge = fact.decode(_Merge)
        ids |= {merge.customer_id, merge.merged_into_id}
    touched = sorted(ids)
    follow_roots(shop.root_of([CustomerId(one) for one in touched]))
    with raw_cursor() as cursor:
        cursor.execute(_CUSTOMERS, (touched, touched))
        customers = [CustomerId(row[0]) for row in cursor.fetchall()]
        if not customers:
            return
        roots = shop.root_of(customers)
        cursor.execute(_REROOT, (customers, [roots.get(each, each) for each in customers]))
        cursor.execute(_YOUNGER, (sorted(set(roots.values())),))
        younger = [row[0] for row in cursor.fetchall()]
    end_many([Leaving(enrolment_id, MERGED, at) for enrolment_id in younger], at=at)
