"""The shipped win-back flow over the whole road below it: two mails, or one and out, and none for the holdout."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from kembali.collect import api as collect
from kembali.consent import api as consent
from kembali.experiments import api as experiments
from kembali.journeys import api as journeys
from kembali.kernel.ids import CustomerId, FlowKey
from kembali.messages import api as messages
from kembali.shop import api as shop
from tests.makers.journeys import AT, entered, later, open_shop, ordered

pytestmark = pytest.mark.django_db(transaction=True)
KEY = FlowKey("win_back")
FIRST = datetime(2026, 3, 2, 10, tzinfo=UTC)
SECOND = FIRST + timedelta(days=10)


def tell(facts: Sequence[collect.NewFact], *, at: datetime) -> None:
    collect.append_facts(facts, at=at)
    consumers = (shop.PROJECTION, consent.CONSUMER, *journeys.CONSUMERS)
    while sum(collect.run_consumer(consumer, at=at) for consumer in consumers):
        pass


def one_round(at: datetime) -> None:
    journeys.move_due(at=at)
    while messages.deliver_due(at=at):
        pass
    tell([], at=at)


@pytest.fixture
def people() -> list[CustomerId]:
    """Twelve people who bought, may be written to, and went idle this morning."""
    open_shop()
    journeys.launch_playbook("win_back", at=AT - timedelta(days=200))
    told = AT - timedelta(days=120)
    orders = [
        ordered(
            f"c{number}",
            told,
            customer={
                "customer_ref": f"c{number}",
                "email": f"c{number}@example.com",
                "first_name": f"Name{number}",
                "accepts_email": True,
            },
        )
        for number in range(12)
    ]
    tell(orders, at=told)
    found = [each for each in shop.find_customers([{"customer_ref": f"c{n}"} for n in range(12)]) if each is not None]
    tell(entered(found, AT), at=AT)
    return found


def mails_to(customer_id: CustomerId) -> list[messages.StoredMail]:
    return [messages.mail_of(line.mail_id) for line in reversed(messages.list_mailbox(customer_id=customer_id))]


def test_the_treated_get_two_warm_mails_and_the_holdout_none(people: list[CustomerId]) -> None:
    one_round(AT)
    assert messages.list_mailbox() == []  # it is six in the morning
    one_round(FIRST)
    one_round(SECOND)
    arms = {each: experiments.arm_of("win_back", each, 20) for each in people}
    assert set(arms.values()) == {"treated", "holdout"}
    for number, person in enumerate(people):
        mails = mails_to(person)
        if arms[person] == "holdout":
            assert mails == []
            continue
        assert [mail.line.subject for mail in mails] == [
            f"Name{number}, how was it?",
            f"We are still here, Name{number}",
        ]
        assert f"Hello Name{number}," in mails[0].text
        assert "you ordered" in mails[0].text
        assert "Lantern" in mails[0].text
        assert all("unsubscribe here" in part for mail in mails for part in (mail.text, mail.html))
    held_out = sum(arm == "holdout" for arm in arms.values())
    counts = journeys.step_counts(KEY)
    assert counts["how_was_it"].decisions["would_send"] == counts["still_here"].decisions["would_send"] == held_out
    assert counts["how_was_it"].decisions["sent"] == len(people) - held_out
    assert {stay.end_reason for each in people for stay in journeys.stays_of(each)} == {"finished"}


def test_whoever_comes_back_gets_no_second_mail(people: list[CustomerId]) -> None:
    one_round(FIRST)
    tell([ordered("c0", later(days=3)), ordered("c1", later(days=3))], at=later(days=3))
    one_round(SECOND)
    assert all(len(mails_to(each)) <= 1 for each in people[:2])
    assert {journeys.stays_of(each)[0].end_reason for each in people[:2]} == {"ordered"}
    (flow,) = journeys.list_flows(at=SECOND)
    assert (flow.inside_count, flow.entered_count, flow.goal_count) == (0, 12, 2)
