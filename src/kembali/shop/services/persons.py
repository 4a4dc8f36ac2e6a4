"""What facts say about customers: each field keeps the latest word, whatever the order in which the words arrive."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import msgspec

from kembali.shop.contracts.settings import ShopSettings
from kembali.shop.payloads import CustomerDetails
from kembali.shop.rules import NEVER, is_placeholder, normal_value
from kembali.shop.services.locking import Cursor


class Saying(NamedTuple):
    """One fact's words about a customer, as of `said_at`; `seen_at` is when the fact happened."""

    customer_id: int
    said_at: datetime
    seen_at: datetime
    details: CustomerDetails


_LONGEST_WORD = 200  # characters: an index over a longer name would refuse the whole batch

Dated = tuple[datetime, *tuple[str, ...]]

# Compared like rows of (instant, words): commutative and idempotent, so any order ends the same.
_PERSON = """
INSERT INTO shop_person AS p (customer_id, email_at, email, phone_at, phone, name_at, first_name, last_name)
SELECT (n->>0)::bigint, (n->>1)::timestamptz, n->>2, (n->>3)::timestamptz, n->>4, (n->>5)::timestamptz, n->>6, n->>7
FROM jsonb_array_elements(%s) AS n
ON CONFLICT (customer_id) DO UPDATE SET
    (email_at, email) = (SELECT * FROM (VALUES (p.email_at, p.email), (excluded.email_at, excluded.email)) v(at, word)
        ORDER BY at DESC, word COLLATE "C" DESC LIMIT 1),
    (phone_at, phone) = (SELECT * FROM (VALUES (p.phone_at, p.phone), (excluded.phone_at, excluded.phone)) v(at, word)
        ORDER BY at DESC, word COLLATE "C" DESC LIMIT 1),
    (name_at, first_name, last_name) = (SELECT * FROM (VALUES (p.name_at, p.first_name, p.last_name),
        (excluded.name_at, excluded.first_name, excluded.last_name)) v(at, word, second)
        ORDER BY at DESC, word COLLATE "C" DESC, second COLLATE "C" DESC LIMIT 1)
"""
# Seen again where they were: nothing that the lake copies has changed. (Where customers are merged, the latest place of
# all counts, and may be another one now.)
_CUSTOMER = """
UPDATE shop_customer c SET first_seen_at = n.first_seen_at, place_at = n.place_at, country = n.country, city = n.city,
    changed_xid = CASE WHEN n.is_confirmed THEN c.changed_xid ELSE pg_current_xact_id() END
FROM (
    SELECT c.id, least(c.first_seen_at, w.seen_at) AS first_seen_at, place.*,
        (c.country, c.city) = (place.country, place.city) AND c.first_seen_at <= w.seen_at AND c.root_id = c.id
            AND NOT EXISTS (SELECT FROM shop_customer m WHERE m.merged_into_id = c.id) AS is_confirmed
    FROM (SELECT (n->>0)::bigint AS id, (n->>1)::timestamptz AS seen_at, (n->>2)::timestamptz AS place_at,
        n->>3 AS country, n->>4 AS city FROM jsonb_array_elements(%s) AS n) w
    JOIN shop_customer c ON c.id = w.id
    CROSS JOIN LATERAL (SELECT * FROM (VALUES (c.place_at, c.country, c.city), (w.place_at, w.country, w.city))
        v(place_at, country, city)
        ORDER BY place_at DESC, country COLLATE "C" DESC, city COLLATE "C" DESC LIMIT 1) place
) n
WHERE c.id = n.id AND (c.first_seen_at, c.place_at, c.country, c.city)
    IS DISTINCT FROM (n.first_seen_at, n.place_at, n.country, n.city)
"""


class _Known:
    """The latest words of one batch about one customer."""

    __slots__ = ("email", "name", "phone", "place", "seen_at")

    def __init__(self, seen_at: datetime) -> None:
        self.seen_at = seen_at
        self.email: Dated = (NEVER, "")
        self.phone: Dated = (NEVER, "")
        self.name: Dated = (NEVER, "", "")
        self.place: Dated = (NEVER, "", "")

    @property
    def is_named(self) -> bool:
        return max(self.email[0], self.phone[0], self.name[0]) > NEVER

    def learn(self, saying: Saying, shop: ShopSettings) -> None:
        said = saying.details
        self.seen_at = min(self.seen_at, saying.seen_at)
        if said.email:
            self.email = max(self.email, _reached_by("email", said.email, saying.said_at, shop))
        if said.phone:
            self.phone = max(self.phone, _reached_by("phone", said.phone, saying.said_at, shop))
        if said.first_name or said.last_name:
            self.name = max(self.name, _dated(saying.said_at, said.first_name or "", said.last_name or ""))
        if said.country or said.city:
            self.place = max(self.place, _dated(saying.said_at, said.country or "", said.city or ""))


def learn(cursor: Cursor, sayings: Iterable[Saying], shop: ShopSettings) -> None:
    """Take in what a batch of facts says: two statements however many facts."""
    known: dict[int, _Known] = {}
    for saying in sayings:
        known.setdefault(saying.customer_id, _Known(saying.seen_at)).learn(saying, shop)
    named = [(one, *said.email, *said.phone, *said.name) for one, said in known.items() if said.is_named]
    if named:
        cursor.execute(_PERSON, (msgspec.json.encode(named).decode(),))
    if known:
        places = [(one, said.seen_at, *said.place) for one, said in known.items()]
        cursor.execute(_CUSTOMER, (msgspec.json.encode(places).decode(),))


def _reached_by(kind: str, value: str, at: datetime, shop: ShopSettings) -> Dated:
    """Return an address or number with its instant; a placeholder reaches nobody."""
    normal = normal_value(kind, value, country=shop.country)
    return _dated(at, "" if is_placeholder(kind, normal, shop.placeholders) else normal)


def _dated(at: datetime, *words: str) -> Dated:
    """Return the words with their instant; nothing said is older than anything."""
    clean = tuple(word.strip()[:_LONGEST_WORD] for word in words)
    return (at, *clean) if any(clean) else (NEVER, *clean)
