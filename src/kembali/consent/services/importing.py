"""The consumer that reads permission out of what sources say: orders, profiles, and statements with their proof."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from kembali.collect import api as collect
from kembali.consent.contracts import Basis, Channel, NewConsent, Purpose, State
from kembali.consent.queries.permissions import standings_of
from kembali.consent.services.recording import record_many
from kembali.consent.services.stopping import NewSuppression, suppress_many
from kembali.infra.database import one_transaction
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop


class _Person(msgspec.Struct, frozen=True):
    accepts_email: bool | None = None


class _Payload(msgspec.Struct, frozen=True):
    """An order carries its customer inside; a profile is the customer."""

    customer: _Person | None = None
    accepts_email: bool | None = None
    from_file: bool = False


class _Said(msgspec.Struct, frozen=True):
    """The payload of `consent.stated`."""

    channel: Channel
    state: State
    basis: Basis
    purpose: Purpose = "marketing"
    wording: str | None = None
    language: str | None = None
    evidence: dict[str, str | int] = {}
    from_file: bool = False


def take_from_facts(facts: Sequence[collect.Fact], at: datetime) -> None:
    """Record what sources say about permissions. A plain "true" is evidence of itself, not an opt-in of ours.

    A withdrawal of marketing mails also puts its address on the list, so that no other customer with the same address
    is written to instead.
    """
    said = [(fact, answer) for fact in facts if (answer := _answer(fact)) is not None]
    customer_ids = shop.resolve_customers([fact.identifiers for fact, _ in said], at=at)
    statements = [
        (fact, _statement(fact, answer, customer_id))
        for (fact, answer), customer_id in zip(said, customer_ids, strict=True)
        if customer_id is not None
    ]
    with one_transaction():
        record_many([statement for _, statement in statements], at=at)
        _stop_addresses(statements, at)


def _answer(fact: collect.Fact) -> _Said | None:
    """Return what a fact says, a plain yes or no as hearsay."""
    if fact.kind == "consent.stated":
        return fact.decode(_Said)
    payload = fact.decode(_Payload)
    person = payload.accepts_email if payload.customer is None else payload.customer.accepts_email
    accepts = payload.accepts_email if person is None else person
    if accepts is None:
        return None
    return _Said(
        channel="email",
        state="given" if accepts else "not_given",
        basis="imported",
        evidence={"accepts_email": "true" if accepts else "false"},
        from_file=payload.from_file,
    )


def _statement(fact: collect.Fact, said: _Said, customer_id: CustomerId) -> NewConsent:
    evidence: dict[str, Any] = {**said.evidence, "fact_seq": fact.seq, "fact_kind": fact.kind}
    return NewConsent(
        customer_id=customer_id,
        channel=said.channel,
        purpose=said.purpose,
        state=said.state,
        basis=said.basis,
        occurred_at=fact.occurred_at,
        source=fact.source,
        wording=said.wording or "",
        language=said.language or "",
        evidence=evidence | ({"from_file": "true"} if said.from_file else {}),
        from_file=said.from_file,
    )


def _stop_addresses(statements: Sequence[tuple[collect.Fact, NewConsent]], at: datetime) -> None:
    """Put on the list the addresses of those whose withdrawal, told by a file, holds now."""
    stops = [
        (fact, statement)
        for fact, statement in statements
        if statement.from_file
        and (statement.state, statement.channel, statement.purpose) == ("withdrawn", "email", "marketing")
    ]
    standings = standings_of([statement.customer_id for _, statement in stops], "email", "marketing") if stops else {}
    suppress_many(
        [
            NewSuppression(
                email=email,
                reason="unsubscribe",
                source=fact.source,
                occurred_at=fact.occurred_at,
                customer_id=statement.customer_id,
            )
            for fact, statement in stops
            if (email := fact.identifiers.get("email")) and standings[statement.customer_id].state == "withdrawn"
        ],
        at=at,
    )


CONSUMER = collect.Consumer(
    "consent.accepts_email", frozenset({"order.version", "customer.profile", "consent.stated"}), take_from_facts
)
