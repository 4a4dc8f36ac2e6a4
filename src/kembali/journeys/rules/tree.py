"""A flow as the pages show it: a nested tree in words, each step with the time since entering."""

from collections.abc import Sequence
from datetime import timedelta
from typing import assert_never

from kembali.journeys.contracts.flow import Branch, Entered, Exit, Flow, Send, Step, Trigger, Wait
from kembali.journeys.contracts.tree import FlowTree, TreeLane, TreeStep
from kembali.journeys.rules.conditions import sentence_of
from kembali.journeys.rules.lengths import in_words, length_of

_UNTIL_AT_MOST = timedelta(days=1)


def describe(flow: Flow) -> FlowTree:
    """Return the flow as a tree in words."""
    steps, _ = _describe_steps(flow.steps, timedelta(0))
    return FlowTree(
        key=flow.key,
        name=flow.name,
        purpose=flow.purpose,
        trigger=_trigger_sentence(flow.trigger),
        conditions=(*(sentence_of(condition) for condition in flow.filters), f"at most once in {flow.again_after}"),
        steps=steps,
        exits=tuple("Leaves at once when they order" for _ in flow.exits),
        goal=f"an order within {flow.goal.ordered_within}",
        holdout_percent=flow.holdout.percent,
    )


def longest(steps: Sequence[Step]) -> timedelta:
    """Return the most time these steps can take."""
    total = timedelta(0)
    for step in steps:
        if isinstance(step, Wait):
            total += length_of(step.length) + (_UNTIL_AT_MOST if step.until else timedelta(0))
        elif isinstance(step, Branch):
            total += max((longest(lane.steps) for lane in step.lanes), default=timedelta(0))
    return total


def day_in_words(since: timedelta) -> str:
    """Return the time since entering as a label: `start`, `3 h`, `day 10`."""
    if not since:
        return "start"
    return f"day {since.days}" if since.days else in_words(since)


def _describe_steps(steps: Sequence[Step], since: timedelta) -> tuple[tuple[TreeStep, ...], timedelta]:
    """Return the steps in words and the earliest time at which what follows them is reached."""
    described = []
    for step in steps:
        one, since = _describe_step(step, since)
        described.append(one)
    return tuple(described), since


def _describe_step(step: Step, since: timedelta) -> tuple[TreeStep, timedelta]:
    match step:
        case Wait():
            length = length_of(step.length)
            parts = ([f"wait {in_words(length)}"] if length else []) + ([f"until {step.until}"] if step.until else [])
            return TreeStep(step.key, "wait", since, ", ".join(parts).capitalize(), ""), since + length
        case Send():
            detail = f"{' or '.join(step.channels)} · {step.purpose} · not sent later than {step.expires} after"
            title = step.template.replace("_", " ").capitalize()
            return TreeStep(step.key, "send", since, title, detail, template=step.template), since
        case Exit():
            return TreeStep(step.key, "exit", since, "Leave", step.reason), since
        case Branch():
            lanes, joined_at = [], []
            for lane in step.lanes:
                inner, end = _describe_steps(lane.steps, since)
                words = sentence_of(lane.when) if lane.when is not None else "everyone else"
                lanes.append(TreeLane(words, inner, lane.then))
                joined_at += [end] if lane.then == "join" else []
            title = "Which way"
            return TreeStep(step.key, "branch", since, title, "", lanes=tuple(lanes)), min(joined_at, default=since)
        case _:
            assert_never(step)


def _trigger_sentence(trigger: Trigger) -> str:
    if isinstance(trigger, Entered):
        return f"When someone enters the segment {trigger.segment}"
    return {
        "order.version": "When someone orders",
        "consent.given": "When someone gives their permission",
        "customer.profile": "When someone's profile is recorded",
    }[trigger.kind]
