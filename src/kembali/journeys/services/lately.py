"""What was told about people lately: purchases a trigger may not yet know of, and history that arrived late.

Both are kept no longer than the widest trigger window, since nothing older can trigger.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from kembali.infra.database import raw_cursor
from kembali.kernel.ids import CustomerId

_REMEMBER = """
INSERT INTO journeys_recentpurchase (root_id, placed_at)
SELECT DISTINCT root_id, placed_at FROM json_to_recordset(%s::json) AS b (root_id bigint, placed_at timestamptz)
ORDER BY 1, 2
ON CONFLICT DO NOTHING
"""
_TOLD_LATE = """
INSERT INTO journeys_toldlate (root_id, told_at)
SELECT root_id, %s FROM unnest(%s::bigint[]) AS t (root_id) ORDER BY 1
ON CONFLICT (root_id) DO UPDATE SET told_at = excluded.told_at
"""
# (Who is taken out again leaves a copy behind for these few days: rather one message too few.)
_FOLLOW = """
WITH moved AS (SELECT * FROM unnest(%(ids)s::bigint[], %(roots)s::bigint[]) AS r (id, root_id) WHERE id <> root_id),
bought AS (
    INSERT INTO journeys_recentpurchase (root_id, placed_at)
    SELECT DISTINCT m.root_id, p.placed_at FROM moved m JOIN journeys_recentpurchase p ON p.root_id = m.id
    ON CONFLICT DO NOTHING
)
INSERT INTO journeys_toldlate AS t (root_id, told_at)
SELECT m.root_id, max(l.told_at) FROM moved m JOIN journeys_toldlate l ON l.root_id = m.id GROUP BY 1
ON CONFLICT (root_id) DO UPDATE SET told_at = greatest(t.told_at, excluded.told_at)
"""
_BOUGHT_SINCE = """
SELECT r.root_id, min(r.placed_at)
FROM json_to_recordset(%s::json) AS a (root_id bigint, entered_at timestamptz)
JOIN journeys_recentpurchase r ON r.root_id = a.root_id AND r.placed_at > a.entered_at
GROUP BY 1
"""
_TOLD_SINCE = """
SELECT t.root_id, t.told_at
FROM json_to_recordset(%s::json) AS a (root_id bigint, entered_at timestamptz)
JOIN journeys_toldlate t ON t.root_id = a.root_id AND t.told_at >= a.entered_at
"""


@dataclass(frozen=True, slots=True)
class Told:
    """An order as it was told: whose, when placed, when received; `is_purchase` false for one that is none."""

    root_id: int
    order_ref: str
    placed_at: datetime
    received_at: datetime
    is_purchase: bool


def follow_roots(roots: Mapping[CustomerId, CustomerId]) -> None:
    """Let what was told of people lately count for whoever they are now: customer → their root."""
    with raw_cursor() as cursor:
        cursor.execute(_FOLLOW, {"ids": list(roots), "roots": list(roots.values())})


def remember(orders: Sequence[Told], *, widest: timedelta, at: datetime) -> None:
    """Remember recent purchases, and who was told of later than any trigger's window allows; forget what is too old."""
    since = at - widest
    fresh = [
        {"root_id": order.root_id, "placed_at": order.placed_at}
        for order in orders
        if order.is_purchase and order.placed_at > since
    ]
    late = sorted({order.root_id for order in orders if order.received_at - order.placed_at > widest})
    with raw_cursor() as cursor:
        cursor.execute("DELETE FROM journeys_recentpurchase WHERE placed_at <= %s", (since,))
        cursor.execute("DELETE FROM journeys_toldlate WHERE told_at <= %s", (since,))
        cursor.execute(_REMEMBER, (msgspec.json.encode(fresh).decode(),))
        cursor.execute(_TOLD_LATE, (at, late))


def bought_since(entered_at: Mapping[int, datetime]) -> dict[int, datetime]:
    """Return who of these people (root ids) has bought after the instant given for each, and when first."""
    return _ask(_BOUGHT_SINCE, entered_at.items())


def told_since(entered_at: Mapping[int, datetime]) -> dict[int, datetime]:
    """Return of whom (root ids) old orders were told only after the instant given for each, and when.

    For them that instant is history: it was computed afterwards, nobody could have acted on it when it happened.
    """
    return _ask(_TOLD_SINCE, entered_at.items())


def _ask(question: str, entered_at: Iterable[tuple[int, datetime]]) -> dict[int, datetime]:
    rows = [{"root_id": root_id, "entered_at": instant} for root_id, instant in entered_at]
    with raw_cursor() as cursor:
        cursor.execute(question, (msgspec.json.encode(rows).decode(),))
        return dict(cursor.fetchall())
