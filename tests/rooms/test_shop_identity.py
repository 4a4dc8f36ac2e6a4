"""Who is who: identifiers tie together, merges are pointers that can be taken back, people can be found."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kembali.collect import api as collect
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop
from kembali.shop.models import Customer, Identifier, Order, Question
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


def payloads_of(kind: str) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    reader = collect.Consumer(
        "reader", frozenset({kind}), lambda facts, at: seen.extend(f.decode(dict[str, Any]) for f in facts)
    )
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


def root(customer_id: CustomerId) -> CustomerId:
    return shop.root_of([customer_id])[customer_id]


def people() -> set[frozenset[str]]:
    """Who is one person, by their identifiers."""
    found: dict[int, set[str]] = {}
    for one in Identifier.objects.select_related("customer"):
        found.setdefault(one.customer.root_id, set()).add(f"{one.kind}:{one.value}")
    return {frozenset(names) for names in found.values()}


def test_our_own_number_leads_to_the_customer_and_ties_new_identifiers_to_them() -> None:
    ann = resolve(email="ann@example.com")
    assert resolve(customer_id=str(ann), phone="+44 7911 123456") == ann
    assert root(resolve(phone="07911 123456")) == ann
    assert shop.find_customers([{"customer_id": "999999"}]) == [None]


def test_identifiers_that_arrive_together_are_one_person_without_a_merge_to_tell_of() -> None:
    ann = resolve(phone="+44 7911 123456", email="ann@example.com", customer_ref="shopify:1")
    assert people() == {frozenset({"phone:+447911123456", "email:ann@example.com", "customer_ref:shopify:1"})}
    assert root(ann) == ann  # the strongest one is the oldest
    assert payloads_of("customer.merged") == []


def test_two_known_customers_on_one_fact_become_one_person_by_a_pointer_and_a_fact() -> None:
    first, second = resolve(customer_ref="1"), resolve(email="ann@example.com")
    assert resolve(customer_ref="1", email="ann@example.com") == first
    assert shop.root_of([first, second]) == {first: first, second: first}
    assert shop.members_of([second]) == {second: (first, second)}
    assert resolve(email="ann@example.com") == second  # what was stored stays as it was
    (merged,) = payloads_of("customer.merged")
    assert merged == {
        "customer_id": second,
        "merged_into_id": first,
        "evidence": ["customer_ref:1", "email:ann@example.com"],
        "by": "",
    }
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


def test_unmerging_takes_along_whoever_hangs_on_them_alone() -> None:
    ann = resolve(customer_ref="shopify:1", email="ann@example.com")
    shop.resolve_customers([{"customer_ref": "shopify:1", "phone": "07911123456"}], at=AT)
    shop.resolve_customers([{"phone": "07911123456", "email": "bob@example.com"}], at=AT)
    assert len(people()) == 1
    (phone,) = shop.find_customers([{"phone": "07911123456"}])
    assert phone is not None
    preview = shop.preview_unmerge(phone)
    assert preview.identifiers == ("email:bob@example.com", "phone:+447911123456")
    assert preview.staying_identifiers == ("customer_ref:shopify:1", "email:ann@example.com")
    assert shop.unmerge(phone, at=AT, by="Owner") == preview.leaving
    assert people() == {
        frozenset({"customer_ref:shopify:1", "email:ann@example.com"}),
        frozenset({"phone:+447911123456", "email:bob@example.com"}),
    }
    assert [(one["merged_into_id"], one["by"]) for one in payloads_of("customer.unmerged")] == [(ann, "Owner")]


def test_unmerging_gives_each_their_orders_back_and_merging_again_undoes_it() -> None:
    take_in(
        order_fact("1", identifiers={"customer_ref": "1", "email": "ann@example.com"}),
        order_fact("2", identifiers={"email": "ann@example.com"}),
    )
    before = shop.state_hash()
    first, second = shop.find_customers([{"customer_ref": "1"}, {"email": "ann@example.com"}])
    assert first is not None
    assert second is not None
    assert shop.preview_unmerge(second).order_refs == ("2",)
    shop.unmerge(second, at=AT)
    assert [order.order_ref for order in shop.list_orders_of(first)] == ["1"]
    assert [order.order_ref for order in shop.list_orders_of(second)] == ["2"]
    assert shop.state_hash() != before
    assert shop.merge(first, second, at=AT, by="Owner") == first
    assert shop.state_hash() == before
    take_in(order_fact("3", identifiers={"customer_ref": "1", "email": "ann@example.com"}))
    assert len(people()) == 1


def test_a_person_merges_two_whom_no_fact_ties() -> None:
    first, second = resolve(customer_ref="1"), resolve(customer_ref="2")
    assert shop.merge(second, first, at=AT, by="Owner") == first
    assert shop.merge(second, first, at=AT, by="Owner") == first
    assert [one["by"] for one in payloads_of("customer.merged")] == ["Owner"]
    shop.unmerge(second, at=AT)
    assert len(people()) == 2
    with pytest.raises(shop.CustomerNotFound):
        shop.merge(first, CustomerId(10**9), at=AT)


def test_merging_two_whose_addresses_came_before_their_numbers_keeps_all_of_both() -> None:
    for name in ("ann", "bob"):  # an old export knows addresses alone, the shop that is connected later has numbers
        take_in(order_fact(f"old {name}", identifiers={"email": f"{name}@example.com"}))
    for number, name in ((1, "ann"), (2, "bob")):
        known = {"email": f"{name}@example.com", "customer_ref": f"woocommerce:{number}"}
        take_in(order_fact(f"new {name}", identifiers=known))
    before, apart = people(), shop.state_hash()
    ann, bob = resolve(email="ann@example.com"), resolve(email="bob@example.com")
    root = shop.merge(ann, bob, at=AT, by="Owner")
    assert len(people()) == 1
    assert {order.order_ref for order in shop.list_orders_of(root)} == {"old ann", "new ann", "old bob", "new bob"}
    (number,) = [one for one in shop.find_customers([{"customer_ref": "woocommerce:2"}]) if one]
    shop.unmerge(number, at=AT)
    assert people() == before
    assert shop.state_hash() == apart


def test_one_address_of_two_customers_of_a_shop_ties_neither_and_asks() -> None:
    take_in(
        order_fact("1", identifiers={"customer_ref": "shopify:1", "email": "ann@example.com"}),
        order_fact("2", identifiers={"email": "ann@example.com"}),
        order_fact("3", identifiers={"customer_ref": "woo:1", "email": "ann@example.com"}),
    )
    assert len(people()) == 1  # numbers of two shops do not contradict each other
    take_in(order_fact("4", identifiers={"customer_ref": "shopify:2", "email": "ann@example.com"}))
    assert len(people()) == 4
    (asked,) = Question.objects.all()
    one, two, mail = shop.find_customers(
        [{"customer_ref": "shopify:1"}, {"customer_ref": "shopify:2"}, {"email": "ann@example.com"}]
    )
    assert one is not None
    assert two is not None
    assert (asked.first_id, asked.second_id, asked.via) == (one, two, [mail])
    shop.merge(one, two, at=AT, by="Owner")
    assert len(people()) == 1
    assert not Question.objects.exists()
    assert len(shop.list_orders_of(one)) == 4


def test_two_kept_apart_are_not_asked_about_again() -> None:
    take_in(
        order_fact("1", identifiers={"customer_ref": "1", "email": "ann@example.com"}),
        order_fact("2", identifiers={"customer_ref": "2", "email": "ann@example.com"}),
    )
    one, two = shop.find_customers([{"customer_ref": "1"}, {"customer_ref": "2"}])
    assert one is not None
    assert two is not None
    shop.put_off(one, two, until=AT)
    shop.keep_apart(one, two, at=AT, by="Owner")
    take_in(order_fact("3", identifiers={"customer_ref": "2", "email": "ann@example.com"}, day=2))
    assert not Question.objects.exists()
    assert len(people()) == 3
    with pytest.raises(shop.NotAQuestion):
        shop.put_off(one, two, until=AT)


def test_a_till_phone_swallows_nobody_and_what_it_merged_comes_apart() -> None:
    till = "07911123456"
    take_in(order_fact("0", identifiers={"phone": till}))
    for number in range(40):
        take_in(order_fact(str(number + 1), identifiers={"email": f"p{number}@example.com", "phone": till}))
        if number == 2:
            assert len(people()) == 1
    assert len(people()) == 41
    (phone,) = shop.find_customers([{"phone": till}])
    assert phone is not None
    assert Customer.objects.get(id=phone).is_shared
    assert [order.order_ref for order in shop.list_orders_of(phone)] == ["0"]
    assert len(payloads_of("customer.unmerged")) == 3


def test_placeholders_tie_nobody_and_are_nobody() -> None:
    take_in(
        *(
            order_fact(
                str(number), identifiers={"email": "test@shop.example", "phone": "0000000", "customer_ref": str(number)}
            )
            for number in range(1, 4)
        ),
        order_fact("9", identifiers={"email": "noreply@shop.example"}),
    )
    assert people() == {frozenset({f"customer_ref:{number}"}) for number in range(1, 4)}
    assert Order.objects.get(order_ref="9").customer_id is None


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
        order_fact("3", identifiers={"phone": "+44 7911 123456"}),
    )

    def found(query: str) -> list[str]:
        return [one.name or "?" for one in shop.search_people(query).people]

    assert found("ann") == ["Ann Lee"]
    assert found("AN") == ["Ann Lee", "Bob Anders"]
    assert found("bob and") == ["Bob Anders"]
    assert found("10%") == ["Bob Anders"]
    assert found("%") == []
    assert found("+44 79") == ["?"]
    assert found("") == ["Ann Lee", "Bob Anders", "?"]


def test_people_come_page_by_page_and_within_a_segment() -> None:
    ids = [resolve(customer_ref=f"c{number}") for number in range(5)]
    first = shop.search_people("", limit=2)
    assert [one.customer_id for one in first.people] == ids[:2]
    second = shop.search_people("", limit=2, after=first.after)
    assert [one.customer_id for one in second.people] == ids[2:4]
    last = shop.search_people("", limit=2, after=second.after)
    assert ([one.customer_id for one in last.people], last.after) == (ids[4:], None)
    assert [one.customer_id for one in shop.search_people("", segment_ids=[ids[3], ids[1]]).people] == [ids[1], ids[3]]
    assert shop.search_people("c4", segment_ids=[ids[3]]).people == ()
    assert shop.count_people() == 5


def test_what_the_shop_says_stands_for_nobody_comes_apart_and_ties_nobody_more() -> None:
    resolve(customer_ref="shopify:1", phone="07911123456")
    for number in range(3):
        resolve(email=f"p{number}@example.com", phone="07911123456")
    assert len(people()) == 1
    shop.set_placeholders(["+4479111234*"], at=AT)
    assert len(people()) == 5
    resolve(email="p0@example.com", phone="07911123456", customer_ref="woo:1")
    assert frozenset({"email:p0@example.com", "customer_ref:woo:1"}) in people()
    for wrong in ("*", "", "x" * 300):
        with pytest.raises(shop.BadShopSetting):
            shop.set_placeholders([wrong], at=AT)
    assert shop.shop_settings().placeholders == ("+4479111234*",)


def test_numbers_are_read_as_they_are_dialled_in_the_shops_country() -> None:
    assert shop.shop_settings().country == "GB"
    shop.set_country("id")
    assert resolve(phone="0811 2345 678") == resolve(phone="+62 811-2345-678")
    with pytest.raises(shop.BadShopSetting):
        shop.set_country("Utopia")
    shop.set_country("")
    assert shop.shop_settings().country == "GB"
