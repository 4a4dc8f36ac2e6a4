"""Who is one person is a function of the set of ties, and nobody is swallowed."""

import random
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from kembali.shop.rules import can_tie, is_placeholder, normal_identifiers, normal_value, phone_prefix
from kembali.shop.rules.identifiers import KINDS, Identifier
from kembali.shop.rules.people import Node, Pair, group_people, hanging_on

Fact = tuple[str, ...]  # names such as `s:1` (a platform's number), `e:ann`, `p:1`, `a:1` (a device)
KIND_OF = {"s": "customer_ref", "w": "customer_ref", "e": "email", "p": "phone", "a": "anonymous_id"}


def grouped(
    facts: Sequence[Fact], *, same: Iterable[tuple[str, str]] = (), apart: Iterable[tuple[str, str]] = ()
) -> tuple[set[frozenset[str]], set[str], set[tuple[str, ...]]]:
    """People, shared names and questions; ids are given in the order of first appearance, as the shop gives them."""
    names = list(dict.fromkeys(name for fact in facts for name in fact))
    ids = {name: number for number, name in enumerate(names, 1)}

    def pair(first: str, second: str) -> Pair:
        return min(ids[first], ids[second]), max(ids[first], ids[second])

    people = group_people(
        {ids[name]: Node((identifier(name),)) for name in names},
        {pair(*two) for fact in facts for two in combinations(fact, 2)},
        same=[pair(*two) for two in same],
        apart=[pair(*two) for two in apart],
    )
    groups: dict[int, set[str]] = {}
    for name in names:
        groups.setdefault(people.root_of[ids[name]], set()).add(name)
    by_id: Mapping[int, str] = {number: name for name, number in ids.items()}

    def representative(one: int) -> str:
        return min(groups[people.root_of[one]])

    return (
        {frozenset(group) for group in groups.values()},
        {by_id[one] for one in people.shared},
        {
            (*sorted((representative(one.first), representative(one.second))), *sorted(by_id[each] for each in one.via))
            for one in people.questions
        },
    )


def identifier(name: str) -> Identifier:
    letter, _, value = name.partition(":")
    return KIND_OF[letter], f"shopify:{value}" if letter == "s" else f"woo:{value}" if letter == "w" else value


def people(facts: Sequence[Fact], **decided: Iterable[tuple[str, str]]) -> set[frozenset[str]]:
    return grouped(facts, **decided)[0]


def groups(*names: str) -> set[frozenset[str]]:
    return {frozenset(group.split()) for group in names}


def test_a_chain_of_facts_makes_one_person() -> None:
    assert people([("s:1", "e:ann"), ("e:ann", "p:1"), ("p:1", "w:7")]) == groups("s:1 e:ann p:1 w:7")


def test_an_address_of_two_numbers_of_one_shop_ties_neither_and_is_asked_about_once() -> None:
    facts: list[Fact] = [("s:1", "e:ann"), ("s:2", "e:ann"), ("s:1", "e:old")]
    assert grouped(facts) == (groups("s:1 e:old", "s:2", "e:ann"), set(), {("e:old", "s:2", "e:ann")})


def test_the_other_addresses_of_somebody_in_doubt_still_tie() -> None:
    facts: list[Fact] = [("s:1", "e:x"), ("s:2", "e:x"), ("s:1", "e:y"), ("w:1", "e:y")]
    assert people(facts) == groups("s:1 e:y w:1", "s:2", "e:x")


def test_a_chain_between_two_numbers_of_one_shop_breaks_where_it_joins() -> None:
    facts: list[Fact] = [("s:1", "e:x"), ("e:x", "p:1"), ("p:1", "e:y"), ("e:y", "s:2")]
    assert grouped(facts) == (groups("s:1 e:x", "s:2 e:y", "p:1"), set(), {("e:x", "e:y", "p:1")})


def test_what_meets_too_many_is_shared_and_asks_nothing() -> None:
    facts: list[Fact] = [(f"s:{number}", "e:office") for number in range(6)]
    assert grouped(facts) == (groups("e:office", *(f"s:{number}" for number in range(6))), {"e:office"}, set())
    family: list[Fact] = [(f"e:{number}", "p:1") for number in range(3)]
    assert people(family) == groups("e:0 e:1 e:2 p:1")
    assert people([*family, ("e:3", "p:1")]) == groups("e:0", "e:1", "e:2", "e:3", "p:1")


def test_a_device_joins_the_one_person_it_met_and_never_joins_two() -> None:
    assert people([("s:1", "e:ann"), ("e:ann", "a:1")]) == groups("s:1 e:ann a:1")
    assert people([("e:ann", "a:1"), ("e:bob", "a:1")]) == groups("e:ann", "e:bob", "a:1")
    assert people([("e:ann", "a:1"), ("a:1", "a:2"), ("a:2", "e:bob")]) == groups("e:ann", "e:bob", "a:1", "a:2")


def test_what_ties_nobody_does_not_drag_its_phone_or_device_along() -> None:
    facts: list[Fact] = [("s:1", "e:x", "a:1"), ("s:2", "e:x")]
    assert people(facts) == groups("s:1 a:1", "s:2", "e:x")


def test_what_a_person_decided_holds_against_facts() -> None:
    facts: list[Fact] = [("s:1", "e:ann"), ("s:2", "e:ann")]
    assert grouped(facts, same=[("s:1", "s:2")]) == (groups("s:1 s:2 e:ann"), set(), set())
    assert grouped(facts, apart=[("s:1", "s:2")]) == (groups("s:1", "s:2", "e:ann"), set(), set())
    assert people([("s:1", "e:ann"), ("e:ann", "p:1")], apart=[("s:1", "e:ann")]) == groups("s:1", "e:ann p:1")
    both: list[Fact] = [("e:x", "p:1"), ("e:y", "p:1"), ("s:1", "e:x"), ("s:1", "e:z")]
    assert people(both, apart=[("e:x", "e:y")]) == groups("s:1 e:x e:z", "e:y", "p:1")


def test_whoever_hangs_on_the_leaving_one_alone_leaves_too() -> None:
    ties = [(1, 2), (2, 3), (3, 4), (1, 5), (5, 4)]
    assert hanging_on(2, 1, range(1, 6), ties) == {2}
    assert hanging_on(2, 1, range(1, 6), ties[:3]) == {2, 3, 4, 5}


names = st.sampled_from(["s:1", "s:2", "s:3", "w:1", "w:2", "e:1", "e:2", "e:3", "p:1", "p:2", "a:1", "a:2", "a:3"])
many_names = st.one_of(names, st.builds("{}:{}".format, st.sampled_from("swepa"), st.integers(1, 12)))


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    drawn = draw(st.lists(st.lists(many_names, min_size=1, max_size=4, unique=True), max_size=16))
    # One name of a kind on one fact: an order has one address.
    return [tuple({name.partition(":")[0]: name for name in fact}.values()) for fact in drawn]


@given(histories(), st.lists(st.tuples(names, names), max_size=3), st.integers(0, 10**6))
def test_the_order_and_repetition_of_facts_do_not_matter(
    facts: list[Fact], decided: list[tuple[str, str]], seed: int
) -> None:
    shuffled = random.Random(seed)
    other = shuffled.choices(facts, k=3) if facts else []
    other += shuffled.sample(facts, len(facts))
    shuffled.shuffle(other)
    known = {name for fact in facts for name in fact}
    kept = [two for two in decided if two[0] != two[1] and known.issuperset(two)]
    assert grouped(facts, apart=kept) == grouped(other, apart=kept)


@given(histories())
def test_no_person_bears_two_numbers_of_one_shop_and_no_shared_name_is_with_anybody(facts: list[Fact]) -> None:
    found, shared, _ = grouped(facts)
    for group in found:
        assert sum(name.startswith("s:") for name in group) < 2
        assert len(group) == 1 or group.isdisjoint(shared)


@given(histories(), histories())
def test_facts_about_others_change_nothing(facts: list[Fact], others: list[Fact]) -> None:
    """What hangs together can be grouped alone: the shop never has to look at everybody."""
    apart = [tuple(f"{name}0000" for name in fact) for fact in others]
    assert people([*facts, *apart]) == people(facts) | people(apart)


def test_identifiers_are_compared_in_normal_form() -> None:
    said: dict[str, str | None] = {"phone": "0044 7911 123-456", "email": " Ann.Lee@Example.COM ", "customer_ref": ""}
    assert normal_identifiers(said, country="GB") == [("email", "ann.lee@example.com"), ("phone", "+447911123456")]
    assert normal_value("phone", "07911 123456", country="GB") == "+447911123456"
    assert normal_value("phone", "0811-2345-678", country="ID") == "+628112345678"
    assert normal_value("email", "ann@bücher.example") == normal_value("email", "Ann@xn--bcher-kva.example")


def test_what_cannot_be_anybodys_is_found_but_ties_nobody() -> None:
    assert normal_value("phone", "07911 123456") == "07911123456"  # without a country
    assert not can_tie(("phone", normal_value("phone", "+44 7700 900000", country="GB")))  # nobody's number
    assert not can_tie(("email", normal_value("email", "Ann at Example")))
    assert normal_value("phone", "n/a") == ""
    assert phone_prefix("0791", country="GB") == "+44791"


def test_placeholders_are_nobody() -> None:
    nobody = [
        ("email", "test@shop.example"),
        ("email", "noreply@gmail.com"),
        ("email", "n/a"),
        ("email", "x4b7@marketplace.amazon.de"),
        ("phone", "0000000"),
        ("phone", "+11111111111"),
        ("phone", "123456789"),
        ("customer_ref", "guest"),
        ("customer_ref", "woocommerce:0"),
        ("anonymous_id", "undefined"),
    ]
    assert [one for one in nobody if not is_placeholder(*one)] == []
    somebody = [("email", "testa@shop.example"), ("phone", "+447911123456"), ("customer_ref", "10")]
    assert [one for one in somebody if is_placeholder(*one)] == []
    assert is_placeholder("email", "kasse@shop.example", ["KASSE@*"])


@given(st.from_regex(r"[a-z0-9_.+-]{1,8}@[a-z0-9.-]{1,12}\.(com|de|eu)", fullmatch=True))
def test_the_fast_way_for_plain_addresses_says_what_the_library_says(address: str) -> None:
    try:
        expected: str | None = validate_email(
            address, check_deliverability=False, test_environment=True
        ).normalized.lower()
    except EmailNotValidError:
        expected = None
    assert can_tie(("email", address)) == (expected is not None)
    assert normal_value("email", address) == (expected or address)


def test_every_kind_has_a_limit() -> None:
    assert all(kind.most > 0 for kind in KINDS.values())
