"""What every transport promises, and what only a real mail server can do to us."""

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from django.conf import settings

from kembali.consent import api as consent
from kembali.kernel.ids import CustomerId, SendRequestId
from kembali.messages import api as messages
from kembali.messages.channels.email.mailbox import MailboxTransport
from kembali.messages.channels.email.smtp import SmtpServer, SmtpTransport, read_smtp_url
from kembali.messages.channels.email.transport import Transport, transport_for
from tests.fakes.smtp import SmtpServer as FakeServer
from tests.fakes.smtp import smtp_server
from tests.makers.sending import AT, ask_for, customers, open_shop, write_templates

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FakeServer]:
    with smtp_server(tmp_path / "journal") as running:
        yield running


@pytest.fixture
def smtp(server: FakeServer) -> Iterator[SmtpTransport]:
    transport = SmtpTransport(read_smtp_url(server.url))
    yield transport
    transport.close()


@pytest.fixture(params=["mailbox", "smtp"])
def transport(request: pytest.FixtureRequest) -> Transport:
    if request.param == "mailbox":
        return MailboxTransport()
    found: SmtpTransport = request.getfixturevalue("smtp")
    return found


@pytest.fixture
def people(tmp_path: Path) -> list[CustomerId]:
    open_shop()
    write_templates(tmp_path / "templates")
    return customers(3)


def mail(send_id: int = 1, **changes: object) -> messages.Mail:
    fields: dict[str, object] = {
        "send_id": SendRequestId(send_id),
        "send_key": f"k{send_id}",
        "customer_id": CustomerId(send_id),
        "to_email": f"c{send_id}@example.com",
        "to_name": "Ünal, Ayşe",
        "from_line": "Ann's Shop <shop@example.com>",
        "reply_to": "Ann <ann@example.com>",
        "subject": "Wie war’s?",
        "html": "<p>Hallo Ünal</p>" + "x" * 3000,
        "text": "Hallo Ünal\n.dot\n..two dots\n",
        "message_id": f"<m{send_id}@example.com>",
        "unsubscribe_url": "https://kembali.some-shop.example/u/AAECAwQFBgcICQoLDA0ODw/",
        "date": AT,
    }
    return messages.Mail(**(fields | changes))  # type: ignore[arg-type]


def deliver(transport: Transport, *mails: messages.Mail) -> list[messages.Outcome]:
    outcomes = []
    for each in mails:
        transport.connect()
        outcomes += transport.hand_over([each])
    return outcomes


# The contract: the same for the built-in mailbox and a real mail server.


@pytest.fixture
def stored_requests(people: list[CustomerId]) -> list[SendRequestId]:
    return [messages.receipt_of(key).send_id for key in ask_for(people)]


def test_every_mail_gets_an_outcome_in_order(transport: Transport, stored_requests: list[SendRequestId]) -> None:
    first, second, third = stored_requests
    outcomes = deliver(transport, mail(first), mail(second, to_email="not an address"), mail(third))
    assert [each.kind in ("sent", "delivered") for each in outcomes] == [True, False, True]
    assert outcomes[1].kind == "failed"


@pytest.mark.parametrize("bad", ["", "a@", "@b.example", "ä@example.com", "a@b.example\r\nBcc: x@y.example"])
def test_an_address_no_server_takes_fails_at_once(transport: Transport, bad: str) -> None:
    (outcome,) = deliver(transport, mail(to_email=bad))
    assert outcome.kind == "failed"


def test_closing_twice_and_opening_again_is_allowed(transport: Transport, stored_requests: list[SendRequestId]) -> None:
    first, second, _ = stored_requests
    deliver(transport, mail(first))
    transport.close()
    transport.close()
    (outcome,) = deliver(transport, mail(second))
    assert outcome.kind in ("sent", "delivered")


def test_a_transport_says_whether_it_is_simulated(transport: Transport) -> None:
    assert transport.simulated == (transport.name == "mailbox")
    assert transport.wave_size >= 1


# A real server.


def test_the_bytes_on_the_wire_are_what_mail_programs_want(smtp: SmtpTransport, server: FakeServer) -> None:
    assert deliver(smtp, mail())[0].kind == "sent"
    (delivery,) = server.deliveries
    raw = delivery.raw.replace(b"\r\n", b"\n")
    assert b"\nList-Unsubscribe: <https://kembali.some-shop.example/u/AAECAwQFBgcICQoLDA0ODw/>\n" in raw
    assert b"\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n" in raw
    assert b"\nMessage-ID: <m1@example.com>\n" in raw
    assert b"\nReply-To: Ann <ann@example.com>\n" in raw
    assert raw.isascii()
    assert max(map(len, raw.split(b"\n"))) <= 998
    parsed = message_from_bytes(delivery.raw, policy=default)
    assert (parsed["Subject"], parsed["To"].addresses[0].display_name) == ("Wie war’s?", "Ünal, Ayşe")
    text, html = parsed.iter_parts()
    assert text.get_content().replace("\r\n", "\n") == "Hallo Ünal\n.dot\n..two dots\n"
    assert html.get_content().strip() == "<p>Hallo Ünal</p>" + "x" * 3000
    assert (delivery.sender, delivery.recipient) == ("shop@example.com", "c1@example.com")


@pytest.mark.parametrize("evil", ["Hi\r\nBcc: x@example.com", "Hi\nBcc: x@example.com", "Hi\u2028Bcc: x@example.com"])
def test_no_value_becomes_a_header(smtp: SmtpTransport, server: FakeServer, evil: str) -> None:
    deliver(smtp, mail(subject=evil, to_name=evil))
    parsed = message_from_bytes(server.deliveries[0].raw, policy=default)
    assert parsed["Bcc"] is None
    assert parsed["Subject"] == "Hi Bcc: x@example.com"


@pytest.mark.parametrize(
    ("answer", "kind", "bounced"),
    [
        ("550 5.1.1 no such user", "failed", True),
        ("550 5.7.1 we do not like you", "failed", False),
        ("451 4.7.1 greylisted, come again", "retry", False),
        ("452 4.2.2 mailbox full", "retry", False),
    ],
)
def test_a_refused_recipient_fails_or_waits(
    smtp: SmtpTransport, server: FakeServer, answer: str, kind: str, bounced: bool
) -> None:
    server.script.rcpt["c1@example.com"] = [answer]
    first, second = deliver(smtp, mail(1), mail(2))
    assert (first.kind, first.bounced, first.reason) == (kind, bounced, answer)
    assert second.kind == "sent"  # on the same connection


@pytest.mark.parametrize(("answer", "kind"), [("554 5.6.0 spam", "failed"), ("451 4.3.0 try later", "retry")])
def test_a_refused_body_fails_or_waits(smtp: SmtpTransport, server: FakeServer, answer: str, kind: str) -> None:
    server.script.data["c1@example.com"] = [answer]
    assert deliver(smtp, mail(1))[0].kind == kind
    assert server.deliveries == []


@pytest.mark.parametrize(("answer", "taken"), [("accept and hang up", 1), ("hang up", 0)])
def test_a_connection_lost_after_the_body_leaves_us_not_knowing(
    smtp: SmtpTransport, server: FakeServer, answer: str, taken: int
) -> None:
    server.script.data["c1@example.com"] = [answer]
    first, second = deliver(smtp, mail(1), mail(2))
    assert first.kind == "unknown"
    assert second.kind == "sent"
    assert [each.recipient for each in server.deliveries].count("c1@example.com") == taken


def test_a_connection_lost_before_the_body_is_opened_again_once(smtp: SmtpTransport, server: FakeServer) -> None:
    server.script.rcpt["c1@example.com"] = ["hang up"]
    server.script.rcpt["c2@example.com"] = ["hang up", "hang up"]
    first, second, third = deliver(smtp, mail(1), mail(2), mail(3))
    assert [first.kind, second.kind, third.kind] == ["sent", "retry", "sent"]


def test_a_server_that_takes_few_mails_per_connection_gets_them_all(smtp: SmtpTransport, server: FakeServer) -> None:
    server.script.mails_per_connection = 2
    assert [each.kind for each in deliver(smtp, *(mail(number) for number in range(1, 8)))] == ["sent"] * 7


def test_no_server_at_all_is_unavailable_and_leaves_the_requests_alone(people: list[CustomerId]) -> None:
    nobody = SmtpTransport(SmtpServer(host="127.0.0.1", port=1, security="smtp"))
    keys = ask_for(people)
    messages.deliver_due(at=AT, transport=nobody)
    assert {messages.receipt_of(key).state for key in keys} == {"requested"}
    messages.deliver_due(at=AT)  # at once: nothing is still held
    assert {messages.receipt_of(key).state for key in keys} == {"sent"}


def test_requests_go_through_a_real_server_with_their_outcomes(
    people: list[CustomerId], smtp: SmtpTransport, server: FakeServer
) -> None:
    server.script.rcpt["c1@example.com"] = ["550 5.1.1 no such user"]
    server.script.rcpt["c2@example.com"] = ["451 4.7.1 later"]
    keys = ask_for(people)
    messages.deliver_due(at=AT, transport=smtp)
    assert [messages.receipt_of(key).state for key in keys] == ["sent", "failed", "requested"]
    allowed = consent.permissions_of(people, channel="email", purpose="marketing")
    assert [allowed[each].suppressed_by for each in people] == [None, "bounce", None]
    assert messages.deliver_due(at=AT + timedelta(seconds=59), transport=smtp) == 0
    messages.deliver_due(at=AT + timedelta(minutes=1), transport=smtp)
    assert messages.receipt_of(keys[2]).state == "sent"
    assert [each.recipient for each in server.deliveries] == ["c0@example.com", "c2@example.com"]


def test_an_unknown_hand_over_is_listed_and_never_sent_again(
    people: list[CustomerId], smtp: SmtpTransport, server: FakeServer
) -> None:
    server.script.data["c1@example.com"] = ["accept and hang up"]
    keys = ask_for(people)
    for hour in range(4):
        messages.deliver_due(at=AT + timedelta(hours=hour), transport=smtp)
    assert [each.send_key for each in messages.list_unknown()] == [keys[1]]
    assert sorted(each.recipient for each in server.deliveries) == [f"c{n}@example.com" for n in range(3)]


def test_encryption_that_was_asked_for_is_never_left_out(server: FakeServer) -> None:
    transport = SmtpTransport(SmtpServer(host="127.0.0.1", port=server.port, security="smtp+tls"))
    with pytest.raises(messages.TransportUnavailable, match="STARTTLS"):
        transport.connect()


def test_without_a_mail_server_the_mailbox_is_used() -> None:
    assert transport_for(settings.KEMBALI).name == "mailbox"
