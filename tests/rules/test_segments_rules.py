"""Rules as data: reading, refusing, reading aloud, compiling."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import ibis
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kembali.insight.contracts import ATTRIBUTES, RFM_GROUPS
from kembali.insight.rfm import GROUPS
from kembali.segments.ast import AllOf, AnyOf, Bought, Compare, InSegment, Not, OneOf, Passed, Rule, from_data, to_data
from kembali.segments.compiling import Compiler
from kembali.segments.errors import BadRule
from kembali.segments.rules import check, inlined, sentence
from kembali.segments.shipped import SHIPPED

KNOWN = {attribute.name: attribute for attribute in ATTRIBUTES}
AT = datetime(2026, 3, 1, tzinfo=UTC)

OPERATORS = ["=", "!=", "<", "<=", ">", ">="]
ATOMS = st.one_of(
    st.builds(Compare, attribute=st.just("order_count"), op=st.sampled_from(OPERATORS), value=st.integers(0, 5)),
    st.builds(OneOf, attribute=st.just("rfm_group"), values=st.sampled_from([("New",), ("Loyal", "Champions")])),
    st.builds(Passed, attribute=st.sampled_from(["idle_from", "lost_from"]), plus_days=st.integers(-40, 40)),
)  # fmt: skip
RULES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds(AllOf, of=st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(AnyOf, of=st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Not, that=inner),
    ),
    max_leaves=6,
)


@given(RULES)
def test_a_rule_survives_the_way_to_plain_data_and_back(rule: Rule) -> None:
    assert from_data(to_data(rule)) == rule


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"is": "compare", "attribute": "order_count", "op": "~", "value": 1}, r"\$\.op"),
        ({"is": "all", "of": []}, r"\$\.of"),
        ({"is": "all", "of": [{"is": "passed", "attribute": "idle_from", "days": 3}]}, "unknown field `days`"),
        ({"is": "magic"}, "magic"),
        ("loyal", "Expected `object`"),
    ],
)
def test_unreadable_data_is_refused_with_the_place(data: object, words: str) -> None:
    with pytest.raises(BadRule, match=words):
        from_data(data)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Compare(attribute="colour", op="=", value="red"), "no attribute “colour”"),
        (Compare(attribute="idle_from", op=">", value=3), "point in time"),
        (Compare(attribute="order_count", op=">", value="many"), "is a number"),
        (Compare(attribute="rfm_group", op="<", value="New"), "equal or not"),
        (OneOf(attribute="rfm_group", values=("Newish",)), "never “Newish”"),
        (Passed(attribute="order_count"), "not a point in time"),
        (InSegment(segment="nobody"), "no segment “nobody”"),
        (Not(that=InSegment(segment="b")), "refer to itself"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: Rule, words: str) -> None:
    others: dict[str, Rule] = {"b": InSegment(segment="a"), "a": Compare(attribute="order_count", op="=", value=1)}
    with pytest.raises(BadRule, match=words):
        check(rule, KNOWN, others, key="a")


def test_every_shipped_rule_is_sound_and_reads_as_a_sentence() -> None:
    aloud = {}
    for segment in SHIPPED:
        check(segment.rule, KNOWN, {}, key=segment.key)
        aloud[segment.key] = sentence(segment.rule, KNOWN, {})
    assert aloud == {
        "new": "Customers where first order was less than 30 days ago.",
        "active": "Customers where the wait is still normal for this person.",
        "loyal": "Customers where there are at least 3 orders and an order can still be hoped for.",
        "at_risk": "Customers where there are at least 2 orders and the wait is clearly long for this person "
        "and an order can still be hoped for.",
        "idle_loyal": "Customers where there are at least 3 orders and the wait is clearly long for this person "
        "and an order can still be hoped for.",
        "lost": "Customers where an order is no longer to be hoped for.",
        "big_spenders": "Customers where spending quintile is exactly 5 of 5.",
        "one_time": "Customers where there is exactly 1 order.",
    }


def test_a_sentence_moves_not_inwards_and_keeps_brackets() -> None:
    rule = Not(that=AllOf(of=(Bought(at_least=2, within_days=90), AnyOf(of=(InSegment(segment="new"), _once())))))
    assert sentence(rule, KNOWN, {"new": "New"}) == (
        "Customers where fewer than 2 orders came in the last 90 days or "
        "(they are not in “New” and there is not 1 order)."
    )


def test_references_are_replaced_by_what_they_mean() -> None:
    others: dict[str, Rule] = {"a": _once(), "b": Not(that=InSegment(segment="a"))}
    assert inlined(AllOf(of=(InSegment(segment="b"),)), others) == AllOf(of=(Not(that=_once()),))


def test_the_groups_a_rule_may_name_are_those_of_the_model() -> None:
    assert tuple(GROUPS) == RFM_GROUPS


_EARLY, _LATE = Passed(attribute="idle_from", plus_days=-40), Passed(attribute="idle_from", plus_days=0)
_HANDS_OVER = AnyOf(of=(Not(that=_LATE), _LATE))


@settings(max_examples=12, deadline=None)
@given(RULES, st.integers(0, 4), st.integers(-60, 60), st.integers(0, 60))
@example(AnyOf(of=(_EARLY, _LATE)), 0, -5, 0)
@example(AllOf(of=(_EARLY, _LATE)), 0, -5, 0)
@example(_HANDS_OVER, 0, 0, 0)
@example(Not(that=_HANDS_OVER), 0, 0, 0)
def test_since_is_the_instant_from_which_the_rule_held(rule: Rule, orders: int, idle: int, more: int) -> None:
    """Evaluated at `since` and a second before: true, and (unless the row changed then) false."""
    last = AT - timedelta(days=90)
    row = {
        "customer_id": 1,
        "order_count": orders,
        "rfm_group": "New",
        "last_order_at": last,
        "idle_from": AT + timedelta(days=idle),
        "lost_from": AT + timedelta(days=idle + more),
    }
    instants = dict.fromkeys(("last_order_at", "idle_from", "lost_from"), pa.timestamp("us", "UTC"))
    kinds = {"customer_id": pa.int64(), "order_count": pa.int64(), "rfm_group": pa.string(), **instants}
    table = ibis.memtable(pa.Table.from_pylist([row], schema=pa.schema(kinds)))

    def ask(at: datetime, *, holds: bool = True, of: Rule = rule) -> tuple[bool, datetime | None]:
        match = Compiler(table, at, "last_order_at", {}).match(of, holds=holds)
        found = table.select(holds=match.holds, since=match.since).to_pyarrow().to_pylist()[0]
        return found["holds"], found["since"]

    for side in (True, False):
        holds, since = ask(AT, holds=side)
        assert holds == (ask(AT)[0] == side)
        if holds and since is not None and since > last:
            assert ask(since, holds=side)[0]
            before = since - timedelta(seconds=1)
            if ask(before, holds=side)[0]:  # only where one part takes over at the very instant another ends
                parts = [(part, is_meant) for part, is_meant in _parts(rule, is_meant=side)]
                held = [ask(before, holds=is_meant, of=part)[0] for part, is_meant in parts]
                holding = [ask(since, holds=is_meant, of=part)[0] for part, is_meant in parts]
                assert {(True, False), (False, True)} <= set(zip(held, holding, strict=True))


def _parts(rule: Rule, *, is_meant: bool) -> Iterator[tuple[Rule, bool]]:
    """Yield the atoms of a rule, each with whether it must hold or must not."""
    if isinstance(rule, Not):
        yield from _parts(rule.that, is_meant=not is_meant)
    elif isinstance(rule, AllOf | AnyOf):
        for part in rule.of:
            yield from _parts(part, is_meant=is_meant)
    else:
        yield rule, is_meant


def _once() -> Rule:
    return Compare(attribute="order_count", op="=", value=1)
