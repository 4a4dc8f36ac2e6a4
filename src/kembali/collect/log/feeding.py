"""The log as a feed for programs outside: nothing is ever skipped, and each keeps a position of its own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kembali.collect.contracts import Fact
from kembali.collect.errors import BadPosition
from kembali.collect.log.consuming import fact_from_row
from kembali.infra.database import one_transaction

# Facts looked at for one page; where few of them are of the wanted kinds, the page is short and the position moves on.
_REACH = 20_000
_POSITION = re.compile(r"([0-9]{1,9})\.([0-9]{1,19})\.([0-9]{1,18})")

# The order of consumers (see `consuming`): below the oldest running transaction nothing can appear any more.
_FEED = """
SELECT seq, source, message_id, kind, identifiers::text, occurred_at, received_at,
    CASE WHEN is_wanted THEN payload::text ELSE '' END, epoch, xid_text, is_wanted
FROM (
    SELECT *, xid::text AS xid_text, cardinality(%(kinds)s::text[]) = 0 OR kind = ANY(%(kinds)s) AS is_wanted
    FROM collect_fact
    WHERE (epoch, xid, seq) > (%(epoch)s, %(xid)s::text::xid8, %(seq)s)
      AND (epoch, xid) < (coalesce((SELECT epoch FROM collect_log), 0), pg_snapshot_xmin(pg_current_snapshot()))
    ORDER BY epoch, xid, seq
    LIMIT %(reach)s
) AS near
"""


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Facts in the feed's order. `position` is what to ask after next time, also when this was the end for now."""

    facts: tuple[Fact, ...]
    position: str
    has_more: bool


def read_feed(*, after: str | None = None, kinds: Sequence[str] = (), limit: int = 50) -> FeedPage:
    """Return the next facts of these kinds (none named: of all) after a position that an earlier page gave.

    Raises:
        BadPosition: that is no such position.
    """
    matched = _POSITION.fullmatch(after or "0.0.0")
    if matched is None or int(matched[2]) >= 2**63:
        raise BadPosition("This is not a position in the log.", hint="Take one that an earlier page gave.")
    reach = limit + 1 if not kinds else _REACH
    with one_transaction() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")  # in the index they stand in this order
        cursor.execute(
            _FEED,
            {"epoch": int(matched[1]), "xid": matched[2], "seq": int(matched[3]), "kinds": list(kinds), "reach": reach},
        )
        rows = cursor.fetchall()
        cursor.execute("SET LOCAL enable_sort TO DEFAULT")
    wanted = [row for row in rows if row[10]]
    has_more = len(wanted) > limit or len(rows) == reach
    shown = wanted[:limit]
    last = shown[-1] if len(wanted) > limit else rows[-1] if rows else None
    position = f"{last[8]}.{last[9]}.{last[0]}" if last else matched[0]
    return FeedPage(tuple(fact_from_row(row) for row in shown), position, has_more)
