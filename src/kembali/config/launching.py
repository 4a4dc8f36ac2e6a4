"""Launching and replaying flows with everything that belongs to it: what can be proven is said before the start."""

from datetime import datetime

import numpy as np

from kembali.config import wiring
from kembali.infra.settings import Settings
from kembali.journeys import api as journeys
from kembali.kernel.ids import FlowKey
from kembali.lake import api as lake
from kembali.measure import api as measure


def launch(key: FlowKey, *, settings: Settings, at: datetime, backlog: bool = False) -> tuple[journeys.Published, str]:
    """Launch a shipped flow and write down what can be proven at this size; return both.

    Raises:
        PlaybookNotFound: none of this name is shipped.
    """
    flow = journeys.parse_flow(journeys.playbook_of(key).flow_yaml)
    preview = measure.find_preview(key)
    if preview is None:
        wiring.export(settings)
        with lake.open_lake(settings.lake_dir) as opened:
            preview = measure.preview_flow(opened, flow, at=at)
    published = journeys.launch_playbook(key, at=at, backlog=backlog)
    return published, measure.say_power(preview, version=published.version, at=at) if preview else ""


def replay(
    key: FlowKey,
    *,
    settings: Settings,
    start: datetime,
    end: datetime,
    holdout_percent: int | None,
    at: datetime,
) -> dict[str, object]:
    """Run a flow over the past and return who would have got what, and what they did anyway. Nothing is written.

    Raises:
        PlaybookNotFound: there is neither a launched nor a shipped flow of this name.
        ReplayNotPossible: it rests on more than purchases.
    """
    flow = _flow(key)
    wiring.fold(at)
    wiring.export(settings)
    with lake.open_lake(settings.lake_dir) as opened:
        found = journeys.replay(
            flow, opened.table("purchases"), start=start, end=end, data_until=at, holdout_percent=holdout_percent
        )
    people = found.outcomes.num_rows
    again = int(np.count_nonzero(found.outcomes["ordered_again"].to_numpy(zero_copy_only=False)))
    arms = found.outcomes["arm"].to_pylist()
    return {
        "flow": key,
        "from": start.isoformat(),
        "to": end.isoformat(),
        "enrolled": people + found.cut_off.num_rows,
        "with_full_window": people,
        "still_open": found.cut_off.num_rows,
        "turned_away": found.turned_away,
        "treated": arms.count("treated"),
        "holdout": arms.count("holdout"),
        "ordered_anyway": again,
        "ordered_anyway_share": round(again / people, 4) if people else None,
        "orders": int(np.sum(found.outcomes["orders"].to_numpy())),
        "revenue_minor": int(np.sum(found.outcomes["revenue_minor"].to_numpy())),
        "margin_minor": int(np.sum(found.outcomes["margin_minor"].to_numpy())),
    }


def _flow(key: FlowKey) -> journeys.Flow:
    try:
        return journeys.flow_of(key).flow
    except journeys.FlowNotFound:
        return journeys.parse_flow(journeys.playbook_of(key).flow_yaml)
