"""The proof behind permissions: who said what, when, and what they were shown."""

from typing import Any

import msgspec

from kembali.consent.contracts import Channel, ConsentRecord, Purpose, TokenSubject
from kembali.consent.keys import key_for
from kembali.consent.queries.permissions import permissions_of
from kembali.consent.rules.addresses import mask_email
from kembali.consent.rules.tokens import make_token, read_token
from kembali.infra.database import raw_cursor
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop

_HISTORY = """
SELECT id, customer_id, channel, purpose, state, basis, wording, language, source, evidence::text, occurred_at,
       recorded_at
FROM consent_record WHERE customer_id = ANY(%s) ORDER BY occurred_at DESC, id DESC
"""


def history_of(customer_id: CustomerId) -> list[ConsentRecord]:
    """Return every statement about a person, under any of their ids, newest first."""
    members = shop.members_of([customer_id]).get(customer_id, (customer_id,))
    with raw_cursor() as cursor:
        cursor.execute(_HISTORY, (list(members),))
        return [_record(row) for row in cursor.fetchall()]


def unsubscribe_token(customer_id: CustomerId, channel: Channel, purpose: Purpose) -> str:
    """Return the token that stops `purpose` on `channel` for this person: 16 to 26 characters, valid for ever.

    Raises:
        BadPermission: no such channel and purpose.
    """
    return make_token(key_for("unsubscribe"), customer_id, channel, purpose)


def describe_token(token: str) -> TokenSubject:
    """Return what a token is about; changes nothing, because scanners follow every link.

    Raises:
        TokenNotValid: we did not make it.
    """
    customer_id, channel, purpose = read_token(key_for("unsubscribe"), token)
    address = shop.addresses_of([customer_id]).get(customer_id)
    permission = permissions_of([customer_id], channel=channel, purpose=purpose)[customer_id]
    return TokenSubject(
        customer_id=customer_id,
        channel=channel,
        purpose=purpose,
        masked_email=mask_email(address.email if address and address.email else ""),
        withdrawn=not permission.allowed,
    )


def _record(row: tuple[Any, ...]) -> ConsentRecord:
    values = dict(zip(ConsentRecord.__slots__, row, strict=True))
    return ConsentRecord(**{**values, "evidence": msgspec.json.decode(values["evidence"], type=dict[str, str | int])})
