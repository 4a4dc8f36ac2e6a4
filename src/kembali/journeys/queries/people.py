"""What other rooms know of people, asked once for many and only where a condition needs it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from kembali.insight import api as insight
from kembali.journeys.contracts.flow import Entered, Flow
from kembali.journeys.errors import Problem
from kembali.journeys.rules.conditions import Known, Needs
from kembali.kernel.ids import CustomerId, SegmentKey
from kembali.segments import api as segments

_PAGE = 10_000


def known_of(customer_ids: Sequence[int], needs: Needs, *, at: datetime) -> dict[int, Known]:
    """Return what is known of each person (root ids) at `at`; at most one question per room, none without a need."""
    ids = [CustomerId(each) for each in customer_ids]
    traits = insight.traits_of(ids) if needs.traits else {}
    inside = segments.segments_of(ids, at) if needs.segments else {}
    return {
        each: Known(
            traits={name: getattr(traits[each], name) for name in needs.traits} if each in traits else {},
            segments=frozenset(inside.get(each, frozenset())),
        )
        for each in ids
    }


def members_of_trigger(flow: Flow, *, at: datetime) -> Iterator[int]:
    """Yield the people (root ids) who are in the trigger's segment at `at`, in pages; nobody without a segment."""
    if not isinstance(flow.trigger, Entered):
        return
    after: CustomerId | None = None
    while page := segments.members_at(SegmentKey(flow.trigger.segment), at, limit=_PAGE, after=after):
        yield from page
        after = page[-1]


def unknown_names(flow: Flow, needs: Needs) -> Iterator[Problem]:
    """Yield a problem for each segment and trait the flow names and nobody knows."""
    known_segments = {view.key for view in segments.list_segments()}
    named = {("a condition", each) for each in needs.segments}
    if isinstance(flow.trigger, Entered):
        named.add(("trigger.segment", flow.trigger.segment))
    for where, key in sorted(named):
        if key not in known_segments:
            yield Problem(where, f"There is no segment “{key}”.", f"There are: {', '.join(sorted(known_segments))}.")
    numbers = {attribute.name for attribute in insight.ATTRIBUTES if attribute.kind == "number"}
    for name in sorted(needs.traits - numbers):
        yield Problem("a condition", f"There is no number “{name}”.", f"There are: {', '.join(sorted(numbers))}.")
