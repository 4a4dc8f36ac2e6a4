"""What programs with a key may write into the log: the payloads that sources write, and kinds of their own.

What kembali itself concludes (merges, segments, mails sent) nobody else may say.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from kembali.collect import door
from kembali.collect.contracts import NewFact
from kembali.collect.errors import BadFact
from kembali.collect.payloads import (
    CartVersion,
    ConsentSaid,
    CustomerSaid,
    OrderNoted,
    OrderVersion,
    ProductVersion,
    ShipmentVersion,
    version_id,
)
from kembali.infra.database import one_transaction

SAYABLE: Mapping[str, type[msgspec.Struct]] = {
    "customer.profile": CustomerSaid,
    "order.version": OrderVersion,
    "order.deleted": OrderNoted,
    "order.restored": OrderNoted,
    "order.cancelled": OrderNoted,
    "order.refunded": OrderNoted,
    "product.version": ProductVersion,
    "cart.version": CartVersion,
    "checkout.version": CartVersion,
    "shipment.version": ShipmentVersion,
    "consent.stated": ConsentSaid,
}
"""Kinds with a shape that is held to."""

_OWN_KIND = re.compile(r"custom\.[a-z0-9_]+(\.[a-z0-9_]+)*")
_LONGEST_KIND = 80
_OBSERVED = frozenset(name for name, shape in SAYABLE.items() if "observed_at" in shape.__struct_fields__)
_SEQS = """
SELECT f.source, f.message_id, f.seq FROM collect_fact f
WHERE (f.source, f.message_id) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
"""


@dataclass(frozen=True, slots=True)
class Said:
    """A fact that is in the log now; `is_new` False where it had been said before."""

    seq: int
    message_id: str
    is_new: bool


def fact_said(
    kind: str,
    payload: Mapping[str, object],
    *,
    source: str,
    identifiers: Mapping[str, str],
    occurred_at: datetime,
    at: datetime,
    message_id: str = "",
    ref: str = "",
) -> NewFact:
    """Return what a program says as a fact.

    Args:
        message_id: the program's own id for it; empty: `ref` and a digest of the content, so that saying the same twice
            is saying it once.

    Raises:
        BadFact: nobody may say this kind, or the payload does not have its shape.
    """
    shape = SAYABLE.get(kind)
    if shape is None and (not _OWN_KIND.fullmatch(kind) or len(kind) > _LONGEST_KIND):
        raise BadFact(f"“{kind[:80]}” cannot be said.", hint=f"Use custom.<name>, or one of {', '.join(SAYABLE)}.")
    content: msgspec.Struct | Mapping[str, object] = payload
    if shape is not None:
        seen = {"observed_at": at, **payload} if kind in _OBSERVED else payload
        try:
            content = msgspec.convert(seen, shape)
        except msgspec.ValidationError as error:
            raise BadFact(f"The payload of {kind} does not fit: {error}.") from None
    return NewFact(
        source=source,
        message_id=message_id or version_id(ref or kind, content),
        kind=kind,
        identifiers={name: value for name, value in identifiers.items() if value},
        occurred_at=occurred_at,
        payload=content,
    )


def say(facts: Sequence[NewFact], *, at: datetime) -> list[Said]:
    """Append facts and return each with its number in the log. Joins the caller's transaction.

    Raises:
        BadFact: one cannot be stored; nothing was appended.
    """
    with one_transaction() as cursor:
        new = door.append(cursor, facts, received_at=at)
        cursor.execute(_SEQS, ([one.source for one in facts], [one.message_id for one in facts]))
        seqs = {(source, message_id): seq for source, message_id, seq in cursor.fetchall()}
    return [
        Said(seqs[one.source, one.message_id], one.message_id, is_new) for one, is_new in zip(facts, new, strict=True)
    ]
