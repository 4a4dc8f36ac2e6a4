"""Permission told by files: as strong as its proof, and never stronger than somebody's no."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kembali.collect import api as collect
from kembali.config import wiring
from kembali.consent import api as consent
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop

AT = datetime(2026, 11, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)

MAILCHIMP = "Email Address,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LEID,EUID"
PROVEN = "email,status,consented_at,consent_source,consent_ip,confirmed_at,withdrawn_at"


@pytest.fixture(autouse=True)
def _shop() -> None:
    shop.set_up_shop(name="Lantern & Co", currency="GBP", time_zone="Europe/London")


def bring_in(folder: Path, text: str, *, at: datetime = AT) -> collect.ImportResult:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    result = collect.import_file(path, currency="GBP", time_zone="Europe/London", at=at)
    assert result.lines == result.accepted + result.rejected + result.merged
    wiring.fold(at)
    return result


def customer(email: str) -> CustomerId:
    (found,) = shop.find_customers([{"email": email}])
    assert found is not None
    return found


def permission(email: str, channel: consent.Channel = "email") -> tuple[bool, str | None]:
    found = consent.permissions_of([customer(email)], channel=channel, purpose="marketing")[customer(email)]
    return found.allowed, found.basis


@pytest.mark.parametrize(
    ("row", "allowed", "basis"),
    [
        ("subscribed,,,,,", True, "imported"),
        ("subscribed,2025-03-01 10:00,,,,", True, "imported"),
        ("subscribed,2025-03-01 10:00,footer form,,,", True, "opt_in"),
        ("subscribed,2025-03-01 10:00,,192.0.2.7,,", True, "opt_in"),
        ("subscribed,2025-03-01 10:00,footer form,,2025-03-01 11:00,", True, "double_opt_in"),
        ("pending,2025-03-01 10:00,footer form,,,", False, "opt_in"),
        ("unsubscribed,2025-03-01 10:00,footer form,,,2025-05-01", False, "imported"),
        ("no,,,,,", False, "imported"),
    ],
)
def test_a_yes_is_worth_what_its_row_proves(tmp_path: Path, row: str, allowed: bool, basis: str) -> None:
    bring_in(tmp_path, f"{PROVEN}\nann@example.com,{row}\n")
    assert permission("ann@example.com") == (allowed, basis)


def test_the_proof_of_a_row_is_kept_word_for_word(tmp_path: Path) -> None:
    header = "email,status,consented_at,consent_source,consent_ip,consent_wording,language"
    bring_in(tmp_path, f"{header}\nann@example.com,subscribed,2025-03-01 10:00,footer,192.0.2.7,Yes please,en\n")
    (record,) = consent.history_of(customer("ann@example.com"))
    assert (record.state, record.basis, record.wording, record.language) == ("given", "opt_in", "Yes please", "en")
    assert record.occurred_at == datetime(2025, 3, 1, 10, tzinfo=UTC)
    assert record.source == "generic"
    said = {name: record.evidence[name] for name in ("consented_at", "consent_source", "consent_ip", "said")}
    assert said == {
        "consented_at": "2025-03-01 10:00",
        "consent_source": "footer",
        "consent_ip": "192.0.2.7",
        "said": "subscribed",
    }


def test_shopifys_yes_is_hearsay_for_mail_and_for_sms_alike(tmp_path: Path) -> None:
    header = (
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Phone,Accepts SMS Marketing,Total Spent,"
        "Total Orders"
    )
    result = bring_in(tmp_path, f"\ufeff{header}\n'77,Ann,Lee,ann@example.com,yes,'+447700900123,no,12.00,1\n")
    assert dict(result.consents) == {"email given imported": 1, "sms not_given imported": 1}
    assert permission("ann@example.com") == (True, "imported")
    assert permission("ann@example.com", "sms") == (False, "imported")
    (by_number,) = shop.find_customers([{"customer_ref": "shopify:77"}])
    assert by_number in shop.members_of([customer("ann@example.com")])[customer("ann@example.com")]


def test_a_yes_that_awaits_its_confirmation_is_ended_by_proof_and_not_by_hearsay(tmp_path: Path) -> None:
    bring_in(tmp_path, f"{PROVEN}\nann@example.com,pending,2025-03-01 10:00,form,,,\n")
    bring_in(tmp_path, "email,accepts_email\nann@example.com,yes\n", at=AT + timedelta(days=1))
    assert permission("ann@example.com")[0] is False
    bring_in(tmp_path, f"{PROVEN}\nann@example.com,yes,2025-03-01 10:00,form,,2025-03-02,\n", at=AT + timedelta(days=2))
    assert permission("ann@example.com") == (True, "double_opt_in")


def test_a_withdrawal_in_a_file_stops_every_customer_with_the_address(tmp_path: Path) -> None:
    bring_in(tmp_path, f"{PROVEN}\nann@example.com,unsubscribed,,,,,2025-05-01\n")
    bring_in(tmp_path, "customer_id,email,accepts_email\n9,Ann@Example.com,yes\n", at=AT + timedelta(days=1))
    found = consent.permissions_of([customer("ann@example.com")], channel="email", purpose="marketing")
    assert [(each.allowed, each.suppressed_by) for each in found.values()] == [(False, "unsubscribe")]


def test_a_withdrawal_older_than_a_proven_yes_puts_nobody_on_the_list(tmp_path: Path) -> None:
    bring_in(tmp_path, f"{PROVEN}\nann@example.com,yes,2026-03-01 10:00,form,,,\n")
    bring_in(tmp_path, f"{PROVEN}\nann@example.com,unsubscribed,,,,,2025-05-01\n", at=AT + timedelta(days=1))
    assert permission("ann@example.com") == (True, "opt_in")


YES = [
    "email,accepts_email\nann@example.com,yes\n",
    "customer_id,email,accepts_email,updated_at\n7,ann@example.com,true,2027-06-01\n",
    f"{PROVEN}\nann@example.com,subscribed,2027-03-01 10:00,form,192.0.2.1,2027-03-01 11:00,\n",
    f"{PROVEN}\nann@example.com,pending,2027-03-01 10:00,form,,,\n",
    "order_id,created_at,email,total,accepts_marketing\n1,2027-05-01 10:00,ann@example.com,5,yes\n",
    f"{MAILCHIMP}\nann@example.com,2027-05-01 10:00,192.0.2.1,2027-05-01 10:05,192.0.2.1,1,2\n",
    "email,basis,consent,consent_date\nann@example.com,existing_customer,yes,2027-01-01\n",
]
NO = [
    "email,accepts_email\nann@example.com,no\n",
    f"{PROVEN}\nann@example.com,unsubscribed,,,,,2025-05-01\n",
]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    before=st.lists(st.sampled_from(YES + NO), max_size=2),
    after=st.lists(st.sampled_from(YES + NO), min_size=1, max_size=4),
    how=st.sampled_from(["by a file", "by a link", "by a person"]),
)
def test_no_sequence_of_files_makes_somebody_mailable_who_said_stop(
    tmp_path: Path, before: Sequence[str], after: Sequence[str], how: str
) -> None:
    later = [text.replace("2027-", "2029-") for text in after]  # proof of a time after the withdrawal
    name = f"ann{abs(hash((tuple(before), tuple(after), how)))}@example.com"
    texts = [text.replace("ann@example.com", name).replace("\n7,", f"\n{name[3:9]},") for text in (*before, *later)]
    at = AT
    for number, text in enumerate(texts):
        if number == len(before):
            _stop(tmp_path, name, at, how)
        at += timedelta(days=1)
        bring_in(tmp_path, text.replace("\n1,2027", f"\n{name},2027"), at=at)
        if number >= len(before):
            assert permission(name)[0] is False, texts[: number + 1]


def _stop(folder: Path, email: str, at: datetime, how: str) -> None:
    if how == "by a file":
        bring_in(folder, f"{PROVEN}\n{email},unsubscribed,,,,,2027-12-31\n", at=at)
        return
    bring_in(folder, f"email,first_name\n{email},Ann\n", at=at)
    if how == "by a link":
        consent.unsubscribe(consent.unsubscribe_token(customer(email), "email", "marketing"), at=at, source="page")
    else:  # the address does not come to the list: only what is recorded stands between the person and a mail
        consent.withdraw_consent(
            customer_id=customer(email),
            channel="email",
            purpose="marketing",
            source="desk",
            evidence={},
            occurred_at=datetime(2027, 12, 31, tzinfo=UTC),
            at=at,
        )
