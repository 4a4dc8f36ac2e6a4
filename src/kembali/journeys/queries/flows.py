"""Flows as the list and the page show them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from kembali.infra.database import raw_cursor
from kembali.journeys.contracts.views import FlowSummary, FlowView
from kembali.journeys.errors import FlowNotFound
from kembali.journeys.queries.programs import flow_from
from kembali.journeys.rules.tree import describe
from kembali.kernel.ids import FlowKey

_RECENT = timedelta(days=30)
_LIST = """
SELECT f.key, f.state, f.launched_at, v.number, v.source_yaml, coalesce(c.inside, 0), coalesce(c.entered, 0),
       coalesce(c.reached, 0)
FROM journeys_flow f
JOIN journeys_flowversion v ON v.flow_id = f.id AND v.number = f.version_number
LEFT JOIN (
    SELECT flow_id,
           count(*) FILTER (WHERE state <> 'ended') AS inside,
           count(*) FILTER (WHERE entered_at > %(since)s AND entered_at <= %(at)s) AS entered,
           count(*) FILTER (WHERE goal_reached_at > %(since)s AND goal_reached_at <= %(at)s) AS reached
    FROM journeys_enrolment
    GROUP BY flow_id
) c ON c.flow_id = f.id
ORDER BY f.launched_at, f.id
"""
_ONE = """
SELECT f.key, f.state, v.number, f.launched_at, f.live_since, v.published_at, v.source_yaml
FROM journeys_flow f
JOIN journeys_flowversion v ON v.flow_id = f.id AND v.number = coalesce(%s, f.version_number)
WHERE f.key = %s
"""


def list_flows(*, at: datetime) -> list[FlowSummary]:
    """Every flow ever launched, the oldest first, with its counts as of `at`."""
    with raw_cursor() as cursor:
        cursor.execute(_LIST, {"at": at, "since": at - _RECENT})
        rows = cursor.fetchall()
    return [_summary(row) for row in rows]


def _summary(row: Sequence[Any]) -> FlowSummary:
    key, state, launched_at, version, source_yaml, inside, entered, reached = row
    flow = flow_from(source_yaml)
    return FlowSummary(
        key=FlowKey(key),
        name=flow.name,
        purpose=flow.purpose,
        state="live" if state == "live" else "paused",
        version=version,
        launched_at=launched_at,
        holdout_percent=flow.holdout.percent,
        inside_count=inside,
        entered_count=entered,
        goal_count=reached,
    )


def flow_of(key: FlowKey, *, version: int | None = None) -> FlowView:
    """Return one flow, on its present version or on an earlier one.

    Raises:
        FlowNotFound: there is no such flow or version.
    """
    with raw_cursor() as cursor:
        cursor.execute(_ONE, (version, key))
        row = cursor.fetchone()
    if row is None:
        raise flow_not_found(key)
    flow = flow_from(row[6])
    return FlowView(
        key=FlowKey(row[0]),
        state="live" if row[1] == "live" else "paused",
        version=row[2],
        launched_at=row[3],
        live_since=row[4],
        published_at=row[5],
        source_yaml=row[6],
        flow=flow,
        tree=describe(flow),
    )


def flow_not_found(key: FlowKey) -> FlowNotFound:
    """Return the error for a key nothing is known of."""
    return FlowNotFound(f"There is no flow called “{key}”.", hint="See kembali journeys for those there are.")
