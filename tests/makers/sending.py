"""A small shop whose customers may be written to, and requests to do so."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from kembali.collect import api as collect
from kembali.consent import api as consent
from kembali.kernel.ids import CustomerId
from kembali.messages import api as messages
from kembali.shop import api as shop

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)

_FILES = {
    "subject.liquid": "{{ first_name }}, how was it?",
    "body.mjml": (
        "<mjml><mj-body><mj-section><mj-column><mj-text>Hello {{ first_name }} from {{ shop_name }}</mj-text>"
        '<mj-button href="https://shop.example/new">Look</mj-button>'
        '<mj-text><a href="{{ unsubscribe_url }}">Stop</a></mj-text></mj-column></mj-section></mj-body></mjml>'
    ),
    "body.txt": "Hello {{ first_name }} from {{ shop_name }}\n.a line that begins with a dot\n{{ unsubscribe_url }}\n",
}


def write_templates(folder: Path) -> None:
    """Register the template "tests/hello", and "tests/broken", which cannot be rendered."""
    for name, files in (("hello", _FILES), ("broken", {**_FILES, "body.txt": "{{ no_such_thing }}"})):
        (folder / name).mkdir(parents=True)
        for file, text in files.items():
            (folder / name / file).write_text(text, encoding="utf-8")
    messages.register_templates("tests", folder)


def open_shop() -> None:
    """Set up a shop in London."""
    shop.set_up_shop(name="Ann's Shop", currency="GBP", time_zone="Europe/London")


def introduce(*people: dict[str, str], at: datetime = AT) -> list[CustomerId]:
    """Let the shop learn of people by their identifiers and names, as it does from facts; return their ids."""
    kinds = {"customer_ref", "email", "phone"}
    identifiers = [{kind: value for kind, value in one.items() if kind in kinds} for one in people]
    facts = [
        collect.Fact(
            seq=number,
            source="test",
            message_id=f"profile:{number}",
            kind="customer.profile",
            identifiers=ids,
            occurred_at=at,
            received_at=at,
            payload=msgspec.Raw(msgspec.json.encode(one)),
        )
        for number, (one, ids) in enumerate(zip(people, identifiers, strict=True))
    ]
    shop.PROJECTION.handle(facts, at)
    return [customer_id for customer_id in shop.find_customers(identifiers) if customer_id is not None]


def customers(count: int, *, at: datetime = AT) -> list[CustomerId]:
    """Make customers c0@example.com … who have agreed to marketing mails."""
    people = introduce(*({"email": f"c{number}@example.com"} for number in range(count)), at=at)
    consent.record_many([agreed(customer_id, at=at - timedelta(days=60)) for customer_id in people], at=at)
    return people


def agreed(customer_id: CustomerId, *, at: datetime) -> consent.NewConsent:
    """An opt-in to marketing mails."""
    return consent.NewConsent(
        customer_id=customer_id,
        channel="email",
        purpose="marketing",
        state="given",
        basis="opt_in",
        occurred_at=at,
        source="form",
        wording="Yes, write to me.",
        language="en",
    )


def request(customer_id: CustomerId, key: str = "", **changes: object) -> messages.SendRequest:
    """A marketing request due now; the send key names the person and `key`."""
    fields: dict[str, object] = {
        "send_key": f"win_back:1:ask:{customer_id}:{key or 'once'}",
        "customer_id": customer_id,
        "purpose": "marketing",
        "template": "tests/hello",
        "due_at": AT,
        "expires_at": AT + timedelta(days=3),
        "origin": messages.Origin(flow="win_back", version=1, step="ask", enrolment_id=int(customer_id)),
    }
    return messages.SendRequest(**(fields | changes))  # type: ignore[arg-type]


def ask_for(customer_ids: Sequence[CustomerId], **changes: object) -> list[str]:
    """Request one message for each; return the send keys."""
    wanted = [request(customer_id, "", **changes) for customer_id in customer_ids]
    messages.request_sends(wanted, at=AT)
    return [each.send_key for each in wanted]
