"""Who is let into a flow: fresh facts only, each person once, both arms at once, with a receipt either way."""

from datetime import timedelta

import pytest

from kembali.experiments import api as experiments
from kembali.journeys import api as journeys
from kembali.journeys.models import Enrolment
from kembali.kernel.ids import FlowKey
from kembali.shop import api as shop
from tests.makers.journeys import AT, SHORT, customers, entered, facts_of, fold, later, open_shop, ordered, tell

pytestmark = pytest.mark.django_db(transaction=True)
KEY = FlowKey("short")
LAUNCH = AT - timedelta(days=30)


@pytest.fixture(autouse=True)
def _shop() -> None:
    open_shop()


def test_whoever_enters_the_segment_is_enrolled_in_the_arm_of_the_hash() -> None:
    journeys.publish(SHORT, at=LAUNCH)
    people = customers(200)
    tell(entered(people, later(hours=-5)), at=AT)
    enrolments = journeys.enrolments_for_measure(KEY)
    assert {each.customer_id: each.arm for each in enrolments} == {
        each: experiments.arm_of("short", each, 20) for each in people
    }
    assert {each.arm for each in enrolments} == {"treated", "holdout"}
    assert {each.entered_at for each in enrolments} == {later(hours=-5)}  # the trigger's instant, not the bookkeeping's
    assert {each.goal_until_at for each in enrolments} == {later(hours=-5) + timedelta(days=30)}
    (fact,) = facts_of(people[0], "journey.enrolled")
    assert fact.occurred_at == later(hours=-5)
    (receipt,) = journeys.decisions_of(people[0])
    assert (receipt.step, receipt.decision, receipt.at) == ("entrance", "enrolled", AT)


def test_history_starts_nothing() -> None:
    journeys.publish(SHORT, at=LAUNCH)
    old, future = later(hours=-48), later(minutes=1)
    a, b = customers(2)
    tell([*entered([a], old), *entered([b], future)], at=AT)
    assert Enrolment.objects.count() == 0
    assert journeys.decisions_of(a) == []


def test_what_happened_before_the_launch_starts_nothing() -> None:
    journeys.publish(SHORT, at=AT)
    tell(entered(customers(3), later(hours=-1)), at=AT)
    assert Enrolment.objects.count() == 0


def test_the_same_fact_twice_enrols_once() -> None:
    journeys.publish(SHORT, at=LAUNCH)
    (ann,) = customers(1)
    tell(entered([ann], AT), at=AT)
    tell(entered([ann], AT), at=AT)
    tell(entered([ann], later(hours=1)), at=later(hours=1))  # came again: too soon
    assert Enrolment.objects.count() == 1
    assert [each.decision for each in journeys.decisions_of(ann)] == ["not let in", "enrolled"]
    assert journeys.decisions_of(ann)[0].reason["because"] == "was in this flow before"


def test_a_person_may_enter_again_after_the_rest_in_the_same_arm() -> None:
    journeys.publish(SHORT, at=LAUNCH)
    (ann,) = customers(1)
    for day in (0, 89, 90):
        tell(entered([ann], later(days=day)), at=later(days=day))
    first, second = journeys.enrolments_for_measure(KEY)
    assert (first.entered_at, second.entered_at) == (AT, later(days=90))
    assert first.arm == second.arm


def test_other_segments_do_not_trigger() -> None:
    journeys.publish(SHORT, at=LAUNCH)
    tell(entered(customers(1), AT, segment="loyal"), at=AT)
    assert Enrolment.objects.count() == 0


@pytest.mark.parametrize("order_first", [True, False])
def test_whoever_bought_since_the_trigger_is_not_kept_inside(*, order_first: bool) -> None:
    journeys.publish(SHORT, at=LAUNCH)
    (ann,) = customers(1)
    order, trigger = ordered("c0", later(hours=-1)), entered([ann], later(hours=-5))
    tell([order] if order_first else trigger, at=AT)
    tell(trigger if order_first else [order], at=AT)
    journeys.move_due(at=AT)
    assert Enrolment.objects.exclude(state="ended").count() == 0
    if order_first:
        assert journeys.decisions_of(ann)[0].reason["because"] == "has ordered since"
    else:
        assert journeys.stays_of(ann)[0].end_reason == "ordered"


def test_what_old_orders_told_afterwards_make_of_the_past_is_history() -> None:
    journeys.publish(SHORT, at=LAUNCH)
    ann, bob = customers(2)
    old_order = ordered("c0", later(days=-40))  # told only now: who could have known that she went idle?
    tell([old_order, *entered([ann, bob], later(hours=-5))], at=AT)
    assert [each.customer_id for each in journeys.enrolments_for_measure(KEY)] == [bob]
    assert journeys.decisions_of(ann)[0].reason == {"because": "is history", "told_at": AT.isoformat()}
    tell(entered([ann], later(hours=1)), at=later(hours=1))  # what happens from now on counts again
    assert [each.customer_id for each in journeys.enrolments_for_measure(KEY)] == [bob, ann]


def test_filters_keep_people_out_with_a_receipt() -> None:
    journeys.publish(SHORT + "filters: [{is: trait, trait: order_count, at_least: 3}]\n", at=LAUNCH)
    (ann,) = customers(1)
    tell(entered([ann], AT), at=AT)
    assert Enrolment.objects.count() == 0
    assert journeys.decisions_of(ann)[0].reason == {"because": "does not hold: order_count is at least 3"}


def test_a_flow_may_start_from_an_order() -> None:
    text = SHORT.replace("{event: segment_entered, segment: idle_loyal}", "{event: fact, kind: order.version}")
    journeys.publish(text, at=LAUNCH)
    cancelled = ordered("c1", later(hours=-2), status="cancelled")
    tell([ordered("c0", later(hours=-2)), cancelled, ordered("c2", later(days=-9))], at=AT)
    (ann,) = shop.find_customers([{"customer_ref": "c0"}])
    assert [each.customer_id for each in journeys.enrolments_for_measure(KEY)] == [ann]
    assert [each.state for each in Enrolment.objects.all()] == ["ready"]  # the order that starts it does not end it


def test_a_paused_flow_lets_nobody_in_and_forgets_the_pause() -> None:
    journeys.publish(SHORT, at=LAUNCH)
    journeys.pause_flow(KEY)
    ann, bob = customers(2)
    tell(entered([ann], AT), at=AT)
    journeys.resume_flow(KEY, at=later(hours=1))
    tell(entered([bob], later(hours=2)), at=later(hours=2))
    assert [each.customer_id for each in journeys.enrolments_for_measure(KEY)] == [bob]


def test_an_unknown_flow_cannot_be_paused() -> None:
    with pytest.raises(journeys.FlowNotFound, match="nothing"):
        journeys.pause_flow(FlowKey("nothing"))


def test_everything_is_read_once_and_rereading_changes_nothing() -> None:
    journeys.publish(SHORT, at=LAUNCH)
    tell(entered(customers(20), AT), at=AT)
    before = list(Enrolment.objects.order_by("id").values())
    assert fold(later(minutes=5)) == 0 or list(Enrolment.objects.order_by("id").values()) == before
