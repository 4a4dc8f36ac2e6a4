"""Aliases: a program of the shop's says under which number it knows a customer now."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from kembali.shop.rules import Identifier
from kembali.shop.services.identity import Known
from kembali.shop.services.locking import Cursor
from kembali.shop.services.regrouping import regroup

_KEEP = """
INSERT INTO shop_alias (previous_id, customer_id)
SELECT (n->>0)::bigint, (n->>1)::bigint FROM jsonb_array_elements(%s) AS n ON CONFLICT DO NOTHING
RETURNING previous_id
"""


def rename(cursor: Cursor, names: Iterable[tuple[Identifier, Identifier]], known: Known, *, at: datetime) -> None:
    """Make each first name and its second one person. The caller holds the lock and has made the names known."""
    places = {(known[previous].customer_id, known[now].customer_id) for previous, now in names}
    pairs = [pair for pair in sorted(places) if pair[0] != pair[1]]
    if not pairs:
        return
    cursor.execute(_KEEP, (msgspec.json.encode(pairs).decode(),))
    if new := [row[0] for row in cursor.fetchall()]:
        regroup(cursor, new, at=at)
