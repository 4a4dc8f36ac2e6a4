"""One person's way through a flow at one moment: which decisions are made, what is asked for, where they wait."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from zoneinfo import ZoneInfo

from kembali.journeys.contracts.flow import Branch, Exit, Send, Wait
from kembali.journeys.rules.conditions import Known, holds, sentence_of
from kembali.journeys.rules.lengths import length_of, wait_over_at
from kembali.journeys.rules.program import Node, Program

FINISHED = "finished"
"""Why a person left who came to the end of the flow."""


@dataclass(frozen=True, slots=True)
class Made:
    """One decision at one step, with what it rested on."""

    step: str
    decision: str
    reason: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Walk:
    """What became of one person: the decisions in order, the sends asked for, and where they are now.

    step and due_at: where they wait and until when. Both None: they left, and `end_reason` says why.
    """

    made: tuple[Made, ...]
    sends: tuple[Send, ...]
    step: str | None
    due_at: datetime | None
    end_reason: str | None


def walk(program: Program, *, step: str, waiting: bool, known: Known, at: datetime, tz: ZoneInfo) -> Walk:
    """Walk from `step` as far as a person gets at `at`.

    waiting: they stand in the wait `step`, and it is over. A wait counts from `at`, the moment the step before it was
    really done: after an outage two messages are never closer together than the flow says.
    """
    made: list[Made] = []
    sends: list[Send] = []
    key: str | None = step
    while key is not None:
        node = program.nodes[key]
        current = node.step
        match current:
            case Wait():
                if not waiting:
                    due_at = wait_over_at(at, length=length_of(current.length), until=current.until, tz=tz)
                    made.append(Made(key, "waits", {"until": due_at.isoformat()}))
                    return Walk(tuple(made), tuple(sends), key, due_at, None)
                waiting = False
                made.append(Made(key, "passed", {}))
                key = node.after
            case Send():
                sends.append(current)
                made.append(Made(key, "requested", {"template": current.template, "channels": list(current.channels)}))
                key = node.after
            case Branch():
                key = _branch(node, current, known, made)
            case Exit():
                made.append(Made(key, "left", {"reason": current.reason}))
                return Walk(tuple(made), tuple(sends), None, None, current.reason)
            case _:
                assert_never(current)
    return Walk(tuple(made), tuple(sends), None, None, FINISHED)


def _branch(node: Node, branch: Branch, known: Known, made: list[Made]) -> str | None:
    """Take the first lane that holds; the receipt names each condition looked at and the values it saw."""
    looked_at: list[dict[str, object]] = []
    for number, way in enumerate(node.ways, start=1):
        taken = way.when is None or holds(way.when, known)
        looked_at.append(
            {"lane": number, "when": sentence_of(way.when) if way.when else "everyone else", "holds": taken}
        )
        if taken:
            made.append(Made(branch.key, f"lane {number}", {"lanes": looked_at, "known": _plain(known)}))
            return way.to
    raise ValueError(f"the branch {branch.key} has no lane for everyone else")


def _plain(known: Known) -> dict[str, object]:
    return {
        "traits": dict(known.traits),
        "segments": sorted(known.segments),
        "ordered": known.ordered,
        "messages": sorted(f"{step}: {outcome}" for step, outcome in known.messages),
    }
