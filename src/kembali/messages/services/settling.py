"""Settle hand-overs: the state and its fact in one transaction, for those with an answer and those without."""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from kembali.collect import api as collect
from kembali.consent import api as consent
from kembali.infra.database import one_transaction
from kembali.messages.channels.email.mailbox import SIMULATED
from kembali.messages.contracts import Outcome
from kembali.messages.rules.outcomes import Settled, settled_state, wait_before_retry
from kembali.messages.services.claiming import Result
from kembali.messages.services.pending import COLUMNS, Cursor, Pending, read_pending
from kembali.messages.services.telling import message_fact
from kembali.shop import api as shop

_MINE = f"""
SELECT {COLUMNS} FROM messages_send
WHERE (id, fence) IN (SELECT * FROM unnest(%s::bigint[], %s::bigint[])) ORDER BY id FOR UPDATE
"""  # noqa: S608 - the columns are a constant
_LOST = f"""
SELECT {COLUMNS} FROM messages_send
WHERE state = 'handing_over' AND lease_until < clock_timestamp() ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - the columns are a constant
_SETTLE = """
UPDATE messages_send s
SET state = o.state, reason = o.reason, lease_until = NULL, wire_outcome = NULL,
    ready_at = coalesce(o.ready_at, s.ready_at),
    began_at = CASE WHEN o.state = 'requested' THEN NULL ELSE s.began_at END,
    finished_at = CASE WHEN o.state = 'requested' THEN NULL ELSE %(at)s END,
    delivered_at = CASE WHEN o.delivered THEN %(at)s END
FROM jsonb_to_recordset(%(rows)s::jsonb) AS o (id bigint, state text, reason text, ready_at timestamptz, delivered bool)
WHERE s.id = o.id
"""
_IN_THE_MAILBOX = "SELECT send_id FROM messages_mail WHERE send_id = ANY(%s)"
_NEVER_ANSWERED = Outcome("unknown", "the worker ended during the hand-over")
_LOST_AT_ONCE = 500


def settle(results: Sequence[Result], *, at: datetime) -> int:
    """Commit what became of hand-overs; return how many counted. One after its lease counts if it still can."""
    if not results:
        return 0
    outcomes = {each.id: outcome for each, outcome in results}
    with one_transaction() as cursor:
        cursor.execute(_MINE, ([each.id for each, _ in results], [each.fence for each, _ in results]))
        return _settle(cursor, [(each, outcomes[each.id]) for each in read_pending(cursor)], at)


def settle_lost(*, at: datetime) -> int:
    """Settle the hand-overs of workers that are gone; return how many.

    Where the provider's answer was kept, or the mail lies in the built-in mailbox, that is what happened. Otherwise
    nobody knows: `unknown`, shown, counted, and never sent again.
    """
    with one_transaction() as cursor:
        cursor.execute(_LOST, (_LOST_AT_ONCE,))
        lost = read_pending(cursor)
        cursor.execute(_IN_THE_MAILBOX, ([each.id for each in lost],))
        stored = {row[0] for row in cursor.fetchall()}
        return _settle(cursor, [(each, _known_outcome(each, stored)) for each in lost], at)


def _known_outcome(pending: Pending, stored: Collection[int]) -> Outcome:
    if pending.wire_outcome_json is not None:
        return msgspec.json.decode(pending.wire_outcome_json, type=Outcome)
    return SIMULATED if pending.id in stored else _NEVER_ANSWERED


def _settle(cursor: Cursor, results: Sequence[Result], at: datetime) -> int:
    rows: list[dict[str, object]] = []
    facts: list[collect.NewFact] = []
    bounced: list[Pending] = []
    for each, outcome in results:
        state = settled_state(each.state, outcome, each.attempt_count)
        if state is None:
            continue
        retry_at = at + wait_before_retry(each.attempt_count) if state == "requested" else None
        delivered = outcome.kind == "delivered"
        rows.append(
            {"id": each.id, "state": state, "reason": outcome.reason, "ready_at": retry_at, "delivered": delivered}
        )
        facts += _facts(each, state, outcome, at)
        if outcome.bounced:
            bounced.append(each)
    cursor.execute(_SETTLE, {"at": at, "rows": msgspec.json.encode(rows).decode()})
    collect.append_facts(facts, at=at)
    _suppress(bounced, at)
    return len(rows)


def _facts(pending: Pending, state: Settled, outcome: Outcome, at: datetime) -> list[collect.NewFact]:
    if state == "requested":
        return []
    facts = [message_fact(pending, state, outcome.reason, at=at)]
    if outcome.kind == "delivered":
        facts.append(message_fact(pending, "delivered", outcome.reason, at=at))
    return facts


def _suppress(bounced: Sequence[Pending], at: datetime) -> None:
    """An address that does not exist is not written to again."""
    addresses = shop.addresses_of([each.customer_id for each in bounced]) if bounced else {}
    for each in bounced:
        address = addresses.get(each.customer_id)
        if address is not None and address.email:
            consent.suppress(
                email=address.email,
                reason="bounce",
                source="messages",
                occurred_at=at,
                at=at,
                customer_id=each.customer_id,
            )
