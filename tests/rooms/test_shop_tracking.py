"""Tracking events fold into identity: trusted ones tie, a browser's word is only a claim."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kembali.collect import api as collect
from kembali.collect.door import open_envelope, read_events
from kembali.consent import api as consent
from kembali.infra.database import raw_cursor
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop
from kembali.shop.models import Claim, Customer, Identifier
from tests.makers.emptying import empty_shop
from tests.makers.orders import order_fact

AT = datetime(2032, 1, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _shop() -> None:
    shop.set_up_shop(name="Lantern & Co", currency="GBP", time_zone="Europe/London")


def event(call: str, *, trusted: bool, minute: int = 0, **members: object) -> collect.NewFact:
    """One event as the edge makes it a fact; names end in `Id`: `user`, `anonymous`, `previous`."""
    ids = {f"{name}Id": members.pop(name) for name in ("user", "anonymous", "previous") if name in members}
    body = {**ids, **members, "messageId": f"{call}:{ids}:{members}"[:95], "event": "Thing Done"}
    reading = read_events(
        open_envelope(json.dumps(body).encode(), call),
        call,
        source="trusted:k" if trusted else "public:k",
        is_trusted=trusted,
        anonymous_id="",
        received_at=AT + timedelta(minutes=minute),
    )
    assert not reading.rejected
    return reading.facts[0]


def take_in(*facts: collect.NewFact) -> None:
    collect.append_facts(facts, at=AT)
    for consumer in (shop.PROJECTION, shop.TRACKING):
        while collect.run_consumer(consumer, at=AT):
            pass


def find(**identifiers: str) -> CustomerId:
    (found,) = shop.find_customers([identifiers])
    assert found is not None
    return found


def people() -> set[frozenset[str]]:
    found: dict[int, set[str]] = {}
    for one in Identifier.objects.select_related("customer"):
        found.setdefault(one.customer.root_id, set()).add(f"{one.kind}:{one.value}")
    return {frozenset(names) for names in found.values()}


def timeline(customer_id: CustomerId) -> list[str]:
    return [fact.kind for fact in collect.timeline_of(shop.subjects_of(customer_id), limit=50)]


def test_what_a_browser_did_before_joins_when_a_trusted_event_identifies_it() -> None:
    take_in(event("page", trusted=False, anonymous="a1"), event("track", trusted=False, anonymous="a1", minute=1))
    assert Customer.objects.count() == 0
    take_in(
        event("identify", trusted=True, user="7", anonymous="a1", traits={"email": "Ann@Example.com"}, minute=2),
    )
    ann = find(email="ann@example.com")
    assert people() == {frozenset({"customer_ref:7", "email:ann@example.com", "anonymous_id:a1"})}
    assert timeline(ann) == ["tracking.identify", "tracking.track", "tracking.page"]


def test_traits_of_every_spelling_say_who_somebody_is_and_the_latest_word_counts() -> None:
    take_in(
        event("identify", trusted=True, user="7", traits={"first_name": "Ann", "lastName": "Lee"}, minute=2),
        event("identify", trusted=True, user="7", traits={"firstName": "Old", "phone": "07911 123456"}, minute=1),
        event(
            "identify",
            trusted=True,
            user="7",
            context={"traits": {"Email": "ann@example.com", "address": {"country": "GB", "city": "York"}}},
        ),
    )
    seven = find(customer_ref="7")
    assert shop.addresses_of([seven])[seven] == shop.Address(
        email="ann@example.com", phone="+447911123456", first_name="Ann", last_name="Lee", country="GB"
    )


def test_an_alias_makes_the_old_number_and_the_new_one_a_person() -> None:
    take_in(
        event("identify", trusted=True, user="old", traits={"email": "ann@example.com"}),
        event("track", trusted=True, user="old", anonymous="a1"),
        event("alias", trusted=True, user="new", previous="old"),
        event("alias", trusted=True, user="same", previous="same"),
    )
    (ann,) = [group for group in people() if "email:ann@example.com" in group]
    assert ann == {
        "customer_ref:new",
        "customer_ref:old",
        "email:ann@example.com",
        "anonymous_id:a1",
        "anonymous_id:old",  # an alias does not say which of the two its previous id is
    }
    old = find(customer_ref="old")
    shop.unmerge(old, at=AT)  # a person's word holds against the program's
    shop.rebuild(AT)
    assert shop.root_of([old]) != shop.root_of([find(customer_ref="new")])


def test_an_alias_of_a_device_that_two_people_use_makes_them_no_one_person() -> None:
    take_in(
        event("alias", trusted=True, user="ann", previous="tablet"),
        event("alias", trusted=True, user="bob", previous="tablet"),
    )
    assert len({shop.root_of([find(customer_ref=one)])[find(customer_ref=one)] for one in ("ann", "bob")}) == 2


def test_a_claim_ties_nobody_and_shows_what_the_browser_did_only_as_claimed() -> None:
    take_in(
        order_fact("1", identifiers={"email": "ann@example.com"}),
        order_fact("2", identifiers={"customer_ref": "9"}),
        event("page", trusted=False, anonymous="a1"),
        event("identify", trusted=False, anonymous="a1", user="9", traits={"email": "ann@example.com"}),
    )
    ann, nine = find(email="ann@example.com"), find(customer_ref="9")
    assert people() == {frozenset({"email:ann@example.com"}), frozenset({"customer_ref:9"})}
    assert shop.claimed_customers_of(["a1", "a2"]) == {"a1": (ann, nine)}
    assert shop.claimed_subjects_of(ann) == ["anonymous_id:a1"]
    assert timeline(ann) == ["order.version"]
    assert consent.history_of(ann) == []
    take_in(event("identify", trusted=True, anonymous="a1", traits={"email": "ann@example.com"}, minute=5))
    assert shop.claimed_subjects_of(ann) == []
    assert len(timeline(ann)) == 4


def test_whom_only_a_browser_has_named_is_a_lead_until_an_order_comes() -> None:
    take_in(event("identify", trusted=False, anonymous="a1", traits={"email": "new@example.com"}))
    lead = find(email="new@example.com")
    assert shop.count_people() == 0
    assert shop.search_people("new@").people == shop.search_people("").people == ()
    assert shop.profile_of(lead).identifiers == ()
    assert shop.addresses_of([lead])[lead].email == "new@example.com"
    take_in(order_fact("1", identifiers={"email": "new@example.com", "customer_ref": "shopify:1"}))
    assert shop.root_of([find(customer_ref="shopify:1")]) == {find(customer_ref="shopify:1"): lead}
    assert shop.count_people() == 1
    assert [one.customer_id for one in shop.search_people("new@").people] == [lead]
    assert shop.claimed_subjects_of(lead) == ["anonymous_id:a1"]


def test_repeated_claims_and_page_views_write_nothing() -> None:
    views = [
        event("page", trusted=False, anonymous="a1", user="9", minute=minute, name=str(minute)) for minute in range(4)
    ]
    take_in(views[0])
    with raw_cursor() as cursor:
        cursor.execute("SELECT xmin::text FROM shop_claim")
        before = cursor.fetchall()
        take_in(*views[1:])
        cursor.execute("SELECT xmin::text FROM shop_claim")
        assert cursor.fetchall() == before
    assert Claim.objects.count() == Customer.objects.count() == 1


def test_placeholders_and_no_addresses_are_not_claimed() -> None:
    take_in(
        event("identify", trusted=False, anonymous="a1", user="guest", traits={"email": "test@example.com"}),
        event("identify", trusted=False, anonymous="a1", traits={"email": "no address"}),
        event("identify", trusted=False, anonymous="undefined", traits={"email": "ann@example.com"}),
        event("identify", trusted=False, anonymous="a1", traits={"email": ["ann@example.com"]}),
    )
    assert not Claim.objects.exists()
    assert not Customer.objects.exists()


def test_names_as_they_were_received_still_lead_to_their_facts() -> None:
    take_in(
        order_fact("1", identifiers={"phone": "07911 123 456"}), order_fact("2", identifiers={"email": "A@B.example"})
    )
    assert timeline(find(phone="+447911123456")) == ["order.version"]
    assert timeline(find(email="a@b.example")) == ["order.version"]


HISTORY: tuple[collect.NewFact, ...] = (
    event("page", trusted=False, anonymous="a1", user="1"),
    event("identify", trusted=False, anonymous="a1", traits={"email": "ann@example.com"}, minute=1),
    event(
        "identify",
        trusted=True,
        anonymous="a1",
        user="1",
        traits={"email": "ann@example.com", "city": "York"},
        minute=2,
    ),
    event("identify", trusted=True, anonymous="a2", user="2", traits={"email": "bob@example.com"}, minute=3),
    event("track", trusted=True, anonymous="a1", user="2", minute=4),
    event("alias", trusted=True, user="3", previous="2", minute=5),
    order_fact("1", identifiers={"customer_ref": "2", "phone": "07911123456"}),
    order_fact("2", identifiers={"email": "ann@example.com", "phone": "07911123456"}),
    order_fact("3", identifiers={"customer_ref": "4", "email": "bob@example.com"}),
    *(order_fact(f"t{n}", identifiers={"email": f"p{n}@example.com", "phone": "07911654321"}) for n in range(4)),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(len(HISTORY))), cuts=st.sets(st.integers(1, len(HISTORY) - 1), max_size=6))
def test_any_order_and_splitting_of_events_and_orders_ends_in_the_same_state(order: list[int], cuts: set[int]) -> None:
    expected = _hash_of([HISTORY])
    edges = [0, *sorted(cuts), len(order)]
    parts = [[HISTORY[place] for place in order[start:end]] for start, end in pairwise(edges)]
    assert _hash_of(parts) == expected


def _hash_of(parts: list[tuple[collect.NewFact, ...]] | list[list[collect.NewFact]]) -> str:
    empty_shop()
    for part in parts:
        take_in(*part)
    return shop.state_hash()


def test_rebuild_ends_in_the_same_state_and_keeps_every_id() -> None:
    take_in(*HISTORY)
    before, ids = shop.state_hash(), set(Identifier.objects.values_list("kind", "value", "customer_id"))
    shop.rebuild(AT)
    assert shop.state_hash() == before
    assert set(Identifier.objects.values_list("kind", "value", "customer_id")) == ids
