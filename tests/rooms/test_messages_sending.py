"""From request to mail: once, through every gate, with a receipt and a fact for each end."""

from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from kembali.collect import api as collect
from kembali.consent import api as consent
from kembali.experiments import api as experiments
from kembali.kernel.ids import CustomerId
from kembali.messages import api as messages
from kembali.shop import api as shop
from tests.makers.sending import AT, ask_for, customers, introduce, open_shop, request, write_templates

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_shop(tmp_path: Path) -> None:
    open_shop()
    write_templates(tmp_path / "templates")


def state(key: str) -> tuple[str, str]:
    receipt = messages.receipt_of(key)
    return receipt.state, receipt.reason


def facts(customer_id: CustomerId) -> list[str]:
    found = collect.timeline_of([f"customer_id:{customer_id}"])
    return sorted(fact.kind for fact in found if fact.kind.startswith("message."))


def test_a_request_becomes_one_mail_in_the_mailbox_with_a_receipt_and_facts() -> None:
    (ann,) = customers(1)
    (key,) = ask_for([ann])
    assert messages.deliver_due(at=AT) == 1
    assert messages.deliver_due(at=AT) == 0
    receipt = messages.receipt_of(key)
    assert (receipt.state, receipt.began_at, receipt.finished_at) == ("sent", AT, AT)
    assert len(receipt.gates) == 8
    assert all(gate.passed for gate in receipt.gates)
    (line,) = messages.list_mailbox()
    assert (line.subject, line.to_email, line.mail_id, line.flow) == (
        "there, how was it?",
        "c0@example.com",
        receipt.mail_id,
        "win_back",
    )
    mail = messages.mail_of(line.mail_id)
    assert "Hello there from Ann&#39;s Shop" in mail.html
    assert "Hello there from Ann's Shop" in mail.text
    assert "utm_campaign=win_back" in mail.html
    headers = dict(mail.headers)
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Unsubscribe"].strip("<>") in mail.html
    assert facts(ann) == ["message.delivered", "message.sent"]
    assert messages.counts_by_state("win_back") == {"sent": 1}


def test_the_same_send_key_twice_is_one_mail() -> None:
    people = customers(3)
    assert messages.request_sends([request(each) for each in people], at=AT) == 3
    assert messages.request_sends([request(each) for each in people], at=AT) == 0
    messages.deliver_due(at=AT)
    assert messages.request_sends([request(each) for each in people], at=AT) == 0
    messages.deliver_due(at=AT + timedelta(days=1))
    assert messages.count_mailbox() == 3


def test_what_is_not_due_waits() -> None:
    (ann,) = customers(1)
    messages.request_sends([request(ann, due_at=AT + timedelta(hours=1))], at=AT)
    assert messages.deliver_due(at=AT) == 0
    assert messages.deliver_due(at=AT + timedelta(hours=1)) == 1
    assert messages.count_mailbox() == 1


def test_a_holdout_is_judged_and_recorded_and_gets_nothing() -> None:
    ann, bob = customers(2)
    consent.withdraw_consent(
        customer_id=bob, channel="email", purpose="marketing", source="x", evidence={}, occurred_at=AT, at=AT
    )
    would, would_not = ask_for([ann, bob], holdout=True)
    assert messages.deliver_due(at=AT) == 2
    assert state(would) == ("would_send", "")
    assert state(would_not) == ("withheld", "consent")
    assert messages.count_mailbox() == 0
    (fact,) = [each for each in collect.timeline_of([f"customer_id:{ann}"]) if each.kind == "message.withheld"]
    told = fact.decode(dict)
    assert (told["reason"], told["would_send"], told["enrolment_id"]) == ("holdout", True, ann)


def test_each_reason_to_withhold_is_named_in_the_receipt() -> None:
    no_address, never_asked = introduce({"customer_ref": "17850"}, {"email": "never@example.com"})
    stopped, bounced = customers(2)
    consent.unsubscribe(consent.unsubscribe_token(stopped, "email", "marketing"), at=AT, source="one_click")
    consent.suppress(email="c1@example.com", reason="bounce", source="smtp", occurred_at=AT, at=AT)
    keys = ask_for([no_address, never_asked, stopped, bounced])
    messages.deliver_due(at=AT)
    assert [state(key) for key in keys] == [
        ("withheld", "has an address"),
        ("withheld", "consent"),
        ("withheld", "not suppressed"),
        ("withheld", "not suppressed"),
    ]
    assert [gate.value for gate in messages.receipt_of(keys[3]).gates if not gate.passed] == ["bounce"]
    assert messages.count_mailbox() == 0
    assert facts(stopped) == ["message.withheld"]


def test_the_global_holdout_gets_no_marketing_and_all_service_mails() -> None:
    people = customers(30)
    experiments.set_global_holdout(holdout_percent=50, salt="g", at=AT)
    ask_for(people)
    messages.request_sends([request(each, "receipt", purpose="service") for each in people], at=AT)
    messages.deliver_due(at=AT)
    held_out = experiments.globally_held_out(people, at=AT)
    assert 0 < len(held_out) < 30
    assert messages.count_mailbox() == 30 + 30 - len(held_out)
    for each in people:
        expected = ("withheld", "not held out") if each in held_out else ("sent", "simulated")
        assert state(f"win_back:1:ask:{each}:once") == expected


def test_a_service_mail_needs_no_consent_and_carries_no_unsubscribe_header() -> None:
    (someone,) = introduce({"email": "s@example.com"})
    messages.request_sends([request(someone, purpose="service")], at=AT)
    messages.deliver_due(at=AT + timedelta(hours=11))  # at night
    (line,) = messages.list_mailbox()
    assert "List-Unsubscribe" not in dict(messages.mail_of(line.mail_id).headers)


def test_quiet_hours_defer_until_the_morning() -> None:
    (ann,) = customers(1)
    (key,) = ask_for([ann])
    night = AT + timedelta(hours=10)
    messages.deliver_due(at=night)
    receipt = messages.receipt_of(key)
    assert (receipt.state, receipt.reason) == ("deferred", "outside quiet hours")
    assert receipt.ready_at == AT.replace(day=5, hour=8)
    assert facts(ann) == []
    assert messages.deliver_due(at=night + timedelta(hours=9)) == 0
    messages.deliver_due(at=AT.replace(day=5, hour=8))
    assert state(key)[0] == "sent"


def test_a_cap_defers_the_second_message_and_counts_the_merged_person() -> None:
    ann, bob = customers(2)
    shop.resolve_customers([{"email": "c0@example.com", "phone": "+447911123456"}], at=AT)
    shop.resolve_customers([{"email": "c1@example.com", "phone": "+447911123456"}], at=AT)
    first, second = ask_for([ann, bob])
    messages.deliver_due(at=AT)
    assert [state(first)[0], state(second)] == ["sent", ("deferred", "under the frequency cap")]
    assert messages.receipt_of(second).ready_at == AT + timedelta(days=3)
    assert messages.count_mailbox() == 1


def test_two_requests_for_one_person_at_once_are_one_mail_and_one_deferral() -> None:
    (ann,) = customers(1)
    messages.request_sends([request(ann, key) for key in ("a", "b", "c")], at=AT)
    messages.deliver_due(at=AT)
    assert messages.counts_by_state("win_back") == {"deferred": 2, "sent": 1}


def test_the_shops_own_policy_holds() -> None:
    (ann,) = customers(1)
    messages.set_send_policy(
        messages.SendPolicy(quiet_from=time(0), quiet_until=time(0), caps=(messages.FrequencyCap(2, 1),))
    )
    messages.request_sends([request(ann, key) for key in ("a", "b", "c")], at=AT)
    messages.deliver_due(at=AT + timedelta(hours=10))
    assert messages.counts_by_state("win_back") == {"deferred": 1, "sent": 2}
    with pytest.raises(messages.BadPolicy):
        messages.set_send_policy(messages.SendPolicy(caps=(messages.FrequencyCap(0, 1),)))


def test_an_expired_request_is_never_sent() -> None:
    (ann,) = customers(1)
    (key,) = ask_for([ann])
    messages.deliver_due(at=AT + timedelta(days=3))
    assert state(key) == ("expired", "not expired")
    assert facts(ann) == ["message.withheld"]
    assert messages.count_mailbox() == 0


def test_a_cancelled_request_is_never_sent() -> None:
    ann, bob = customers(2)
    keys = ask_for([ann, bob])
    assert messages.cancel_requests([messages.receipt_of(keys[0]).origin.enrolment_id]) == 1  # type: ignore[list-item]
    messages.deliver_due(at=AT)
    assert [state(key)[0] for key in keys] == ["cancelled", "sent"]
    assert messages.cancel_requests([messages.receipt_of(keys[1]).origin.enrolment_id]) == 0  # type: ignore[list-item]


def test_a_template_that_does_not_render_fails_its_requests_and_no_others() -> None:
    ann, bob, cid = customers(3)
    messages.request_sends([request(ann, template="tests/broken"), request(bob, template="tests/missing")], at=AT)
    (good,) = ask_for([cid])
    messages.deliver_due(at=AT)
    assert messages.counts_by_state("win_back") == {"failed": 2, "sent": 1}
    assert state(good)[0] == "sent"
    assert "no_such_thing" in messages.receipt_of(f"win_back:1:ask:{ann}:once").reason
    assert facts(ann) == ["message.failed"]


@pytest.mark.parametrize(
    "changes",
    [
        {"send_key": "x" * 181},
        {"send_key": ""},
        {"channels": ("sms",)},
        {"channels": ()},
        {"expires_at": AT},
        {"due_at": AT.replace(tzinfo=None)},
    ],
)
def test_a_request_that_cannot_be_sent_is_refused_and_nothing_is_stored(changes: dict[str, object]) -> None:
    ann, bob = customers(2)
    with pytest.raises(messages.BadRequest):
        messages.request_sends([request(ann), replace(request(bob), **changes)], at=AT)  # type: ignore[arg-type]
    assert messages.counts_by_state("win_back") == {}


def test_a_thousand_mails_go_in_a_handful_of_statements() -> None:
    people = customers(1000)
    ask_for(people)
    assert messages.deliver_due(at=AT) == 1000
    assert messages.counts_by_state("win_back") == {"sent": 1000}
    assert len({line.to_email for line in messages.list_mailbox(limit=2000)}) == 1000
