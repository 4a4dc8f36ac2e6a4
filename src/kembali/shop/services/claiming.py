"""Claims: a browser says whose it is. They are kept beside identity and tie nobody."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from kembali.shop.rules import Identifier
from kembali.shop.services.locking import Cursor

_UNKNOWN = """
SELECT w->>0, w->>1 FROM jsonb_array_elements(%s) AS w
WHERE NOT EXISTS (SELECT FROM shop_identifier i WHERE (i.kind, i.value) = (w->>0, w->>1))
"""
_LEADS = """
WITH n AS (
    SELECT w->>0 AS kind, w->>1 AS value, nextval(pg_get_serial_sequence('shop_customer', 'id')) AS id
    FROM jsonb_array_elements(%s) AS w
), lead AS (
    INSERT INTO shop_customer (id, root_id, country, city) SELECT id, id, '', '' FROM n
)
INSERT INTO shop_identifier (kind, value, customer_id, is_claimed) SELECT kind, value, id, true FROM n
"""
# Most claims repeat what is known: these are looked up and not written.
_CLAIM = """
INSERT INTO shop_claim AS c (anonymous_id, customer_id, first_at)
SELECT w.anonymous_id, i.customer_id, w.first_at
FROM (SELECT n->>0 AS anonymous_id, n->>1 AS kind, n->>2 AS value, (n->>3)::timestamptz AS first_at
    FROM jsonb_array_elements(%s) AS n) w
JOIN shop_identifier i ON (i.kind, i.value) = (w.kind, w.value)
WHERE NOT EXISTS (SELECT FROM shop_claim k WHERE (k.anonymous_id, k.customer_id) = (w.anonymous_id, i.customer_id)
    AND k.first_at <= w.first_at)
ON CONFLICT (anonymous_id, customer_id) DO UPDATE SET first_at = least(c.first_at, excluded.first_at)
"""


class Claimed(NamedTuple):
    """The browser `anonymous_id` says that it is whoever `identifier` leads to."""

    anonymous_id: str
    identifier: Identifier


def put_claims(cursor: Cursor, first_at: Mapping[Claimed, datetime]) -> None:
    """Keep claims with the instant they were first made. The caller holds the shop's lock.

    Whom nobody knows yet becomes a lead: a customer that only claims speak of, until a fact that can be trusted does.
    """
    if not first_at:
        return
    _put_leads(cursor, {claim.identifier for claim in first_at})
    rows = [(claim.anonymous_id, *claim.identifier, at) for claim, at in sorted(first_at.items())]
    cursor.execute(_CLAIM, (msgspec.json.encode(rows).decode(),))


def _put_leads(cursor: Cursor, identifiers: Collection[Identifier]) -> None:
    cursor.execute(_UNKNOWN, (msgspec.json.encode(sorted(identifiers)).decode(),))
    if unknown := cursor.fetchall():
        cursor.execute(_LEADS, (msgspec.json.encode(unknown).decode(),))
