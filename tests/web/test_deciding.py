"""A person decides who is who: questions are answered, people merged and taken apart, and all of it taken back."""

import json
from datetime import UTC, datetime

import pytest
from django.test import Client

from kembali.accounts import api as accounts
from kembali.collect import api as collect
from kembali.collect.door import open_envelope, read_events
from kembali.config import wiring
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop
from tests.makers.orders import order_fact

AT = datetime(2026, 11, 1, tzinfo=UTC)
PATH = "/people/to-decide/"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client_in(signed_in: Client) -> Client:
    shop.set_up_shop(name="Lantern & Co", currency="GBP", time_zone="Europe/London")
    take_in(
        order_fact("R1", identifiers={"customer_ref": "shopify:1", "email": "ann@example.com"}),
        order_fact("R2", identifiers={"customer_ref": "shopify:2", "email": "ann@example.com"}),
        order_fact("R3", identifiers={"email": "ann@example.com"}),
    )
    return signed_in


def take_in(*facts: collect.NewFact) -> None:
    collect.append_facts(facts, at=AT)
    wiring.fold(AT)


def customer(**identifiers: str) -> CustomerId:
    (found,) = shop.find_customers([identifiers])
    assert found is not None
    return found


def persons() -> int:
    asked = [customer(customer_ref="shopify:1"), customer(customer_ref="shopify:2"), customer(email="ann@example.com")]
    return len(set(shop.root_of(asked).values()))


def answer(client: Client, said: str) -> str:
    sides = {"first": customer(customer_ref="shopify:1"), "second": customer(customer_ref="shopify:2")}
    return client.post(PATH, {**sides, "answer": said}, follow=True).content.decode()


def test_both_people_stand_side_by_side_with_what_they_share(client_in: Client) -> None:
    html = client_in.get(PATH).content.decode()
    for words in ("Both have ann@example.com", "customer shopify:1", "customer shopify:2", "R1", "R2"):
        assert words in html
    assert "One to decide" in client_in.get("/people/").content.decode()


def test_one_person_is_merged_with_all_their_orders(client_in: Client) -> None:
    assert "they are one person now" in answer(client_in, "merge")
    assert persons() == 1
    assert len(shop.list_orders_of(customer(customer_ref="shopify:1"))) == 3
    assert "Nobody is in doubt." in client_in.get(PATH).content.decode()


def test_two_people_kept_apart_can_be_merged_after_all(client_in: Client) -> None:
    assert "Merge them after all" in answer(client_in, "apart")
    assert (persons(), shop.count_questions(AT)) == (3, 0)
    one, two = customer(customer_ref="shopify:1"), customer(customer_ref="shopify:2")
    assert "Are these two one person?" in client_in.get(f"/people/{one}/merge/?other={two}").content.decode()
    client_in.post(f"/people/{one}/merge/", {"other": two})
    assert persons() == 1


def test_later_hides_the_question_for_a_while_and_nonsense_changes_nothing(client_in: Client) -> None:
    answer(client_in, "perhaps")
    assert "Both have" in client_in.get(PATH).content.decode()
    answer(client_in, "later")
    assert "Both have" not in client_in.get(PATH).content.decode()
    assert persons() == 3
    assert client_in.post(PATH, {"first": "x", "second": "9" * 30, "answer": "merge"}).status_code == 404


def test_taking_somebody_out_says_first_what_goes_and_tells_how_to_undo_it(client_in: Client) -> None:
    answer(client_in, "merge")
    two = customer(customer_ref="shopify:2")
    html = client_in.get(f"/people/{two}/").content.decode()
    assert f"/people/{two}/take-out/" in html
    html = client_in.get(f"/people/{two}/take-out/").content.decode()
    assert "One order and 2 facts go back to them." in html  # the order, and that they were merged
    assert "Merge them again" in client_in.post(f"/people/{two}/take-out/", follow=True).content.decode()
    assert [order.order_ref for order in shop.list_orders_of(two)] == ["R2"]


def test_a_viewer_sees_and_changes_nothing(client_in: Client) -> None:
    accounts.Staff.objects.update(role=accounts.Staff.Role.VIEWER)
    html = client_in.get(PATH).content.decode()
    assert "Both have" in html
    assert "keep apart" not in html
    assert client_in.post(PATH, {"answer": "merge"}).status_code == 403
    assert persons() == 3


def test_what_a_browser_only_claims_is_marked_on_the_persons_page(client_in: Client) -> None:
    body = {"anonymousId": "b1", "traits": {"email": "ann@example.com"}, "messageId": "m1"}
    reading = read_events(
        open_envelope(json.dumps(body).encode(), "identify"),
        "identify",
        source="public:site",
        is_trusted=False,
        anonymous_id="",
        received_at=AT,
    )
    take_in(*reading.facts)
    html = client_in.get(f"/people/{customer(email='ann@example.com')}/").content.decode()
    assert "claimed, not confirmed" in html
    assert "browser b1" not in html
