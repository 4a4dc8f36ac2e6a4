"""Who is who: identifiers tie together, merges are pointers that can be taken back, people can be found."""

from datetime import UTC, datetime

import pytest

from kembali.collect import api as collect
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop
from kembali.shop.models import Customer, Order
from tests.makers.orders import order_fact

AT = datetime(2032, 1, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _shop() -> None:
    shop.set_up_shop(name="Lantern & Co", currency="GBP", time_zone="Europe/London")


def resolve(**identifiers: str) -> CustomerId:
    (found,) = shop.resolve_customers([identifiers], at=AT)
    assert found is not None
    return found


def take_in(*facts: collect.NewFact) -> None:
    collect.append_facts(facts, at=AT)
    while collect.run_consumer(shop.PROJECTION, at=AT):
        pass


def facts_of_kind(kind: str) -> list[str]:
    seen: list[str] = []
    reader = collect.Consumer("reader", frozenset({kind}), lambda facts, at: seen.extend(f.message_id for f in facts))
    collect.rewind_consumer(reader)
    while collect.run_consumer(reader, at=AT):
        pass
    return seen


def test_unknown_identifiers_become_customers_once() -> None:
    asked = [{"email": "Ann@Example.com"}, {}, {"email": "ann@example.com "}, {"customer_ref": "7"}]
    first = shop.resolve_customers(asked, at=AT)
    assert first == shop.resolve_customers(asked, at=AT) == shop.find_customers(asked)
    assert first[0] == first[2] != first[3]
    assert first[1] is None
    assert shop.find_customers([{"email": "nobody@example.com"}]) == [None]
    assert Customer.objects.count() == 2


def test_our_own_number_leads_to_the_customer_and_ties_new_identifiers_to_them() -> None:
    ann = resolve(email="ann@example.com")
    assert resolve(customer_id=str(ann), phone="+44 7700 900000") == ann
    assert resolve(phone="+447700900000") == ann
    assert shop.find_customers([{"customer_id": "999999"}]) == [None]


def test_two_known_customers_on_one_fact_become_one_person_by_a_pointer_and_a_fact() -> None:
    first, second = resolve(customer_ref="1"), resolve(email="ann@example.com")
    assert resolve(customer_ref="1", email="ann@example.com") == first
    assert shop.root_of([first, second]) == {first: first, second: first}
    assert shop.members_of([second]) == {second: (first, second)}
    assert resolve(email="ann@example.com") == second  # what was stored stays as it was
    assert facts_of_kind("customer.merged") == [f"customer.merged:{second}:{first}:{AT.isoformat()}"]
    assert shop.subjects_of(second) == [
        "customer_ref:1",
        "email:ann@example.com",
        f"customer_id:{first}",
        f"customer_id:{second}",
    ]


def test_a_merge_lets_a_cancellation_find_the_order_and_taking_it_back_undoes_that() -> None:
    take_in(
        order_fact("1", [("MUG", 2, 500)], identifiers={"customer_ref": "1"}, day=1),
        order_fact("C2", [("MUG", -2, 500)], identifiers={"email": "ann@example.com"}, day=2, kind="cancellation"),
    )
    assert Order.objects.get(order_ref="1").net_minor == 1000
    resolve(customer_ref="1", email="ann@example.com")
    assert Order.objects.get(order_ref="1").net_minor == 0
    (second,) = shop.find_customers([{"email": "ann@example.com"}])
    assert second is not None
    shop.unmerge(second, at=AT)
    assert Order.objects.get(order_ref="1").net_minor == 1000
    assert shop.root_of([second]) == {second: second}


def test_people_taken_apart_are_not_merged_again() -> None:
    first, second = resolve(customer_ref="1"), resolve(email="ann@example.com")
    resolve(customer_ref="1", email="ann@example.com")
    shop.unmerge(second, at=AT)
    resolve(customer_ref="1", email="ann@example.com")
    assert shop.root_of([first, second]) == {first: first, second: second}
    with pytest.raises(shop.NotMerged):
        shop.unmerge(second, at=AT)
    with pytest.raises(shop.CustomerNotFound):
        shop.unmerge(CustomerId(10**9), at=AT)


def test_unmerging_takes_along_whoever_was_merged_before() -> None:
    a, b, c = resolve(customer_ref="a"), resolve(customer_ref="b"), resolve(customer_ref="c")
    shop.resolve_customers([{"customer_ref": "b", "email": "x@example.com"}], at=AT)
    resolve(customer_ref="c", email="x@example.com")  # c joins b
    resolve(customer_ref="a", email="x@example.com")  # b joins a
    assert set(shop.root_of([a, b, c]).values()) == {a}
    shop.unmerge(b, at=AT)
    assert shop.root_of([a, b, c]) == {a: a, b: b, c: b}


def test_the_latest_word_about_a_person_counts_whichever_of_their_ids_said_it() -> None:
    take_in(
        order_fact("1", identifiers={"customer_ref": "1"}, day=1, customer={"first_name": "Ann", "country": "UK"}),
        order_fact(
            "2", identifiers={"email": "ann@example.com"}, day=3, customer={"first_name": "Anna", "country": "FR"}
        ),
        order_fact(
            "3", identifiers={"email": "ann@example.com", "customer_ref": "1"}, day=2, customer={"city": "York"}
        ),
    )
    (ann,) = shop.find_customers([{"customer_ref": "1"}])
    assert ann is not None
    assert shop.addresses_of([ann]) == {
        ann: shop.Address(email="ann@example.com", phone="", first_name="Anna", last_name="", country="FR")
    }
    profile = shop.profile_of(ann)
    assert (profile.order_count, profile.net_minor) == (3, 3000)
    assert [order.order_ref for order in shop.list_orders_of(ann)] == ["2", "3", "1"]
    assert shop.list_orders_of(ann)[0].items == "Mug"
    assert shop.last_product_titles([ann]) == {ann: "Mug"}


def test_people_are_found_by_the_beginning_of_mail_name_or_reference() -> None:
    take_in(
        order_fact("1", identifiers={"email": "ann@example.com"}, customer={"first_name": "Ann", "last_name": "Lee"}),
        order_fact("2", identifiers={"customer_ref": "10%"}, customer={"first_name": "Bob", "last_name": "Anders"}),
        order_fact("3", identifiers={"phone": "+44 7700 900000"}),
    )

    def found(query: str) -> list[str]:
        return [one.name or "?" for one in shop.search_people(query).people]

    assert found("ann") == ["Ann Lee"]
    assert found("AN") == ["Ann Lee", "Bob Anders"]
    assert found("bob and") == ["Bob Anders"]
    assert found("10%") == ["Bob Anders"]
    assert found("%") == []
    assert found("+44 77") == ["?"]
    assert found("") == ["Ann Lee", "Bob Anders", "?"]


def test_people_come_page_by_page_and_within_a_segment() -> None:
    ids = [resolve(customer_ref=str(number)) for number in range(5)]
    first = shop.search_people("", limit=2)
    assert [one.customer_id for one in first.people] == ids[:2]
    second = shop.search_people("", limit=2, after=first.after)
    assert [one.customer_id for one in second.people] == ids[2:4]
    last = shop.search_people("", limit=2, after=second.after)
    assert ([one.customer_id for one in last.people], last.after) == (ids[4:], None)
    assert [one.customer_id for one in shop.search_people("", segment_ids=[ids[3], ids[1]]).people] == [ids[1], ids[3]]
    assert shop.search_people("4", segment_ids=[ids[3]]).people == ()
    assert shop.count_people() == 5
