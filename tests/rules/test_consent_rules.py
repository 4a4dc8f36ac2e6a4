"""Which statement about permission holds, and what an unsubscribe link can be made to do."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kembali.consent.contracts import Basis, NewConsent, Standing, State
from kembali.consent.errors import BadPermission, TokenNotValid
from kembali.consent.rules.addresses import address_hmac, mask_email
from kembali.consent.rules.standing import next_standing, permission_for, strictest
from kembali.consent.rules.tokens import make_token, read_token
from kembali.kernel.ids import CustomerId

T0 = datetime(2026, 1, 1, tzinfo=UTC)
KEY = b"k" * 32


def said(state: State, day: int, basis: Basis = "imported") -> NewConsent:
    return NewConsent(
        customer_id=CustomerId(1),
        channel="email",
        purpose="marketing",
        state=state,
        basis=basis,
        occurred_at=T0 + timedelta(days=day),
        source="test",
    )


def after(*statements: NewConsent) -> State | None:
    standing: Standing | None = None
    for statement in statements:
        standing = next_standing(standing, statement) or standing
    return None if standing is None else standing.state


def test_a_file_never_undoes_a_withdrawal_however_young_it_is() -> None:
    stopped = said("withdrawn", 5, "opt_in")
    assert after(said("given", 1), stopped, said("given", 9)) == "withdrawn"
    assert after(said("given", 1), stopped, said("given", 9, "existing_customer")) == "withdrawn"
    assert after(said("given", 1), stopped, said("not_given", 9), said("given", 10)) == "withdrawn"


def test_the_person_can_agree_again_after_a_withdrawal_and_not_before_it() -> None:
    stopped = said("withdrawn", 5, "opt_in")
    assert after(stopped, said("given", 6, "opt_in")) == "given"
    assert after(stopped, said("given", 4, "opt_in")) == "withdrawn"


def test_deny_wins_a_tie() -> None:
    for one, other in (("given", "not_given"), ("given", "withdrawn")):
        first, second = said(one, 3, "opt_in"), said(other, 3, "opt_in")  # type: ignore[arg-type]
        assert after(first, second) == other
        assert after(second, first) == other


def test_a_persons_stop_beats_a_file_that_claims_to_be_younger() -> None:
    assert after(said("given", 9), said("withdrawn", 5, "opt_in")) == "withdrawn"


def test_between_two_files_the_later_word_counts_in_either_order() -> None:
    no, yes = said("not_given", 1), said("given", 2)
    assert after(no, yes) == after(yes, no) == "given"
    assert after(said("given", 1), yes, said("not_given", 3)) == "not_given"
    late = (said("given", 1), said("given", 3), said("not_given", 2))
    assert after(*late) == "given"


@given(
    st.permutations([said("given", 1), said("not_given", 2), said("given", 3), said("given", 4), said("not_given", 4)])
)
def test_files_in_any_order_end_in_the_same_state(statements: list[NewConsent]) -> None:
    assert after(*statements) == "not_given"


def test_a_merged_person_has_the_strictest_permission() -> None:
    given_, stopped = (
        Standing("given", "opt_in", T0 + timedelta(days=9), T0 + timedelta(days=9)),
        Standing("withdrawn", "opt_in", T0, T0),
    )
    assert strictest([given_, stopped]) == stopped
    assert strictest([]) is None


def test_marketing_needs_a_yes_and_service_mails_need_only_no_stop() -> None:
    assert not permission_for("marketing", None, []).allowed
    assert permission_for("marketing", None, []).reason == "never asked"
    assert permission_for("service", None, []).allowed
    withdrawn = Standing("withdrawn", "opt_in", T0, T0)
    assert not permission_for("service", withdrawn, []).allowed


def test_an_unsubscribed_address_still_gets_service_mails_and_a_bounced_one_nothing() -> None:
    yes = Standing("given", "opt_in", T0, T0)
    assert permission_for("marketing", yes, ["unsubscribe"]).suppressed_by == "unsubscribe"
    assert permission_for("service", None, ["unsubscribe"]).allowed
    assert not permission_for("service", None, ["unsubscribe", "bounce"]).allowed
    assert permission_for("marketing", yes, ["bounce"]).reason == "suppressed: bounce"


def test_addresses_are_hashed_without_regard_to_case_and_spaces() -> None:
    assert address_hmac(KEY, " Ann@Example.COM ") == address_hmac(KEY, "ann@example.com")
    assert address_hmac(b"other", "ann@example.com") != address_hmac(KEY, "ann@example.com")
    assert mask_email("ann@example.com") == "a…@example.com"


@given(st.integers(0, 2**63 - 1), st.sampled_from(["marketing", "service"]))
def test_a_token_says_what_it_was_made_for_in_26_characters(number: int, purpose: str) -> None:
    token = make_token(KEY, CustomerId(number), "email", purpose)  # type: ignore[arg-type]
    assert read_token(KEY, token) == (number, "email", purpose)
    assert len(token) <= 26


def test_a_link_with_such_a_token_stays_below_60_characters() -> None:
    token = make_token(KEY, CustomerId(4_000_000_000), "email", "marketing")
    assert len(f"https://kembali.some-shop.example/u/{token}/") < 60


@pytest.mark.parametrize(
    "token", ["", "A", "ä", "????", "a" * 200, make_token(b"other", CustomerId(7), "email", "marketing")]
)
def test_a_token_we_did_not_make_is_refused(token: str) -> None:
    with pytest.raises(TokenNotValid):
        read_token(KEY, token)


@given(st.integers(0, 19), st.sampled_from("ABCxyz019-_"))
def test_changing_any_character_of_a_token_makes_it_invalid(place: int, character: str) -> None:
    token = make_token(KEY, CustomerId(123_456), "email", "marketing")
    place %= len(token)
    changed = token[:place] + character + token[place + 1 :]
    if changed != token:
        try:
            assert read_token(KEY, changed) == (123_456, "email", "marketing")  # only spare bits of the last character
            assert place == len(token) - 1
        except TokenNotValid:
            pass


def test_a_topic_that_does_not_exist_has_no_token() -> None:
    with pytest.raises(BadPermission):
        make_token(KEY, CustomerId(1), "web_push", "service")
