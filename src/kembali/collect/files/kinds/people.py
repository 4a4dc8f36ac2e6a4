"""Customers and subscribers: who they are, and what they allowed. Permission is only ever as strong as its proof."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import get_args

from kembali.collect.files.fields import instant, text
from kembali.collect.files.kinds.base import Kind, Row, Said, checked, identifiers_of
from kembali.collect.files.kinds.proof import Channel, statement_of
from kembali.collect.files.words import Unusable, Words
from kembali.collect.payloads import ConsentSaid, ConsentState, CustomerSaid

_CHANNELS: dict[str, Channel] = {name: name for name in get_args(Channel)} | {"e-mail": "email", "mail": "email"}


def _read(rows: Sequence[Row], words: Words) -> Iterator[Said]:
    row = rows[0]
    who = identifiers_of(row, ref_prefix=words.ref_prefix)
    if not who:
        raise Unusable("nobody")
    ref = checked(next(iter(who.values())))
    dated = words.instant(row.text("updated_at"))
    statements = list(_statements(row, words, known_since=dated or words.instant(row.text("created_at"))))
    # With proof beside it, the column's word is a statement of its own and not the profile's hearsay as well.
    plain = None if any(said.channel == "email" for said, _ in statements) else _plain_answer(row, words)
    profile = _profile(row, who, plain, from_file=dated is None)
    if profile is not None or not statements:
        yield Said(
            "customer.profile", ref, dated or words.observed_at, who, profile or CustomerSaid(properties=row.extras)
        )
    for said, at in statements:
        yield Said("consent.stated", f"consent/{said.channel}/{said.purpose}/{ref}", at, who, said)


def _profile(row: Row, who: dict[str, str], accepts_email: bool | None, *, from_file: bool) -> CustomerSaid | None:
    """Return what a row says about the person, None where it says nothing but who it is."""
    first, last = row.text("first_name"), row.text("last_name")
    if not (first or last) and (full := row.text("full_name")):
        first, _, rest = full.partition(" ")
        last = rest.strip() or None
    said = CustomerSaid(
        customer_ref=who.get("customer_ref"),
        email=who.get("email"),
        phone=who.get("phone"),
        loyalty_ref=who.get("loyalty_ref"),
        first_name=first,
        last_name=last,
        country=row.text("country"),
        city=row.text("city"),
        language=row.text("language"),
        accepts_email=accepts_email,
        properties=row.extras,
        from_file=from_file,
    )
    tells = first or last or said.country or said.city or said.language or row.extras or len(who) > 1
    return said if tells or accepts_email is not None else None


def _plain_answer(row: Row, words: Words) -> bool | None:
    return words.yes_or_no(row.text("accepts_email"))


def _statements(row: Row, words: Words, *, known_since: datetime | None) -> Iterator[tuple[ConsentSaid, datetime]]:
    named = row.word("channel")
    channel = _CHANNELS.get(words.words.get(named, named)) if named else "email"
    if channel is None:
        raise Unusable("bad_channel", named or "")
    # A plain yes or no about mail belongs to the profile, unless the row has more to say about it.
    if said := statement_of(row, words, channel, answer=row.text("accepts_email") if channel == "email" else None):
        yield said.on(known_since or words.observed_at)
    if (by_sms := words.yes_or_no(row.text("accepts_sms"))) is not None:
        state: ConsentState = "given" if by_sms else "not_given"
        yield (
            ConsentSaid(channel="sms", state=state, basis="imported", evidence={"accepts_sms": state}, from_file=True),
            known_since or words.observed_at,
        )


_WHO = (
    text("customer_ref", "customer number"),
    text("email", "e-mail"),
    text("phone", "phone"),
    text("loyalty_ref", "number of the shop's card"),
)
_DETAILS = (
    text("first_name", "first name"),
    text("last_name", "last name"),
    text("full_name", "first and last name in one"),
    text("country", "country"),
    text("city", "city"),
    text("language", "language"),
    instant("created_at", "customer since"),
    instant("updated_at", "when this last changed"),
    text("accepts_email", "yes or no"),
    text("accepts_sms", "yes or no"),
)
_PROOF = (
    text("consent", "subscribed, unsubscribed, pending, no"),
    text("channel", "email, sms, whatsapp, web_push, app_push; e-mail where not said"),
    text("purpose", "marketing or service; marketing where not said"),
    instant("consented_at", "when they agreed"),
    text("consent_source", "where they agreed: a form, a page, a till"),
    text("consent_ip", "the address of their computer then"),
    text("consent_wording", "what they were shown"),
    text("double_opt_in", "whether they confirmed by mail: yes or no"),
    instant("confirmed_at", "when they confirmed by mail"),
    text("confirmed_ip", "the address of their computer when they confirmed"),
    instant("withdrawn_at", "when they said stop"),
    text("basis", "opt_in, double_opt_in, existing_customer"),
)
_IDENTIFIED = (("customer_ref", "email", "phone", "loyalty_ref"),)

CUSTOMERS = Kind(
    name="customers",
    in_words="customers",
    fields=(*_WHO, *_DETAILS, *_PROOF),
    needs=_IDENTIFIED,
    tells=_IDENTIFIED,
    read=_read,
)
CONSENTS = Kind(
    name="consents",
    in_words="subscriptions",
    fields=(*_WHO, *_DETAILS, *_PROOF),
    needs=(*_IDENTIFIED, ("consent", "accepts_email", "accepts_sms", "consented_at", "confirmed_at", "withdrawn_at")),
    tells=(*_IDENTIFIED, ("consent", "consented_at", "confirmed_at", "withdrawn_at")),
    read=_read,
)
