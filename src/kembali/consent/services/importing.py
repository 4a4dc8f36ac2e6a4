"""The consumer that reads permission out of orders and customer profiles."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from kembali.collect import api as collect
from kembali.consent.contracts import NewConsent
from kembali.consent.services.recording import record_many
from kembali.shop import api as shop


class _Person(msgspec.Struct, frozen=True):
    accepts_email: bool | None = None


class _Payload(msgspec.Struct, frozen=True):
    """An order carries its customer inside; a profile is the customer."""

    customer: _Person | None = None
    accepts_email: bool | None = None


def take_from_facts(facts: Sequence[collect.Fact], at: datetime) -> None:
    """Record what orders and profiles say about mail. A plain "true" in a file is evidence, not an opt-in of ours."""
    answers = [(fact, answer) for fact in facts if (answer := _answer(fact)) is not None]
    customer_ids = shop.resolve_customers([fact.identifiers for fact, _ in answers], at=at)
    record_many(
        [
            NewConsent(
                customer_id=customer_id,
                channel="email",
                purpose="marketing",
                state="given" if accepts else "not_given",
                basis="imported",
                occurred_at=fact.occurred_at,
                source=fact.source,
                evidence={
                    "fact_seq": fact.seq,
                    "fact_kind": fact.kind,
                    "accepts_email": "true" if accepts else "false",
                },
            )
            for (fact, accepts), customer_id in zip(answers, customer_ids, strict=True)
            if customer_id is not None
        ],
        at=at,
    )


def _answer(fact: collect.Fact) -> bool | None:
    payload = fact.decode(_Payload)
    person = payload.accepts_email if payload.customer is None else payload.customer.accepts_email
    return payload.accepts_email if person is None else person


CONSUMER = collect.Consumer("consent.accepts_email", frozenset({"order.version", "customer.profile"}), take_from_facts)
