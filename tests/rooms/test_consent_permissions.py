"""Permission with proof: recorded, derived, withdrawn in one click, strict across merges."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from kembali.collect import api as collect
from kembali.consent import api as consent
from kembali.consent.services.importing import take_from_facts
from kembali.infra.database import one_transaction, raw_cursor
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop
from tests.makers.sending import introduce, open_shop

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)  # a consumer sees committed facts only
AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def ann() -> CustomerId:
    open_shop()
    return introduce({"email": "ann@example.com"})[0]


def agree(customer_id: CustomerId, *, day: int = 0) -> bool:
    when = AT + timedelta(days=day)
    return consent.give_consent(
        customer_id=customer_id,
        channel="email",
        purpose="marketing",
        basis="opt_in",
        wording="Yes, write to me.",
        language="en",
        source="sign-up form",
        evidence={"page": "/join"},
        occurred_at=when,
        at=when,
    )


def permission(customer_id: CustomerId) -> consent.Permission:
    return consent.permissions_of([customer_id], channel="email", purpose="marketing")[customer_id]


def order(number: int, *, accepts: bool | None, day: int, email: str = "ann@example.com") -> collect.NewFact:
    return collect.NewFact(
        source="file",
        message_id=f"o{number}:x",
        kind="order.version",
        occurred_at=AT + timedelta(days=day),
        payload={"order_ref": f"o{number}", "customer": {"email": email, "accepts_email": accepts}},
        identifiers={"email": email},
    )


def consume() -> None:
    while collect.run_consumer(consent.CONSUMER, at=AT):
        pass


def kinds(customer_id: CustomerId) -> list[str]:
    return sorted(fact.kind for fact in collect.timeline_of([f"customer_id:{customer_id}"]))


def test_nobody_is_asked_without_having_agreed(ann: CustomerId) -> None:
    assert permission(ann) == consent.Permission(
        allowed=False, basis=None, reason="never asked", consented=False, suppressed_by=None, since=None
    )


def test_consent_is_kept_with_its_proof_and_told_as_a_fact(ann: CustomerId) -> None:
    assert agree(ann)
    assert permission(ann) == consent.Permission(
        allowed=True, basis="opt_in", reason="given", consented=True, suppressed_by=None, since=AT
    )
    (record,) = consent.history_of(ann)
    assert (record.wording, record.language, record.source, record.evidence) == (
        "Yes, write to me.",
        "en",
        "sign-up form",
        {"page": "/join"},
    )
    assert (record.occurred_at, record.recorded_at, record.state) == (AT, AT, "given")
    assert kinds(ann) == ["consent.given"]


@pytest.mark.parametrize("statement", ["UPDATE consent_record SET state = 'given'", "DELETE FROM consent_record"])
def test_the_database_refuses_to_change_the_proof(ann: CustomerId, statement: str) -> None:
    agree(ann)
    with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"), one_transaction() as cursor:
        cursor.execute(statement)
    assert len(consent.history_of(ann)) == 1


def test_an_unsubscribe_link_withdraws_suppresses_and_tells_once(ann: CustomerId) -> None:
    agree(ann)
    token = consent.unsubscribe_token(ann, "email", "marketing")
    before = consent.describe_token(token)
    assert (before.masked_email, before.withdrawn) == ("a…@example.com", False)
    assert permission(ann).allowed  # looking changes nothing
    assert consent.unsubscribe(token, at=AT + timedelta(days=1), source="one_click").changed
    assert not consent.unsubscribe(token, at=AT + timedelta(days=2), source="page").changed
    assert consent.describe_token(token).withdrawn
    assert permission(ann).reason == "suppressed: unsubscribe"
    assert [each.state for each in consent.history_of(ann)] == ["withdrawn", "withdrawn", "given"]
    assert kinds(ann) == ["consent.given", "consent.withdrawn", "consent.withdrawn", "contact.suppressed"]


def test_a_link_that_is_not_ours_changes_nothing(ann: CustomerId) -> None:
    agree(ann)
    with pytest.raises(consent.TokenNotValid):
        consent.unsubscribe("AAAAAAAAAAAAAAAAAAAA", at=AT, source="one_click")
    assert permission(ann).allowed


def test_an_unsubscription_counts_even_against_a_clock_that_was_ahead(ann: CustomerId) -> None:
    agree(ann, day=400)
    consent.unsubscribe(consent.unsubscribe_token(ann, "email", "marketing"), at=AT, source="one_click")
    assert permission(ann).reason == "suppressed: unsubscribe"
    assert not permission(ann).consented


def test_an_address_stays_suppressed_when_it_comes_back_as_somebody_new(ann: CustomerId) -> None:
    consent.suppress(email="NEW@example.com ", reason="complaint", source="provider", occurred_at=AT, at=AT)
    (new,) = introduce({"email": "new@example.com"})
    agree(new)
    assert permission(new).suppressed_by == "complaint"
    assert not consent.suppress(email="new@example.com", reason="complaint", source="x", occurred_at=AT, at=AT)


def test_an_opt_in_of_the_person_lifts_their_unsubscription_and_no_bounce(ann: CustomerId) -> None:
    consent.unsubscribe(consent.unsubscribe_token(ann, "email", "marketing"), at=AT, source="one_click")
    again = AT + timedelta(days=3)
    assert consent.resubscribe(
        customer_id=ann, wording="Yes again.", language="en", source="form", evidence={}, at=again
    )
    assert permission(ann).allowed
    consent.suppress(email="ann@example.com", reason="bounce", source="smtp", occurred_at=again, at=again)
    consent.resubscribe(
        customer_id=ann, wording="", language="en", source="form", evidence={}, at=AT + timedelta(days=9)
    )
    assert permission(ann).suppressed_by == "bounce"


def test_a_withdrawal_of_either_half_holds_for_the_merged_person() -> None:
    one, other = shop.resolve_customers([{"customer_ref": "1"}, {"customer_ref": "2"}], at=AT)
    assert one is not None
    assert other is not None
    agree(one)
    agree(other)
    consent.withdraw_consent(
        customer_id=other, channel="email", purpose="marketing", source="phone", evidence={}, occurred_at=AT, at=AT
    )
    assert permission(one).allowed
    shop.merge(one, other, at=AT)
    assert permission(one).reason == permission(other).reason == "withdrawn"
    agree(one, day=5)  # the person, under every id of theirs
    assert permission(one).allowed
    assert permission(other).allowed


@committed
def test_a_file_is_evidence_with_the_number_of_its_fact(ann: CustomerId) -> None:
    collect.append_facts(
        [order(1, accepts=True, day=-9), order(2, accepts=None, day=-8), order(3, accepts=True, day=-7)], at=AT
    )
    consume()
    assert permission(ann).basis == "imported"
    (record,) = consent.history_of(ann)
    assert record.evidence["accepts_email"] == "true"
    assert isinstance(record.evidence["fact_seq"], int)
    assert record.occurred_at == AT - timedelta(days=9)


@committed
def test_a_file_read_again_after_an_unsubscription_gives_nothing_back(ann: CustomerId) -> None:
    collect.append_facts([order(1, accepts=True, day=-9)], at=AT)
    consume()
    consent.unsubscribe(consent.unsubscribe_token(ann, "email", "marketing"), at=AT, source="one_click")
    collect.append_facts([order(2, accepts=True, day=-1), order(3, accepts=True, day=9)], at=AT)
    consume()
    assert not permission(ann).consented
    assert [each.state for each in consent.history_of(ann)] == ["withdrawn", "given"]


@committed
def test_the_later_of_two_answers_in_files_counts(ann: CustomerId) -> None:
    collect.append_facts([order(1, accepts=True, day=-9), order(2, accepts=False, day=-5)], at=AT)
    consume()
    assert permission(ann).reason == "not given"
    profile = collect.NewFact(
        source="file",
        message_id="p1",
        kind="customer.profile",
        occurred_at=AT,
        payload={"email": "ann@example.com", "accepts_email": True},
        identifiers={"email": "ann@example.com"},
    )
    collect.append_facts([profile], at=AT)
    consume()
    assert permission(ann).allowed


@committed
def test_many_orders_of_many_people_are_taken_in_one_go() -> None:
    facts = [order(number, accepts=number % 3 > 0, day=-9, email=f"c{number}@example.com") for number in range(3000)]
    collect.append_facts(facts, at=AT)
    consume()
    assert collect.count_parked() == 0
    found = shop.find_customers([{"email": f"c{number}@example.com"} for number in range(3000)])
    ids = [customer_id for customer_id in found if customer_id is not None]
    allowed = consent.permissions_of(ids, channel="email", purpose="marketing")
    assert [allowed[each].allowed for each in ids] == [number % 3 > 0 for number in range(3000)]


def test_a_fact_about_nobody_or_without_an_answer_is_passed_over() -> None:
    nobody = collect.Fact(
        seq=1,
        source="s",
        message_id="m",
        kind="order.version",
        identifiers={},
        occurred_at=AT,
        received_at=AT,
        payload=b'{"customer": {"accepts_email": true}}',  # type: ignore[arg-type]
    )
    take_from_facts([nobody], AT)
    with raw_cursor() as cursor:
        cursor.execute("SELECT count(*) FROM consent_record")
        assert cursor.fetchone() == (0,)
