"""Stop: the suppression list and one-click unsubscription."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kembali.collect import api as collect
from kembali.consent.contracts import Channel, NewConsent, SuppressionReason, Unsubscribed
from kembali.consent.keys import key_for
from kembali.consent.locks import lock_addresses_for_change
from kembali.consent.queries.permissions import standings_of
from kembali.consent.rules.addresses import address_hmac
from kembali.consent.rules.tokens import read_token
from kembali.consent.services.recording import give_consent, record_many
from kembali.infra.database import one_transaction
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop

_SUPPRESS = """
INSERT INTO consent_suppression (channel, address_hmac, reason, source, occurred_at, recorded_at)
SELECT *, %s::timestamptz
FROM unnest(%s::text[], %s::bytea[], %s::text[], %s::text[], %s::timestamptz[])
ORDER BY 1, 2, 3
ON CONFLICT (channel, address_hmac, reason) DO UPDATE SET
    lifted_at = NULL, source = EXCLUDED.source, occurred_at = EXCLUDED.occurred_at, recorded_at = EXCLUDED.recorded_at
    WHERE consent_suppression.lifted_at IS NOT NULL
RETURNING id, channel, address_hmac, reason
"""
_LIFT = """
UPDATE consent_suppression SET lifted_at = %s
WHERE channel = %s AND address_hmac = %s AND reason = 'unsubscribe' AND lifted_at IS NULL AND occurred_at < %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSuppression:
    """An address to put on the list, and whose it is where that is known."""

    email: str
    reason: SuppressionReason
    source: str
    occurred_at: datetime
    channel: Channel = "email"
    customer_id: CustomerId | None = None


def suppress(
    *,
    email: str,
    reason: SuppressionReason,
    source: str,
    occurred_at: datetime,
    at: datetime,
    channel: Channel = "email",
    customer_id: CustomerId | None = None,
) -> bool:
    """Put an address on the list; return False where it stood there already. Joins the caller's transaction."""
    entry = NewSuppression(
        email=email, reason=reason, source=source, occurred_at=occurred_at, channel=channel, customer_id=customer_id
    )
    return bool(suppress_many([entry], at=at))


def suppress_many(entries: Sequence[NewSuppression], *, at: datetime) -> int:
    """Put addresses on the list; return how many did not stand there. Joins the caller's transaction."""
    key = key_for("suppression")
    by_place = {(one.channel, address_hmac(key, one.email), one.reason): one for one in entries}
    if not by_place:
        return 0
    with one_transaction() as cursor:
        lock_addresses_for_change(cursor, [hashed for _, hashed, _ in by_place])
        channels, hashes, reasons = (list(words) for words in zip(*by_place, strict=True))
        said = list(by_place.values())
        cursor.execute(
            _SUPPRESS,
            (at, channels, hashes, reasons, [one.source for one in said], [one.occurred_at for one in said]),
        )
        facts = [
            _suppressed(row_id, by_place[channel, bytes(hashed), reason])
            for row_id, channel, hashed, reason in cursor.fetchall()
        ]
        collect.append_facts(facts, at=at)
        return len(facts)


def _suppressed(row_id: int, entry: NewSuppression) -> collect.NewFact:
    return collect.NewFact(
        source="consent",
        message_id=f"suppressed:{row_id}:{entry.occurred_at.isoformat()}",
        kind="contact.suppressed",
        occurred_at=entry.occurred_at,
        payload={"channel": entry.channel, "reason": entry.reason, "source": entry.source},
        identifiers={} if entry.customer_id is None else {"customer_id": str(entry.customer_id)},
    )


def unsubscribe(
    token: str, *, at: datetime, source: str, evidence: Mapping[str, str | int] | None = None
) -> Unsubscribed:
    """Withdraw what the token is about and suppress the present address, in one transaction. Repeatable.

    Args:
        source: how it came: "one_click" for RFC 8058's POST, "page" for the button.

    Raises:
        TokenNotValid: we did not make this token.
    """
    customer_id, channel, purpose = read_token(key_for("unsubscribe"), token)
    with one_transaction():
        held = standings_of([customer_id], channel, purpose).get(customer_id)
        statement = NewConsent(
            customer_id=customer_id,
            channel=channel,
            purpose=purpose,
            state="withdrawn",
            basis="opt_in",
            # A clock that was ahead when they agreed must not outvote them now.
            occurred_at=at if held is None else max(at, held.confirmed_at),
            source=source,
            evidence=evidence or {},
        )
        changed = bool(record_many([statement], at=at))
        address = shop.addresses_of([customer_id]).get(customer_id)
        if purpose == "marketing" and channel == "email" and address is not None and address.email:
            suppress(
                email=address.email,
                reason="unsubscribe",
                source=source,
                occurred_at=at,
                at=at,
                channel=channel,
                customer_id=customer_id,
            )
    return Unsubscribed(customer_id, channel, purpose, changed)


def resubscribe(
    *,
    customer_id: CustomerId,
    wording: str,
    language: str,
    source: str,
    evidence: Mapping[str, str | int],
    at: datetime,
) -> bool:
    """Record that a person asked for marketing mails again, and lift their unsubscription from the list.

    Bounces, complaints and manual entries stay: an opt-in does not mend an address.
    """
    with one_transaction() as cursor:
        changed = give_consent(
            customer_id=customer_id,
            channel="email",
            purpose="marketing",
            basis="opt_in",
            wording=wording,
            language=language,
            source=source,
            evidence=evidence,
            occurred_at=at,
            at=at,
        )
        address = shop.addresses_of([customer_id]).get(customer_id)
        if address is not None and address.email:
            hashed = address_hmac(key_for("suppression"), address.email)
            lock_addresses_for_change(cursor, [hashed])
            cursor.execute(_LIFT, (at, "email", hashed, at))
        return changed
