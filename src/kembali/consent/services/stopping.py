"""Stop: the suppression list and one-click unsubscription."""

from collections.abc import Mapping
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
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (channel, address_hmac, reason) DO UPDATE SET
    lifted_at = NULL, source = EXCLUDED.source, occurred_at = EXCLUDED.occurred_at, recorded_at = EXCLUDED.recorded_at
    WHERE consent_suppression.lifted_at IS NOT NULL
RETURNING id
"""
_LIFT = """
UPDATE consent_suppression SET lifted_at = %s
WHERE channel = %s AND address_hmac = %s AND reason = 'unsubscribe' AND lifted_at IS NULL AND occurred_at < %s
"""


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
    hashed = address_hmac(key_for("suppression"), email)
    with one_transaction() as cursor:
        lock_addresses_for_change(cursor, [hashed])
        cursor.execute(_SUPPRESS, (channel, hashed, reason, source, occurred_at, at))
        row = cursor.fetchone()
        if row is None:
            return False
        fact = collect.NewFact(
            source="consent",
            message_id=f"suppressed:{row[0]}:{occurred_at.isoformat()}",
            kind="contact.suppressed",
            occurred_at=occurred_at,
            payload={"channel": channel, "reason": reason, "source": source},
            identifiers={} if customer_id is None else {"customer_id": str(customer_id)},
        )
        collect.append_facts([fact], at=at)
        return True


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
