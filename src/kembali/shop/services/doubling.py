"""Orders that two sources tell of: those of one of them are left out, until they are taken back.

Left out by facts like any other: `order.deleted` of the source that gives way, which `order.restored` undoes. A rebuild
ends the same, and versions that come later change nothing.
"""

from datetime import datetime

from psycopg import sql

from kembali.collect.api import append_selected
from kembali.shop.errors import OneSource
from kembali.shop.queries.doubles import LEFT_OUT, NUMBERED, SAME_PURCHASE

# The message id says beside which source: so these are told apart from what a shop itself deleted.
_LEAVE = sql.SQL("""
WITH numbered AS MATERIALIZED ({numbered} AND source IN ({source}, {beside}))
SELECT source, order_ref || ':deleted:' || {at} || ':double-of:' || {beside} AS message_id, 'order.deleted' AS kind,
    '' AS subject, '{{}}'::jsonb AS identifiers, {at}::timestamptz AS occurred_at,
    json_build_object('order_ref', order_ref, 'observed_at', {at}) AS payload
FROM (
    SELECT DISTINCT a.source, a.order_ref FROM numbered a JOIN numbered b ON {same}
    WHERE a.source = {source} AND b.source = {beside}
) d
""")
_TAKE_BACK = sql.SQL("""
SELECT source, order_ref || ':restored:' || {at} AS message_id, 'order.restored' AS kind,
    '' AS subject, '{{}}'::jsonb AS identifiers, {at}::timestamptz AS occurred_at,
    json_build_object('order_ref', order_ref, 'observed_at', {at}) AS payload
FROM ({left_out}) d WHERE source = {source} AND beside = {beside}
""")


def leave_out_doubles(source: str, *, beside: str, at: datetime) -> int:
    """Leave out every order of a source that `beside` tells of too, however old; return how many that were. Repeatable.

    They leave all sums with the next round of folding.

    Raises:
        OneSource: both are the same.
    """
    if source == beside:
        raise OneSource(f"{source} is one source: there is nothing to leave out.")
    return append_selected(_LEAVE.format(numbered=NUMBERED, same=SAME_PURCHASE, **_said(source, beside, at)), at=at)


def take_doubles_back(source: str, *, beside: str, at: datetime) -> int:
    """Count a source's orders again that were left out beside another; return how many. Repeatable."""
    return append_selected(_TAKE_BACK.format(left_out=LEFT_OUT, **_said(source, beside, at)), at=at)


def _said(source: str, beside: str, at: datetime) -> dict[str, sql.Literal]:
    return {"source": sql.Literal(source), "beside": sql.Literal(beside), "at": sql.Literal(at.isoformat())}
