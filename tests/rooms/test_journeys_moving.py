"""People on a flow: moved when due, sent for in both arms, out when they buy, on the version they entered."""

from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from kembali.collect import api as collect
from kembali.journeys import api as journeys
from kembali.journeys.models import Enrolment, FlowVersion
from kembali.kernel.ids import CustomerId, FlowKey
from kembali.messages import api as messages
from kembali.shop import api as shop
from tests.makers.journeys import AT, SHORT, customers, entered, facts_of, fold, later, open_shop, ordered, tell

pytestmark = pytest.mark.django_db(transaction=True)
KEY = FlowKey("short")
LAUNCH = AT - timedelta(days=30)


@pytest.fixture(autouse=True)
def _shop() -> None:
    open_shop()


def inside(count: int = 1, text: str = SHORT) -> list[CustomerId]:
    journeys.publish(text, at=LAUNCH)
    people = customers(count)
    tell(entered(people, AT), at=AT)
    return people


def request_of(customer_id: CustomerId, step: str, version: int = 1) -> messages.Receipt:
    return messages.receipt_of(f"short:{version}:{step}:{customer_id}:entered idle_loyal:2026-03-02")


def decisions(customer_id: CustomerId) -> list[tuple[str, str]]:
    return [(each.step, each.decision) for each in reversed(journeys.decisions_of(customer_id))]


def test_a_person_is_sent_for_waits_and_comes_to_the_end() -> None:
    (ann,) = inside()
    assert journeys.move_due(at=AT) == 1
    asked = request_of(ann, "ask")
    assert (asked.template, asked.state) == ("short/ask", "requested")
    assert journeys.move_due(at=later(hours=47, minutes=59)) == 0
    assert journeys.move_due(at=later(hours=48)) == 1
    assert request_of(ann, "again").state == "requested"
    (stay,) = journeys.stays_of(ann)
    assert (stay.state, stay.ended_at, stay.end_reason) == ("ended", later(hours=48), "finished")
    assert decisions(ann) == [
        ("entrance", "enrolled"),
        ("ask", "requested"),
        ("two_days", "waits"),
        ("two_days", "passed"),
        ("again", "requested"),
    ]
    (fact,) = facts_of(ann, "journey.ended")
    assert fact.occurred_at == later(hours=48)


def test_the_holdout_walks_the_same_way_and_its_requests_are_marked() -> None:
    people = inside(100)
    journeys.move_due(at=AT)
    arms = {each.customer_id: each.arm for each in journeys.enrolments_for_measure(KEY)}
    assert {request_of(each, "ask").holdout for each in people if arms[each] == "holdout"} == {True}
    assert {request_of(each, "ask").holdout for each in people if arms[each] == "treated"} == {False}
    assert journeys.step_counts(KEY)["two_days"].waiting_count == 100
    assert len(journeys.people_at(KEY, "two_days")) == 50
    rest = journeys.people_at(KEY, "two_days", after=journeys.people_at(KEY, "two_days")[-1].enrolment_id)
    assert len(rest) == 50
    assert {each.since for each in rest} == {AT}
    asked_of = journeys.people_decided(KEY, "ask", "requested", limit=60)
    more = journeys.people_decided(KEY, "ask", "requested", limit=60, before=asked_of[-1].receipt_id)
    assert {each.customer_id: each.arm for each in (*asked_of, *more)} == arms
    assert journeys.people_decided(KEY, "ask", "sent") == []


def test_whoever_orders_leaves_at_once_and_what_was_not_sent_is_withdrawn() -> None:
    ann, bob = inside(2)
    journeys.move_due(at=AT)
    tell([ordered("c0", later(hours=5))], at=later(hours=6))
    (stay,) = journeys.stays_of(ann)
    assert (stay.ended_at, stay.end_reason, stay.goal_reached_at) == (later(hours=5), "ordered", later(hours=5))
    assert request_of(ann, "ask").state == "cancelled"
    assert request_of(bob, "ask").state == "requested"
    assert journeys.move_due(at=later(days=3)) == 1  # only Bob
    assert {fact.occurred_at for kind in ("ended", "goal_reached") for fact in facts_of(ann, f"journey.{kind}")} == {
        later(hours=5)
    }


def test_an_order_told_late_counts_at_the_instant_it_was_placed() -> None:
    (ann,) = inside()
    journeys.move_due(at=AT)
    journeys.move_due(at=later(days=2))  # both mails are asked for, the stay is over
    tell([ordered("c0", later(hours=30))], at=later(days=9))
    (stay,) = journeys.stays_of(ann)
    assert (stay.goal_reached_at, stay.end_reason) == (later(hours=30), "finished")
    tell([ordered("c0", later(hours=10))], at=later(days=10))  # an even earlier one, even later
    assert journeys.stays_of(ann)[0].goal_reached_at == later(hours=10)
    assert len(facts_of(ann, "journey.goal_reached")) == 1


def test_the_goal_is_an_order_after_entering_and_within_its_time() -> None:
    people = inside(4)
    before, at_entering, last, after = (later(hours=-1), AT, later(days=30), later(days=30, seconds=1))
    facts = [ordered(f"c{n}", instant) for n, instant in enumerate((before, at_entering, last, after))]
    tell(facts, at=later(days=31))
    assert [journeys.stays_of(each)[0].goal_reached_at for each in people] == [None, None, last, None]
    assert [journeys.stays_of(each)[0].state for each in people] == ["ready", "ready", "ended", "ended"]


def test_cancellations_and_unpaid_orders_are_no_goal() -> None:
    (ann,) = inside()
    facts = [
        ordered("c0", later(hours=1), ref="1", type="cancellation"),
        ordered("c0", later(hours=2), ref="2", status="pending"),
        ordered("c0", later(hours=3), ref="3", totals={"total_minor": 2000, "refunded_minor": 2000}),
    ]
    tell(facts, at=later(hours=4))
    assert journeys.stays_of(ann)[0].goal_reached_at is None


def test_an_edited_flow_is_a_new_version_and_those_inside_stay_on_theirs() -> None:
    (ann,) = inside()
    edited = SHORT.replace("2 days", "3 days")
    published = journeys.publish(edited, at=AT)
    assert (published.version, published.is_new_version, published.inside_count) == (2, True, 1)
    again = journeys.publish(edited + "# a remark\n", at=AT)
    assert (again.version, again.is_new_version) == (2, False)
    (bob,) = shop.resolve_customers([{"customer_ref": "bob"}], at=AT)
    assert bob is not None
    tell(entered([bob], later(minutes=1)), at=later(minutes=2))
    journeys.move_due(at=later(minutes=2))
    assert {each.customer_id: (each.version, each.due_at) for each in journeys.people_at(KEY, "two_days")} == {
        ann: (1, later(days=2, minutes=2)),
        bob: (2, later(days=3, minutes=2)),
    }
    assert journeys.publish(SHORT, at=AT).version == 1  # the first text again: the first version again
    assert FlowVersion.objects.count() == 2


def test_a_batch_another_worker_holds_is_passed_over() -> None:
    people = inside(10)
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        other.execute("SELECT 1 FROM journeys_enrolment ORDER BY id LIMIT 4 FOR UPDATE")
        assert journeys.move_due(at=AT) == 6
    assert journeys.move_due(at=AT) == 4
    assert {request_of(each, "ask").state for each in people} == {"requested"}


def test_small_batches_end_like_a_big_one() -> None:
    people = inside(23)
    assert journeys.move_due(at=AT, limit=5) == 23
    assert {request_of(each, "ask").state for each in people} == {"requested"}


def test_a_branch_asks_what_became_of_the_message() -> None:
    text = SHORT.replace(
        "  - {key: again, do: send, template: again}\n",
        """  - key: which
    do: branch
    lanes:
      - {then: exit, when: {is: message, step: ask, outcome: clicked}}
      - {then: join, steps: [{key: again, do: send, template: again}]}
""",
    )
    ann, bob = inside(2, text)
    journeys.move_due(at=AT)
    stay = journeys.stays_of(ann)[0]
    clicked = collect.NewFact(
        source="messages",
        message_id="click",
        kind="message.clicked",
        occurred_at=later(hours=1),
        payload={"send_key": "k", "flow": "short", "step": "ask", "enrolment_id": stay.enrolment_id},
        identifiers={"customer_id": str(ann)},
    )
    tell([clicked], at=later(hours=2))
    journeys.move_due(at=later(days=2))
    assert decisions(ann)[-2:] == [("two_days", "passed"), ("which", "lane 1")]
    assert decisions(bob)[-2:] == [("which", "lane 2"), ("again", "requested")]
    assert journeys.step_counts(KEY)["ask"].decisions == {"clicked": 1, "requested": 2}


def test_when_two_people_turn_out_to_be_one_the_older_stay_goes_on() -> None:
    journeys.publish(SHORT, at=LAUNCH)
    ann, anna = customers(2)
    tell(entered([ann], AT), at=AT)
    tell(entered([anna], later(hours=1)), at=later(hours=1))
    shop.merge(ann, anna, at=later(hours=2))
    fold(later(hours=3))
    assert sorted((each.state, each.customer_id) for each in Enrolment.objects.all()) == [
        ("ended", anna),
        ("ready", ann),
    ]
    assert {each.customer_id for each in journeys.enrolments_for_measure(KEY)} == {ann}
    tell([ordered("c1", later(hours=4))], at=later(hours=5))  # Anna's order is Ann's
    assert {each.goal_reached_at for each in journeys.stays_of(ann)} == {later(hours=4)}


def test_a_merge_that_a_shared_phone_takes_back_gives_each_their_own_stay_and_orders() -> None:
    journeys.publish(SHORT, at=LAUNCH)
    ann, bob = customers(2)
    till = {"phone": "+44 7911 123456"}
    shop.resolve_customers([{"customer_id": str(ann), "email": "a@example.com"}], at=AT)
    shop.resolve_customers([{"customer_id": str(bob), "email": "b@example.com"}], at=AT)
    (guest,) = shop.resolve_customers([{"email": "c@example.com", **till}], at=AT)
    assert guest is not None
    tell(entered([guest, bob], AT), at=AT)
    shop.resolve_customers([{"email": "a@example.com", **till}], at=AT)
    fold(AT)
    assert {each.root_id for each in Enrolment.objects.all()} == {ann, bob}
    shop.resolve_customers([{"email": f"{name}@example.com", **till} for name in "def"], at=later(hours=1))
    assert len(set(shop.root_of([ann, guest]).values())) == 2
    fold(later(hours=2))
    assert {(each.customer_id, each.root_id) for each in Enrolment.objects.all()} == {(guest, guest), (bob, bob)}
    tell([ordered("c0", later(hours=3))], at=later(hours=4))  # Ann's order is not the guest's any more
    assert [each.goal_reached_at for each in journeys.stays_of(guest)] == [None]


def test_what_somebody_bought_lately_counts_after_a_merge() -> None:
    journeys.publish(SHORT, at=LAUNCH)
    ann, anna = customers(2)
    tell([ordered("c1", later(hours=2))], at=later(hours=2))
    shop.merge(ann, anna, at=later(hours=3))
    fold(later(hours=3))
    tell(entered([ann], later(hours=1)), at=later(hours=4))
    assert not [each for each in Enrolment.objects.all() if each.state == "ready"]


def test_the_list_counts_both_arms() -> None:
    inside(10)
    journeys.move_due(at=AT)
    tell([ordered("c3", later(days=1))], at=later(days=1))
    (flow,) = journeys.list_flows(at=later(days=1))
    assert (flow.name, flow.state, flow.version, flow.holdout_percent) == ("Short", "live", 1, 20)
    assert (flow.inside_count, flow.entered_count, flow.goal_count) == (9, 10, 1)
    (later_on,) = journeys.list_flows(at=later(days=40))
    assert (later_on.inside_count, later_on.entered_count, later_on.goal_count) == (9, 0, 0)
    assert [step.key for step in journeys.flow_of(KEY).tree.steps] == ["ask", "two_days", "again"]
    with pytest.raises(journeys.FlowNotFound):
        journeys.flow_of(FlowKey("nothing"))
