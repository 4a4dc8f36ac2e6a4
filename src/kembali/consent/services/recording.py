"""Record statements about permissions: the proof, what holds now, and the fact, in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from kembali.collect import api as collect
from kembali.consent.contracts import Basis, Channel, NewConsent, Purpose, Standing
from kembali.consent.locks import Cursor, lock_people_for_change
from kembali.consent.queries.permissions import standings_of
from kembali.consent.rules.standing import next_standing
from kembali.infra.database import one_transaction
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop

# What awaits its confirmation is neither given nor withdrawn.
_FACT_KINDS = {"given": "consent.given", "pending": "consent.pending"}

_Key = tuple[CustomerId, Channel, Purpose]

_APPEND = """
INSERT INTO consent_record (customer_id, channel, purpose, state, basis, wording, language, source, evidence,
                            occurred_at, recorded_at)
SELECT * FROM jsonb_to_recordset(%s::jsonb) AS new (
    customer_id bigint, channel text, purpose text, state text, basis text, wording text, language text, source text,
    evidence jsonb, occurred_at timestamptz, recorded_at timestamptz)
RETURNING id, customer_id, channel, purpose, state, basis, occurred_at, evidence ? 'from_file'
"""
_HOLD = """
INSERT INTO consent_current (customer_id, channel, purpose, state, basis, since, confirmed_at)
SELECT * FROM jsonb_to_recordset(%s::jsonb) AS new (
    customer_id bigint, channel text, purpose text, state text, basis text, since timestamptz,
    confirmed_at timestamptz)
ON CONFLICT (customer_id, channel, purpose) DO UPDATE SET
    state = EXCLUDED.state, basis = EXCLUDED.basis, since = EXCLUDED.since, confirmed_at = EXCLUDED.confirmed_at
"""


def record_many(statements: Sequence[NewConsent], *, at: datetime) -> int:
    """Record statements in the order they occurred; return how many changed what holds.

    A statement that only confirms what holds leaves no new row, unless the person made it themselves. Joins the
    caller's transaction and holds the people's locks until it ends.
    """
    if not statements:
        return 0
    with one_transaction() as cursor:
        lock_people_for_change(cursor, {each.customer_id for each in statements})
        held = _held(statements)
        proven, now, changed = [], {}, 0
        for statement in sorted(statements, key=lambda each: each.occurred_at):
            key: _Key = (statement.customer_id, statement.channel, statement.purpose)
            before = held.get(key)
            after = next_standing(before, statement)
            moved = after is not None and (before is None or before.state != after.state)
            if moved or statement.basis != "imported":
                proven.append(statement)
            if after is not None:
                held[key] = now[key] = after
            changed += moved
        _store(cursor, proven, now, at)
        return changed


def give_consent(
    *,
    customer_id: CustomerId,
    channel: Channel,
    purpose: Purpose,
    basis: Basis,
    wording: str,
    language: str,
    source: str,
    evidence: Mapping[str, str | int],
    occurred_at: datetime,
    at: datetime,
) -> bool:
    """Record that a person agreed, under every id they have; return whether that changed anything."""
    members = shop.members_of([customer_id]).get(customer_id, (customer_id,))
    return bool(
        record_many(
            [
                NewConsent(
                    customer_id=member,
                    channel=channel,
                    purpose=purpose,
                    state="given",
                    basis=basis,
                    occurred_at=occurred_at,
                    source=source,
                    wording=wording,
                    language=language,
                    evidence=evidence,
                )
                for member in members
            ],
            at=at,
        )
    )


def withdraw_consent(
    *,
    customer_id: CustomerId,
    channel: Channel,
    purpose: Purpose,
    source: str,
    evidence: Mapping[str, str | int],
    occurred_at: datetime,
    at: datetime,
) -> bool:
    """Record that a person said stop; return whether it was not in force yet."""
    statement = NewConsent(
        customer_id=customer_id,
        channel=channel,
        purpose=purpose,
        state="withdrawn",
        basis="opt_in",
        occurred_at=occurred_at,
        source=source,
        evidence=evidence,
    )
    return bool(record_many([statement], at=at))


def _held(statements: Sequence[NewConsent]) -> dict[_Key, Standing]:
    held: dict[_Key, Standing] = {}
    for channel, purpose in {(each.channel, each.purpose) for each in statements}:
        ids = {each.customer_id for each in statements if (each.channel, each.purpose) == (channel, purpose)}
        for customer_id, standing in standings_of(ids, channel, purpose).items():
            held[customer_id, channel, purpose] = standing
    return held


def _store(cursor: Cursor, proven: Sequence[NewConsent], now: Mapping[_Key, Standing], at: datetime) -> None:
    rows = [{**msgspec.to_builtins(statement), "recorded_at": at} for statement in proven]
    cursor.execute(_APPEND, (msgspec.json.encode(rows).decode(),))
    facts = [_fact(row) for row in cursor.fetchall()]
    holding = [
        {"customer_id": key[0], "channel": key[1], "purpose": key[2], **msgspec.to_builtins(standing)}
        for key, standing in sorted(now.items())
    ]
    cursor.execute(_HOLD, (msgspec.json.encode(holding).decode(),))
    collect.append_facts(facts, at=at)


def _fact(row: tuple[Any, ...]) -> collect.NewFact:
    record_id, customer_id, channel, purpose, state, basis, occurred_at, from_file = row
    return collect.NewFact(
        source="consent",
        message_id=f"consent:{record_id}",
        kind=_FACT_KINDS.get(state, "consent.withdrawn"),
        occurred_at=occurred_at,
        payload={"channel": channel, "purpose": purpose, "state": state, "basis": basis}
        | ({"from_file": True} if from_file else {}),
        identifiers={"customer_id": str(customer_id)},
    )
