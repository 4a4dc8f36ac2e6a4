"""What a condition asks for, whether it holds for one person, and how it reads as a sentence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from kembali.journeys.contracts.flow import AllOf, AnyOf, Condition, InSegment, MessageWas, Not, Ordered, TraitIs


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be known of a person before a set of conditions can be judged."""

    traits: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()
    messages: bool = False

    def __or__(self, other: "Needs") -> "Needs":
        return Needs(self.traits | other.traits, self.segments | other.segments, self.messages or other.messages)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one person at one moment. A trait that is missing or None is unknown.

    messages: (step, outcome) pairs that have happened.
    """

    traits: Mapping[str, float | None] = field(default_factory=dict)
    segments: frozenset[str] = frozenset()
    ordered: bool = False
    messages: frozenset[tuple[str, str]] = frozenset()


def needs_of(conditions: Iterable[Condition]) -> Needs:
    """Return what these conditions ask for."""
    needs = Needs()
    for condition in conditions:
        match condition:
            case InSegment():
                needs |= Needs(segments=frozenset({condition.segment}))
            case TraitIs():
                needs |= Needs(traits=frozenset({condition.trait}))
            case MessageWas():
                needs |= Needs(messages=True)
            case AllOf() | AnyOf():
                needs |= needs_of(condition.of)
            case Not():
                needs |= needs_of([condition.that])
            case Ordered():
                pass
            case _:
                assert_never(condition)
    return needs


def holds(condition: Condition, known: Known) -> bool:
    """Return whether the condition holds for the person."""
    match condition:
        case Ordered():
            result = known.ordered
        case InSegment():
            result = condition.segment in known.segments
        case TraitIs():
            result = _within(known.traits.get(condition.trait), condition)
        case MessageWas():
            result = (condition.step, condition.outcome) in known.messages
        case AllOf():
            result = all(holds(part, known) for part in condition.of)
        case AnyOf():
            result = any(holds(part, known) for part in condition.of)
        case Not():
            result = not holds(condition.that, known)
        case _:
            assert_never(condition)
    return result


def sentence_of(condition: Condition) -> str:
    """Return the condition in plain words."""
    match condition:
        case Ordered():
            words = "has ordered since entering"
        case InSegment():
            words = f"is in the segment {condition.segment}"
        case TraitIs():
            bounds = [f"at least {condition.at_least:g}"] if condition.at_least is not None else []
            bounds += [f"at most {condition.at_most:g}"] if condition.at_most is not None else []
            words = f"{condition.trait} is {' and '.join(bounds)}"
        case MessageWas():
            words = f"the message “{condition.step}” was {condition.outcome}"
        case AllOf():
            words = " and ".join(_bracketed(part) for part in condition.of)
        case AnyOf():
            words = " or ".join(_bracketed(part) for part in condition.of)
        case Not():
            words = f"not: {_bracketed(condition.that)}"
        case _:
            assert_never(condition)
    return words


def _within(value: float | None, bounds: TraitIs) -> bool:
    if value is None:
        return False
    return (bounds.at_least is None or value >= bounds.at_least) and (bounds.at_most is None or value <= bounds.at_most)


def _bracketed(condition: Condition) -> str:
    text = sentence_of(condition)
    return f"({text})" if isinstance(condition, AllOf | AnyOf) else text
