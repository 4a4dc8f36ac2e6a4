"""Stopping mails and answering them: no login, GET changes nothing, mail programs need no cookie."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from kembali.collect import api as collect
from kembali.consent import api as consent
from kembali.kernel.ids import CustomerId
from kembali.messages import api as messages
from kembali.shop import api as shop
from tests.makers import sending

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> CustomerId:
    """Somebody who has agreed to mails."""
    sending.open_shop()
    (found,) = sending.introduce({"email": "marta@example.com", "first_name": "Marta"})
    agreed = sending.agreed(found, at=timezone.now() - timedelta(days=60))
    consent.record_many([agreed], at=timezone.now() - timedelta(days=60))
    return found


def allowed(person: CustomerId) -> bool:
    return consent.permissions_of([person], channel="email", purpose="marketing")[person].allowed


def token_of(person: CustomerId) -> str:
    return consent.unsubscribe_token(person, "email", "marketing")


def test_looking_at_the_link_stops_nothing(person: CustomerId) -> None:
    for _ in range(3):
        answer = Client().get(f"/u/{token_of(person)}/")
        assert answer.status_code == 200
    assert b"m\xe2\x80\xa6@example.com" in answer.content
    assert b"marta@" not in answer.content
    assert allowed(person)


def test_the_button_stops_the_mails_without_a_cookie_and_without_a_redirect(person: CustomerId) -> None:
    answer = Client(enforce_csrf_checks=True).post(f"/u/{token_of(person)}/")
    assert answer.status_code == 200
    assert not allowed(person)
    assert consent.history_of(person)[0].source == "page"


def test_a_mail_programs_one_click_stops_the_mails(person: CustomerId) -> None:
    answer = Client(enforce_csrf_checks=True).post(
        f"/u/{token_of(person)}/", data="List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 200
    assert not allowed(person)
    assert consent.history_of(person)[0].source == "one_click"


def test_stopping_twice_is_stopping_once(person: CustomerId) -> None:
    for _ in range(2):
        assert Client().post(f"/u/{token_of(person)}/").status_code == 200
    assert not allowed(person)


def test_in_a_demo_shop_the_mails_stop_at_the_shops_own_time(person: CustomerId) -> None:
    shop.set_clock_offset(timedelta(days=200))
    assert Client().post(f"/u/{token_of(person)}/").status_code == 200
    said = consent.history_of(person)[0].occurred_at
    assert timedelta(0) <= timezone.now() + timedelta(days=200) - said < timedelta(minutes=1)


def test_a_cut_link_stops_nothing(person: CustomerId) -> None:
    assert Client().post(f"/u/{token_of(person)[:-2]}/").status_code == 404
    assert allowed(person)


@pytest.fixture
def answer_path(person: CustomerId) -> str:
    """The address of the "how was your experience?" link in a mail to the person."""
    (key,) = sending.ask_for([person])
    return f"/e/{messages.experience_token(messages.receipt_of(key).send_id)}/"


def answers(person: CustomerId) -> list[collect.Fact]:
    return [fact for fact in collect.timeline_of([f"customer_id:{person}"]) if fact.kind == "survey.answered"]


def test_opening_the_question_records_nothing_and_keeps_the_tapped_choice(person: CustomerId, answer_path: str) -> None:
    page = Client().get(answer_path, {"answer": "mixed"}).content.decode()
    assert 'value="mixed" checked' in page
    assert answers(person) == []


def test_an_answer_is_a_fact_once(person: CustomerId, answer_path: str) -> None:
    client = Client()
    assert client.post(answer_path, {"answer": "bad", "words": "Too\x00 late. " + "x" * 3000}).status_code == 200
    assert client.post(answer_path, {"answer": "good"}).status_code == 200
    (fact,) = answers(person)
    known = fact.decode(dict[str, str])
    assert (known["answer"], known["flow"], known["step"]) == ("bad", "win_back", "ask")
    assert known["words"].startswith("Too late. ")
    assert len(known["words"]) == 2000


@pytest.mark.parametrize("data", [{}, {"answer": "splendid"}])
def test_no_answer_is_not_recorded(person: CustomerId, answer_path: str, data: dict[str, str]) -> None:
    assert Client().post(answer_path, data).status_code == 422
    assert answers(person) == []


def test_a_link_we_did_not_make_asks_nothing(person: CustomerId) -> None:
    assert Client().get("/e/1~forged/").status_code == 404
    assert Client().post("/e/1~forged/", {"answer": "good"}).status_code == 404
