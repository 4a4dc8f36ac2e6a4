"""A flow's tree of steps laid out flat: every step knows which one follows, so that a person's place is one key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from kembali.journeys.contracts.flow import Branch, Condition, Exit, Flow, Step
from kembali.journeys.rules.conditions import Needs, needs_of
from kembali.journeys.rules.lengths import length_of


@dataclass(frozen=True, slots=True)
class Way:
    """One lane of a branch: the condition (None takes everyone) and the step it leads to (None = out of the flow)."""

    when: Condition | None
    to: str | None


@dataclass(frozen=True, slots=True)
class Node:
    """A step and what follows: `after` for a plain step, `ways` for a branch."""

    step: Step
    after: str | None
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """A flow ready to be walked. `entry` is the first step's key."""

    entry: str
    nodes: Mapping[str, Node]
    needs: Needs
    exits_when_ordered: bool
    goal_window: timedelta


def compile_flow(flow: Flow) -> Program:
    """Return the flow laid out flat. The flow must be valid (see `validation`)."""
    nodes: dict[str, Node] = {}
    entry = _lay_out(flow.steps, None, nodes)
    if entry is None:
        raise ValueError("a valid flow has at least one step")
    conditions = [way.when for node in nodes.values() for way in node.ways if way.when is not None]
    return Program(entry, nodes, needs_of(conditions), "ordered" in flow.exits, length_of(flow.goal.ordered_within))


def _lay_out(steps: Sequence[Step], after: str | None, nodes: dict[str, Node]) -> str | None:
    """Add `steps` to `nodes`, the last one leading to `after`; return the key of the first (or `after` if none)."""
    following = after
    for step in reversed(steps):
        if isinstance(step, Branch):
            ways = tuple(
                Way(lane.when, _lay_out(lane.steps, following if lane.then == "join" else None, nodes))
                for lane in step.lanes
            )
            nodes[step.key] = Node(step, following, ways)
        else:
            nodes[step.key] = Node(step, None if isinstance(step, Exit) else following)
        following = step.key
    return following
