"""Whether a rule makes sense, and how it reads as a sentence. Pure."""

from collections.abc import Mapping

from kembali.insight.api import Attribute
from kembali.segments.ast import AllOf, AnyOf, Bought, Compare, InSegment, Not, OneOf, Passed, Rule, walk
from kembali.segments.errors import BadRule

_WORDS = {"=": "exactly", "!=": "not", "<": "less than", "<=": "at most", ">": "more than", ">=": "at least"}
_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def check(rule: Rule, attributes: Mapping[str, Attribute], others: Mapping[str, Rule], *, key: str = "") -> None:
    """Refuse a rule that uses what does not exist or compares what cannot be compared.

    others: the rules of all segments by key, among which references are looked up. key: the segment the rule is for.

    Raises:
        BadRule: the message names the attribute or segment.
    """
    for part in walk(rule):
        match part:
            case Compare():
                _check_compare(part, _known(part.attribute, attributes))
            case OneOf():
                attribute = _known(part.attribute, attributes)
                _check_choices(attribute, part.values)
            case Passed():
                if _known(part.attribute, attributes).kind != "instant":
                    raise BadRule(f"“{part.attribute}” is not a point in time.", hint="Compare it with a value.")
            case InSegment():
                _check_reference(part, others, frozenset({key}))
            case _:
                pass


def inlined(rule: Rule, others: Mapping[str, Rule]) -> Rule:
    """Return the rule with every reference to a segment replaced by that segment's rule."""
    match rule:
        case InSegment():
            return inlined(others[rule.segment], others)
        case AllOf():
            return AllOf(of=tuple(inlined(part, others) for part in rule.of))
        case AnyOf():
            return AnyOf(of=tuple(inlined(part, others) for part in rule.of))
        case Not():
            return Not(that=inlined(rule.that, others))
        case _:
            return rule


def sentence(rule: Rule, attributes: Mapping[str, Attribute], names: Mapping[str, str]) -> str:
    """Return the rule in plain words. names: the names of segments by key."""
    return f"Customers where {_phrase(rule, attributes, names, holds=True)}."


def _phrase(rule: Rule, attributes: Mapping[str, Attribute], names: Mapping[str, str], *, holds: bool) -> str:
    match rule:
        case Compare():
            text = _compare_phrase(rule, attributes[rule.attribute], rule.op if holds else _OPPOSITE[rule.op])
        case OneOf():
            text = f"{attributes[rule.attribute].label} is {'' if holds else 'not '}{' or '.join(rule.values)}"
        case Passed():
            text = _passed_phrase(rule, attributes[rule.attribute], holds=holds)
        case Bought():
            words = "at least" if holds else "fewer than"
            text = f"{words} {rule.at_least} orders came in the last {rule.within_days} days"
        case InSegment():
            text = f"they are {'' if holds else 'not '}in “{names.get(rule.segment, rule.segment)}”"
        case Not():
            text = _phrase(rule.that, attributes, names, holds=not holds)
        case AllOf() | AnyOf():
            word = " and " if isinstance(rule, AllOf) == holds else " or "
            parts = [_phrase(part, attributes, names, holds=holds) for part in rule.of]
            nested = [isinstance(part, AllOf | AnyOf) and len(part.of) > 1 for part in rule.of]
            text = word.join(f"({part})" if deep else part for part, deep in zip(parts, nested, strict=True))
    return text


def _compare_phrase(rule: Compare, attribute: Attribute, op: str) -> str:
    words = _WORDS[op]
    if attribute.kind == "text":
        return f"{attribute.label} is {'not ' if op == '!=' else ''}{rule.value}"
    if attribute.unit == attribute.label:
        if rule.value == 1:
            return f"there is {words} 1 {attribute.unit.removesuffix('s')}"
        return f"there are {words} {rule.value} {attribute.unit}"
    return f"{attribute.label} is {words} {rule.value} {attribute.unit}".rstrip()


def _passed_phrase(rule: Passed, attribute: Attribute, *, holds: bool) -> str:
    if rule.plus_days == 0:
        return (attribute.passed if holds else attribute.ahead) or (
            f"{attribute.label} {'has passed' if holds else 'is still ahead'}"
        )
    days = abs(rule.plus_days)
    if rule.plus_days > 0:
        return f"{attribute.label} was {'at least' if holds else 'less than'} {days} days ago"
    return f"{attribute.label} is {'at most' if holds else 'more than'} {days} days away"


def _known(name: str, attributes: Mapping[str, Attribute]) -> Attribute:
    try:
        return attributes[name]
    except KeyError:
        raise BadRule(f"There is no attribute “{name}”.", hint=f"Known: {', '.join(sorted(attributes))}.") from None


def _check_compare(part: Compare, attribute: Attribute) -> None:
    if attribute.kind == "instant":
        raise BadRule(f"“{part.attribute}” is a point in time.", hint="Ask whether it has passed.")
    if attribute.kind == "number" and isinstance(part.value, str):
        raise BadRule(f"“{part.attribute}” is a number, not “{part.value}”.")
    if attribute.kind == "text":
        if part.op not in ("=", "!="):
            raise BadRule(f"“{part.attribute}” is text: it can only be equal or not.")
        _check_choices(attribute, (str(part.value),))


def _check_choices(attribute: Attribute, values: tuple[str, ...]) -> None:
    if attribute.kind != "text":
        raise BadRule(f"“{attribute.name}” is not text.")
    for value in values:
        if attribute.choices and value not in attribute.choices:
            raise BadRule(
                f"“{attribute.name}” is never “{value}”.", hint=f"It is one of {', '.join(attribute.choices)}."
            )


def _check_reference(part: InSegment, others: Mapping[str, Rule], path: frozenset[str]) -> None:
    if part.segment in path:
        raise BadRule(f"Segment “{part.segment}” would refer to itself.")
    if part.segment not in others:
        raise BadRule(f"There is no segment “{part.segment}”.")
    for inner in walk(others[part.segment]):
        if isinstance(inner, InSegment):
            _check_reference(inner, others, path | {part.segment})
