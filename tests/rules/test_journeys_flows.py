"""Flows as data: read from YAML, checked, laid out flat, described."""

from datetime import timedelta

import pytest

from kembali.journeys.contracts.flow import Branch, Entered, Send, Wait
from kembali.journeys.errors import BadFlow, Problem
from kembali.journeys.playbooks import list_playbooks, playbook_of
from kembali.journeys.rules.parsing import content_hash, flow_to_yaml, parse_flow
from kembali.journeys.rules.program import compile_flow
from kembali.journeys.rules.tree import day_in_words, describe

HEAD = """
key: test
name: Test
trigger: {event: segment_entered, segment: loyal}
again_after: 90 days
goal: {ordered_within: 30 days}
holdout: {percent: 10, salt: test}
"""
BRANCHED = (
    HEAD
    + """
steps:
  - {key: ask, do: send, template: ask}
  - {key: two_days, do: wait, for: 2 days}
  - key: which
    do: branch
    lanes:
      - when: {is: message, step: ask, outcome: opened}
        then: join
        steps:
          - {key: thanks, do: send, template: thanks}
          - {key: pause, do: wait, for: 1 day}
      - when: {is: all, of: [{is: trait, trait: order_count, at_least: 5}, {is: not, that: {is: ordered}}]}
        then: exit
      - then: join
  - {key: last, do: send, template: last}
  - {key: done, do: exit, reason: through}
"""
)


def problems(text: str) -> list[Problem]:
    with pytest.raises(BadFlow) as refused:
        parse_flow(text)
    return list(refused.value.problems)


def test_a_flow_survives_being_written_and_read() -> None:
    flow = parse_flow(BRANCHED)
    assert parse_flow(flow_to_yaml(flow)) == flow
    assert isinstance(flow.trigger, Entered)
    assert flow.trigger.window == "48 h"
    assert isinstance(flow.steps[0], Send)
    assert flow.steps[0].channels == ("email",)


def test_the_hash_ignores_layout_and_sees_every_change() -> None:
    flow = parse_flow(BRANCHED)
    assert content_hash(flow) == content_hash(parse_flow(flow_to_yaml(flow) + "\n# a comment\n"))
    assert content_hash(flow) != content_hash(parse_flow(BRANCHED.replace("2 days", "3 days")))


@pytest.mark.parametrize(
    ("broken", "instead", "where", "what", "hint"),
    [
        ("for: 2 days", "for: two days", "steps[1].for", "It is not a length of time.", "Write a number and a unit"),
        ("name: Test\n", "", "the flow", "Object missing required field `name`.", "Add it."),
        ("reason: through", "raeson: x", "steps[4]", "Object contains unknown field `raeson`.", "Remove it"),
        ("do: exit", "do: stop", "steps[4].do", "Invalid value 'stop'.", ""),
        ("key: last", "key: ask", "steps[3].key", "The key “ask” is already used at steps[0].", "Rename one."),
        (
            "step: ask",
            "step: asked",
            "steps[2].lanes[0].when.step",
            "No send step “asked” comes before.",
            "Name the key",
        ),
        ("at_least: 5", "", "steps[2].lanes[1].when.of[0]", "The trait order_count has no bound.", "Write at_least:"),
        ("for: 2 days", "", "steps[1]", "The wait has no length.", "Write for: 2 days"),
        (
            "90 days",
            "2 days",
            "again_after",
            "People could enter again after 2 days while the flow takes up to 3 days.",
            "",
        ),
        ("90 days", "0 days", "again_after", "“0 days” is out of range.", "Use more than nothing"),
        ("percent: 10", "percent: 95", "holdout.percent", "Expected `int` <= 90.", ""),
    ],
)
def test_what_is_wrong_is_said_with_its_place(broken: str, instead: str, where: str, what: str, hint: str) -> None:
    (problem,) = problems(BRANCHED.replace(broken, instead, 1))
    assert (problem.where, problem.what) == (where, what)
    assert problem.hint.startswith(hint)


def test_every_problem_is_listed_at_once() -> None:
    text = BRANCHED.replace("key: last", "key: ask").replace("step: ask", "step: nobody")
    assert [problem.where for problem in problems(text)] == ["steps[2].lanes[0].when.step", "steps[3].key"]


def test_a_branch_needs_a_last_lane_for_everyone_else() -> None:
    text = BRANCHED.replace("      - then: join\n", "")
    assert [(p.where, p.what) for p in problems(text)] == [
        ("steps[2].lanes[1].when", "The last lane must take everyone else.")
    ]


def test_nothing_may_follow_an_exit() -> None:
    text = BRANCHED + "  - {key: more, do: send, template: more}\n"
    assert [(p.where, p.hint) for p in problems(text)] == [("steps[4]", "Make the exit the last step.")]


def test_text_that_is_not_yaml_is_refused_with_its_line() -> None:
    (problem,) = problems("key: [a\nname: x")
    assert problem.where == "the file"
    assert "line 2" in problem.what


def test_lanes_that_join_go_on_after_the_branch_and_others_leave() -> None:
    program = compile_flow(parse_flow(BRANCHED))
    assert program.entry == "ask"
    assert {key: node.after for key, node in program.nodes.items() if not node.ways} == {
        "ask": "two_days",
        "two_days": "which",
        "thanks": "pause",
        "pause": "last",
        "last": "done",
        "done": None,
    }
    assert [way.to for way in program.nodes["which"].ways] == ["thanks", None, "last"]
    assert program.needs.traits == {"order_count"}
    assert program.needs.messages
    assert program.goal_window == timedelta(days=30)


def test_the_tree_counts_days_from_entering() -> None:
    tree = describe(parse_flow(BRANCHED))
    assert [(step.key, day_in_words(step.since)) for step in tree.steps] == [
        ("ask", "start"),
        ("two_days", "start"),
        ("which", "day 2"),
        ("last", "day 2"),  # the shorter lane
        ("done", "day 2"),
    ]
    assert [lane.condition for lane in tree.steps[2].lanes] == [
        "the message “ask” was opened",
        "order_count is at least 5 and not: has ordered since entering",
        "everyone else",
    ]
    assert [(step.key, day_in_words(step.since)) for step in tree.steps[2].lanes[0].steps] == [
        ("thanks", "day 2"),
        ("pause", "day 2"),
    ]


def test_the_shipped_win_back_says_what_the_house_promises() -> None:
    win_back = playbook_of("win_back")
    flow = win_back.flow
    assert win_back in list_playbooks()
    assert flow.trigger == Entered(segment="idle_loyal", window="48 h")
    assert flow.filters == ()  # permission belongs to the gate, not to the flow
    assert (flow.again_after, flow.goal.ordered_within, flow.holdout.percent) == ("180 days", "60 days", 20)
    assert flow.exits == ("ordered",)
    assert not any(isinstance(step, Branch) for step in flow.steps)
    assert [step.length for step in flow.steps if isinstance(step, Wait)] == ["0 days", "10 days"]
    assert win_back.templates == ("how_was_it", "still_here")
    for template in win_back.templates:
        for part in ("body.mjml", "body.txt"):
            text = (win_back.templates_dir / template / part).read_text(encoding="utf-8")
            assert "{{ unsubscribe_url }}" in text
            assert "reply" in text
            assert not {"discount", "coupon", "off"} & set(text.lower().split())
