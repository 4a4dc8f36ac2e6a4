"""Shopify's customers and permissions → facts."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from kembali.collect.connectors.shopify.shapes import Address, Consent, Customer
from kembali.collect.contracts import NewFact
from kembali.collect.payloads import ConsentBasis, ConsentSaid, ConsentState, CustomerSaid, version_id

_STATES: Mapping[str, ConsentState] = {
    "subscribed": "given",
    "unsubscribed": "withdrawn",
    "pending": "pending",
    "not_subscribed": "not_given",
    "invalid": "not_given",
}
_BASES: Mapping[str, ConsentBasis] = {"confirmed_opt_in": "double_opt_in", "single_opt_in": "opt_in"}
_CHANNELS = {"email": "email", "phone": "sms"}


def customer_ref(number: int) -> str:
    """Return how a customer's number is known here; a plain number would be the shop's own."""
    return f"shopify:{number}"


def identifiers_of(said: CustomerSaid) -> dict[str, str]:
    """Return what identifies a customer."""
    found = {"customer_ref": said.customer_ref, "email": said.email, "phone": said.phone}
    return {kind: value for kind, value in found.items() if value}


def said_in_order(
    customer: Customer | None,
    *,
    email: str | None,
    phone: str | None,
    billing: Address | None,
    shipping: Address | None,
    locale: str | None,
    accepts_email: bool | None = None,
) -> CustomerSaid:
    """Return what an order or a checkout says about its customer: its own words only.

    What stands in it of the customer is what holds now, not then: webhooks and the API, asked later, would differ.
    """
    named = [address for address in (billing, shipping) if address is not None]
    placed = named[::-1]
    return CustomerSaid(
        customer_ref=customer_ref(customer.id) if customer is not None and customer.id else None,
        email=email or None,
        phone=phone or None,
        first_name=_first(*(address.first_name for address in named)),
        last_name=_first(*(address.last_name for address in named)),
        country=_first(*(address.country_code for address in placed)),
        city=_first(*(address.city for address in placed)),
        language=locale or None,
        accepts_email=accepts_email,
    )


def said_of(customer: Customer, *, properties: Mapping[str, object] = MappingProxyType({})) -> CustomerSaid:
    """Return what is known of a customer."""
    address = customer.default_address or Address()
    return CustomerSaid(
        customer_ref=customer_ref(customer.id) if customer.id else None,
        email=customer.email or None,
        phone=customer.phone or None,
        first_name=customer.first_name or address.first_name or None,
        last_name=customer.last_name or address.last_name or None,
        country=address.country_code or None,
        city=address.city or None,
        language=customer.locale or None,
        properties=properties,
    )


def profile_facts(customer: Customer, *, source: str, at: datetime, is_gone: bool = False) -> Iterator[NewFact]:
    """Yield what Shopify knows of a customer, and since when there is one; nothing of a customer without a number.

    at: when it was so, where Shopify does not tell.
    """
    if customer.id is None:
        return
    tags = tags_of(customer.tags)
    properties: dict[str, object] = {"tags": tags} if tags else {}
    if is_gone:
        properties["deleted"] = True
    said = said_of(customer, properties=properties)
    changed_at = customer.updated_at or at
    # Who is named A, then B, then A again has said three things: the instant is part of the id.
    yield NewFact(
        source=source,
        message_id=version_id(f"{said.customer_ref}:{int(changed_at.timestamp())}", said),
        kind="customer.profile",
        occurred_at=changed_at,
        payload=said,
        identifiers=identifiers_of(said),
    )
    if customer.created_at is not None:
        known = CustomerSaid(customer_ref=said.customer_ref)
        yield NewFact(
            source=source,
            message_id=f"{said.customer_ref}:created",
            kind="customer.profile",
            occurred_at=customer.created_at,
            payload=known,
            identifiers=identifiers_of(known),
        )


def consent_facts(customer: Customer, consents: Mapping[str, Consent | None], *, source: str) -> Iterator[NewFact]:
    """Yield a customer's permissions, each with what proves it; one nobody ever answered is none.

    consents: by `email` and `phone`.
    """
    for kind, consent in consents.items():
        address = customer.email if kind == "email" else customer.phone
        if consent is not None and address and (said := _said(kind, consent)) is not None:
            identifiers = {kind: address}
            if customer.id:
                identifiers["customer_ref"] = customer_ref(customer.id)
            said_at = consent.consent_updated_at or customer.updated_at or customer.created_at
            if said_at is None:
                continue
            yield NewFact(
                source=source,
                message_id=version_id(f"consent:{address[:120]}:{int(said_at.timestamp())}", said),
                kind="consent.stated",
                occurred_at=said_at,
                payload=said,
                identifiers=identifiers,
            )


def tags_of(tags: str | list[str] | None) -> list[str]:
    """Return tags, sorted: webhooks write them with commas, the API as a list, each in an order of its own."""
    parts = tags.split(",") if isinstance(tags, str) else tags or []
    return sorted({part.strip() for part in parts if part.strip()})


def _said(kind: str, consent: Consent) -> ConsentSaid | None:
    state = _STATES.get((consent.state or "").lower())
    if state is None or (state == "not_given" and consent.consent_updated_at is None):
        return None
    level = (consent.opt_in_level or "unknown").lower()
    evidence: dict[str, str | int] = {"platform": "shopify", "opt_in_level": level}
    if consent.consent_updated_at is not None:
        evidence["consent_updated_at"] = consent.consent_updated_at.isoformat()
    if consent.consent_collected_from:
        evidence["collected_from"] = consent.consent_collected_from.lower()
    # A yes without an instant proves nothing: it counts like one from a file.
    basis = _BASES.get(level, "imported") if consent.consent_updated_at else "imported"
    return ConsentSaid(channel="email" if kind == "email" else "sms", state=state, basis=basis, evidence=evidence)


def _first(*values: str | None) -> str | None:
    return next((value for value in values if value), None)
