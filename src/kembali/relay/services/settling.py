"""Write down what calls came to: attempts, deliveries and endpoints in one transaction."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

import msgspec

from kembali.collect import api as collect
from kembali.infra.database import one_transaction
from kembali.relay import models
from kembali.relay.rules import DISABLED_AFTER, is_hopeless, rest_after, verdict_of, wait_after
from kembali.relay.services.taking import Result

_log = logging.getLogger(__name__)

_ATTEMPTS = """
INSERT INTO relay_attempt (delivery_id, number, at, duration_ms, status, problem, answer)
SELECT d.id, r.number, %(at)s, r.duration_ms, r.status, r.problem, r.answer
FROM jsonb_to_recordset(%(rows)s::jsonb)
        AS r (id bigint, number int, duration_ms int, status int, problem text, answer text)
    JOIN relay_delivery d ON d.id = r.id
"""
# In the order in which a replay takes them: neither waits for the other in a circle.
_LOCK = "SELECT 1 FROM relay_delivery WHERE id = ANY(%s) ORDER BY endpoint_id, fact_seq FOR NO KEY UPDATE"
# Only who took it last settles it; an answer after the lease counts if nobody took it since.
_SETTLE = """
UPDATE relay_delivery d
SET state = r.state, lease_until = NULL, due_at = coalesce(r.due_at, d.due_at),
    finished_at = CASE WHEN r.state = 'waiting' THEN NULL ELSE %(at)s END
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (id bigint, fence bigint, state text, due_at timestamptz)
WHERE d.id = r.id AND d.fence = r.fence AND d.state = 'waiting'
"""


def settle(results: Sequence[Result], *, at: datetime) -> None:
    """Commit what became of calls, of any number of endpoints."""
    if not results:
        return
    rows = msgspec.json.encode([_row(result, at) for result in results]).decode()
    with one_transaction() as cursor:
        cursor.execute(_LOCK, ([call.delivery_id for call, _ in results],))
        cursor.execute(_ATTEMPTS, {"at": at, "rows": rows})
        cursor.execute(_SETTLE, {"at": at, "rows": rows})
        by_endpoint = sorted(results, key=lambda result: result[0].endpoint_id)
        for endpoint_id, group in groupby(by_endpoint, key=lambda result: result[0].endpoint_id):
            _note(endpoint_id, group, at)


def _row(result: Result, at: datetime) -> dict[str, object]:
    call, outcome = result
    verdict = verdict_of(outcome)
    wait = None if verdict in {"delivered", "gone"} else wait_after(call.attempt_count, call.delivery_id)
    return {
        "id": call.delivery_id,
        "fence": call.fence,
        "number": call.attempt_count,
        "duration_ms": outcome.duration_ms,
        "status": outcome.status,
        "problem": outcome.problem,
        "answer": outcome.answer,
        "state": "delivered" if verdict == "delivered" else "failed" if wait is None else "waiting",
        "due_at": wait and at + wait,
    }


def _note(endpoint_id: int, results: Iterable[Result], at: datetime) -> None:
    """Keep how an endpoint does: down, it rests; gone or failing for days, it is disabled, and that is a fact."""
    verdicts = [(verdict_of(outcome), outcome) for _, outcome in results]
    row = models.Endpoint.objects.select_for_update(no_key=True).filter(id=endpoint_id).first()
    if row is None:
        return
    if any(verdict == "delivered" for verdict, _ in verdicts):
        row.failure_count, row.failing_since, row.rests_until, row.delivered_at = 0, None, None, at
    else:
        row.failing_since = row.failing_since or at
        down = [outcome for verdict, outcome in verdicts if verdict == "down"]
        if down:
            row.failure_count += 1
            row.rests_until = at + rest_after(row.failure_count, down[-1].retry_after_s)
    if any(verdict == "gone" for verdict, _ in verdicts):
        _disable(row, "gone", at)
    elif is_hopeless(row.failing_since, at):
        _disable(row, "failing", at)
    row.save()


def _disable(row: models.Endpoint, why: str, at: datetime) -> None:
    if row.disabled_at is not None:
        return
    row.disabled_at, row.disabled_why = at, why
    said = "it answered 410" if why == "gone" else f"no success for {DISABLED_AFTER.days} days"
    _log.warning("Webhook endpoint %s is disabled: %s. kembali webhooks resume %s", row.pk, said, row.pk)
    payload = {"endpoint_id": row.pk, "why": why}
    fact = collect.NewFact(
        source="relay",
        message_id=f"disabled:{row.pk}:{at.isoformat()}",
        kind="webhook.disabled",
        occurred_at=at,
        payload=payload,
    )
    collect.append_facts([fact], at=at)
