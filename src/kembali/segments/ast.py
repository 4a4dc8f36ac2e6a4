"""A segment's rule as data: a small typed tree, the same in PostgreSQL, YAML and memory."""

from collections.abc import Iterator
from typing import Annotated, Literal, TypeAlias

import msgspec

from kembali.segments.errors import BadRule

Comparison = Literal["=", "!=", "<", "<=", ">", ">="]


class Compare(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="is", tag="compare"):
    """A number or text of the customer compared with a value. Unknown never compares."""

    attribute: str
    op: Comparison
    value: float | int | str


class OneOf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="is", tag="one_of"):
    """A text of the customer is one of several."""

    attribute: str
    values: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class Passed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="is", tag="passed"):
    """An instant of the customer, moved by `plus_days`, is not later than the moment asked about."""

    attribute: str
    plus_days: int = 0


class Bought(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="is", tag="bought"):
    """The customer made at least so many purchases in the last days."""

    at_least: Annotated[int, msgspec.Meta(ge=1)]
    within_days: Annotated[int, msgspec.Meta(ge=1)]


class InSegment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="is", tag="in"):
    """The customer is in another segment."""

    segment: str


class AllOf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="is", tag="all"):
    """Every part holds."""

    of: Annotated[tuple["Rule", ...], msgspec.Meta(min_length=1)]


class AnyOf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="is", tag="any"):
    """At least one part holds."""

    of: Annotated[tuple["Rule", ...], msgspec.Meta(min_length=1)]


class Not(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="is", tag="not"):
    """The part does not hold."""

    that: "Rule"


Rule: TypeAlias = Compare | OneOf | Passed | Bought | InSegment | AllOf | AnyOf | Not


def to_data(rule: Rule) -> dict[str, object]:
    """Return the rule as plain values, ready for JSON or YAML."""
    data: dict[str, object] = msgspec.to_builtins(rule)
    return data


def from_data(data: object) -> Rule:
    """Return the rule that plain values describe.

    Raises:
        BadRule: they describe none; the message says where.
    """
    try:
        rule: Rule = msgspec.convert(data, Rule)
    except msgspec.ValidationError as error:
        raise BadRule(f"The rule cannot be read: {error}.") from error
    return rule


def walk(rule: Rule) -> Iterator[Rule]:
    """Yield the rule and every part of it."""
    yield rule
    match rule:
        case AllOf() | AnyOf():
            for part in rule.of:
                yield from walk(part)
        case Not():
            yield from walk(rule.that)
        case _:
            pass


def attributes_of(rule: Rule) -> set[str]:
    """Return the names of the attributes the rule asks about."""
    return {part.attribute for part in walk(rule) if isinstance(part, Compare | OneOf | Passed)}
