"""A flow's tree as its page draws it: the rooms' words, with the people counted at each step."""

from collections.abc import Mapping
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext

from kembali.journeys import api as journeys
from kembali.web.pages.journeys import Lane, Step, StepCount
from kembali.web.pages.parts import Tag

# Decisions worth a number on the tree, in this order, with the words for them.
_SHOWN: Final = (
    ("sent", "sent"),
    ("delivered", "delivered"),
    ("would_send", "would have been sent (holdout)"),
    ("withheld", "not sent"),
    ("failed", "failed"),
    ("unknown", "arrival unknown"),
    ("opened", "opened"),
    ("clicked", "clicked"),
    ("passed", "went on"),
    ("left", "left here"),
)


def steps_of(
    tree: journeys.FlowTree, counts: Mapping[str, journeys.StepCounts], segments: Mapping[str, str]
) -> tuple[Step, ...]:
    """Return the whole flow from what starts it to its goal. `counts` empty: not launched yet."""
    entrance = counts.get(journeys.ENTRANCE)
    came_in = entrance.decisions.get("enrolled", 0) if entrance else 0
    kept_out = entrance.decisions.get("not let in", 0) if entrance else 0
    reached = sum(one.decisions.get("goal reached", 0) for one in counts.values())
    start = Step(
        key="start",
        day=gettext("start"),
        title=_with_names(tree.trigger, segments),
        detail=" · ".join(tree.conditions),
        counts=tuple(
            StepCount(words, n) for words, n in ((gettext("came in"), came_in), (gettext("kept out"), kept_out)) if n
        ),
        tag=Tag(gettext("history never triggers")),
    )
    goal = Step(
        key="goal",
        day=gettext("any time"),
        title=" · ".join(dict.fromkeys(tree.exits)) or gettext("Ends with the last step"),
        detail=gettext("goal: %(goal)s, counted whether the journey still runs or not") % {"goal": tree.goal},
        tag=Tag(gettext("%(n)s came back") % {"n": f"{reached:,}"}, "back") if reached else None,
    )
    return (start, *(_step(tree.key, one, counts) for one in tree.steps), goal)


def title_of(tree: journeys.FlowTree, key: str) -> str:
    """Return what a step is called, its key where the present version has no such step."""
    return next((step.title for step in _walk(tree.steps) if step.key == key), key.replace("_", " "))


def _walk(steps: tuple[journeys.TreeStep, ...]) -> list[journeys.TreeStep]:
    found: list[journeys.TreeStep] = []
    for step in steps:
        found.append(step)
        for lane in step.lanes:
            found += _walk(lane.steps)
    return found


def _step(flow: str, step: journeys.TreeStep, counts: Mapping[str, journeys.StepCounts]) -> Step:
    lanes = tuple(
        Lane(lane.condition, tuple(_step(flow, inner, counts) for inner in lane.steps)) for lane in step.lanes
    )
    return Step(
        key=step.key,
        day=journeys.day_in_words(step.since),
        title=step.title,
        detail=step.detail,
        counts=_counts(flow, step, counts.get(step.key)),
        lanes=lanes,
    )


def _counts(flow: str, step: journeys.TreeStep, found: journeys.StepCounts | None) -> tuple[StepCount, ...]:
    if found is None:
        return ()
    shown = [StepCount(gettext(words), n) for name, words in _SHOWN if (n := found.decisions.get(name, 0))]
    if found.waiting_count or step.kind == "wait":
        href = reverse("web:journey-step", args=[flow, step.key])
        shown.insert(0, StepCount(gettext("waiting"), found.waiting_count, href))
    return tuple(shown)


def _with_names(sentence: str, segments: Mapping[str, str]) -> str:
    """Put a segment's name where the flow's sentence says its key."""
    head, _, key = sentence.rpartition(" ")
    return f"{head} “{segments[key]}”" if key in segments else sentence
