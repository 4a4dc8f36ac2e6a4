"""What types cannot say about a flow: steps must fit together, bounds must make sense."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import assert_never

from kembali.journeys.contracts.flow import (
    AllOf,
    AnyOf,
    Branch,
    Condition,
    Exit,
    Flow,
    InSegment,
    MessageWas,
    Not,
    Ordered,
    Send,
    Step,
    TraitIs,
    Wait,
)
from kembali.journeys.errors import Problem
from kembali.journeys.rules.lengths import in_words, length_of
from kembali.journeys.rules.tree import longest

_MOST = timedelta(days=400)


def problems_of(flow: Flow) -> list[Problem]:
    """Return everything wrong with a flow; empty means it can be launched."""
    problems = list(_top_problems(flow))
    seen: dict[str, str] = {}
    sends: set[str] = set()
    problems += _steps_problems(flow.steps, "steps", seen, sends)
    for number, condition in enumerate(flow.filters):
        problems += _condition_problems(condition, f"filters[{number}]", frozenset())
    return problems or list(_length_problems(flow))


def _top_problems(flow: Flow) -> Iterator[Problem]:
    if not flow.steps:
        yield Problem("steps", "The flow has no steps.", "Add at least one.")
    for where, text in (
        ("trigger.window", flow.trigger.window),
        ("again_after", flow.again_after),
        ("goal.ordered_within", flow.goal.ordered_within),
    ):
        if not timedelta(0) < length_of(text) <= _MOST:
            yield Problem(where, f"“{text}” is out of range.", f"Use more than nothing and at most {_MOST.days} days.")


def _length_problems(flow: Flow) -> Iterator[Problem]:
    """Entering again while still inside is ruled out here, so that nothing has to check it later."""
    whole = longest(flow.steps)
    if length_of(flow.again_after) < whole:
        yield Problem(
            "again_after",
            f"People could enter again after {flow.again_after} while the flow takes up to {in_words(whole)}.",
            "Make it at least as long as the flow.",
        )


def _steps_problems(steps: Sequence[Step], path: str, seen: dict[str, str], sends: set[str]) -> Iterator[Problem]:
    for number, step in enumerate(steps):
        where = f"{path}[{number}]"
        if step.key in seen:
            yield Problem(f"{where}.key", f"The key “{step.key}” is already used at {seen[step.key]}.", "Rename one.")
        seen[step.key] = where
        match step:
            case Wait():
                yield from _wait_problems(step, where)
            case Send():
                sends.add(step.key)
                if not step.channels:
                    yield Problem(f"{where}.channels", "No channel is named.", "Write channels: [email].")
            case Branch():
                yield from _branch_problems(step, where, seen, sends)
            case Exit():
                if number != len(steps) - 1:
                    yield Problem(where, "Steps after an exit are never reached.", "Make the exit the last step.")
            case _:
                assert_never(step)


def _wait_problems(step: Wait, where: str) -> Iterator[Problem]:
    length = length_of(step.length)
    if length > _MOST:
        yield Problem(f"{where}.for", f"“{step.length}” is too long.", f"Use at most {_MOST.days} days.")
    if not length and step.until is None:
        yield Problem(where, "The wait has no length.", "Write for: 2 days, or until: “10:00”.")


def _branch_problems(branch: Branch, where: str, seen: dict[str, str], sends: set[str]) -> Iterator[Problem]:
    if len(branch.lanes) < 2:
        yield Problem(f"{where}.lanes", "A branch needs at least two lanes.", "Add a lane without `when` as the last.")
    # A lane may ask about messages sent before the branch or inside itself, not about its neighbours'.
    before = frozenset(sends)
    for number, lane in enumerate(branch.lanes):
        lane_at = f"{where}.lanes[{number}]"
        is_last = number == len(branch.lanes) - 1
        if (lane.when is None) != is_last:
            what = "The last lane must take everyone else." if is_last else "Only the last lane may lack a condition."
            yield Problem(f"{lane_at}.when", what, "Remove `when`." if is_last else "Add a `when`.")
        if lane.when is not None:
            yield from _condition_problems(lane.when, f"{lane_at}.when", before)
        yield from _steps_problems(lane.steps, f"{lane_at}.steps", seen, sends)
        if lane.then == "join" and lane.steps and isinstance(lane.steps[-1], Exit):
            yield Problem(f"{lane_at}.then", "The lane ends with an exit and cannot join.", "Write then: exit.")


def _condition_problems(condition: Condition, where: str, sends: frozenset[str]) -> Iterator[Problem]:
    match condition:
        case TraitIs():
            if condition.at_least is None and condition.at_most is None:
                yield Problem(where, f"The trait {condition.trait} has no bound.", "Write at_least: or at_most:.")
        case MessageWas():
            if condition.step not in sends:
                yield Problem(
                    f"{where}.step", f"No send step “{condition.step}” comes before.", "Name the key of an earlier one."
                )
        case AllOf() | AnyOf():
            if not condition.of:
                yield Problem(f"{where}.of", "The list is empty.", "Add at least one condition.")
            for number, part in enumerate(condition.of):
                yield from _condition_problems(part, f"{where}.of[{number}]", sends)
        case Not():
            yield from _condition_problems(condition.that, f"{where}.that", sends)
        case Ordered() | InSegment():
            pass
        case _:
            assert_never(condition)
