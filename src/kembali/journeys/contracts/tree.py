"""A flow in words, nested as the pages draw it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

StepKind = Literal["wait", "send", "branch", "exit"]


@dataclass(frozen=True, slots=True)
class TreeLane:
    """One way out of a branch; `then` says whether its end joins the flow again or leaves it."""

    condition: str
    steps: tuple[TreeStep, ...]
    then: Literal["join", "exit"]


@dataclass(frozen=True, slots=True)
class TreeStep:
    """One step. `since` is the earliest time after entering at which it is reached; `template` only of a send."""

    key: str
    kind: StepKind
    since: timedelta
    title: str
    detail: str
    lanes: tuple[TreeLane, ...] = ()
    template: str | None = None


@dataclass(frozen=True, slots=True)
class FlowTree:
    """A whole flow in words: what starts it, under which conditions, its steps, how it ends, what counts as success."""

    key: str
    name: str
    purpose: str
    trigger: str
    conditions: tuple[str, ...]
    steps: tuple[TreeStep, ...]
    exits: tuple[str, ...]
    goal: str
    holdout_percent: int
