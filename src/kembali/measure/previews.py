"""Before launch: whom a flow would have met in the last months, what they did anyway, and what could be proven."""

from datetime import datetime, timedelta

import msgspec
import numpy as np

from kembali.journeys import api as journeys
from kembali.lake import api as lake
from kembali.measure.contracts import PowerStatement
from kembali.measure.models import StoredPreview
from kembali.measure.proofs import Preview
from kembali.measure.rules.power import state_power
from kembali.measure.rules.verdict import power_sentence

LOOK_BACK = timedelta(days=180)
EXPECTED_EFFECT_SHARE = 0.05


def preview_flow(open_lake: lake.Lake, flow: journeys.Flow, *, at: datetime) -> Preview | None:
    """Replay a flow over the 180 days whose outcomes are known at `at`, store and return what it met.

    None, and nothing stored, where the flow rests on more than purchases: then the past cannot be replayed.
    """
    window = timedelta(days=journeys.goal_days(flow))
    end = at - window
    try:
        found = journeys.replay(flow, open_lake.table("purchases"), start=end - LOOK_BACK, end=end, data_until=at)
    except journeys.ReplayNotPossible:
        return None
    people = found.outcomes.num_rows
    again = int(np.count_nonzero(found.outcomes["ordered_again"].to_numpy(zero_copy_only=False)))
    statement = _power(people, again, flow.holdout.percent)
    preview = Preview(
        flow_key=flow.key,
        as_of=at,
        from_at=end - LOOK_BACK,
        to_at=end,
        window_days=window.days,
        holdout_percent=flow.holdout.percent,
        people=people,
        ordered_anyway=again,
        orders=int(np.sum(found.outcomes["orders"].to_numpy())),
        revenue_minor=int(np.sum(found.outcomes["revenue_minor"].to_numpy())),
        margin_minor=int(np.sum(found.outcomes["margin_minor"].to_numpy())),
        power=msgspec.to_builtins(statement) if statement else None,
        sentence=power_sentence(statement) if statement else "Too few people to say what could be proven.",
    )
    StoredPreview.objects.update_or_create(
        flow_key=flow.key, defaults={"as_of": at, "payload": msgspec.to_builtins(preview)}
    )
    return preview


def preview_playbooks(open_lake: lake.Lake, *, at: datetime) -> list[Preview]:
    """Preview every shipped flow."""
    flows = [journeys.parse_flow(playbook.flow_yaml) for playbook in journeys.list_playbooks()]
    return [found for flow in flows if (found := preview_flow(open_lake, flow, at=at))]


def _power(people: int, again: int, holdout_percent: int) -> PowerStatement | None:
    if people < 2 or not 0 < holdout_percent < 100:
        return None
    return state_power(
        people=people,
        holdout_share=holdout_percent / 100,
        base_share=again / people,
        effect_share=min(EXPECTED_EFFECT_SHARE, 1 - again / people),
    )
