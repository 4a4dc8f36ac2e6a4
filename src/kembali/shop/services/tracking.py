"""Tracking events → identity: whom trusted events name, and whom a browser claims to be.

Most events say nothing new about who is who: those of a browser that has named nobody are passed over unread.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from kembali.collect.api import Consumer, Fact
from kembali.infra.database import one_transaction
from kembali.shop.contracts.settings import ShopSettings
from kembali.shop.payloads import CustomerDetails
from kembali.shop.queries.settings import shop_settings
from kembali.shop.rules import Identifier, can_tie, normal_identifiers
from kembali.shop.services.claiming import Claimed, put_claims
from kembali.shop.services.identity import Known, read_identifiers, tie_customers
from kembali.shop.services.locking import lock_shop
from kembali.shop.services.persons import Saying, learn
from kembali.shop.services.renaming import rename
from kembali.shop.services.spelling import keep_spellings
from kembali.shop.services.traits import details_of

_CLAIMABLE = ("customer_ref", "email")
_NAMING = (b'"userId"', b'"traits"')
_LONGEST_CLAIM = 200


class _Event(msgspec.Struct, gc=False):
    """What an event says about who sent it. Shapes inside are looked at where they count."""

    is_trusted: bool = False
    user_id: Any = msgspec.field(default=None, name="userId")
    previous_id: Any = msgspec.field(default=None, name="previousId")
    traits: Any = None
    context: Any = None

    @property
    def all_traits(self) -> dict[str, Any]:
        """What identify says; RudderStack's SDKs put it into the context, of every event."""
        shared = self.context.get("traits") if isinstance(self.context, dict) else None
        return {name: value for said in (shared, self.traits) if isinstance(said, dict) for name, value in said.items()}


_decode = msgspec.json.Decoder(_Event).decode


def fold_tracking(facts: Sequence[Fact], at: datetime) -> None:
    """Fold a batch of tracking events into identity, set-based.

    Raises:
        ShopNotSetUp: there is no shop to fold into.
    """
    shop = shop_settings()
    events = [(fact, _decode(fact.payload)) for fact in facts if _names_somebody(fact)]
    trusted = [(fact, event) for fact, event in events if event.is_trusted]
    first_at: dict[Claimed, datetime] = {}
    for fact, event in events:
        for claim in () if event.is_trusted else _claims(fact, event, shop):
            first_at[claim] = min(fact.occurred_at, first_at.get(claim, fact.occurred_at))
    if not trusted and not first_at:
        return
    with one_transaction() as cursor:
        lock_shop(cursor)
        if trusted:
            per_fact = [read_identifiers(fact.identifiers, shop) for fact, _ in trusted]
            aliases = [_renamed(event, shop) for fact, event in trusted if fact.kind == "tracking.alias"]
            met = [[*now, *browser] for now, _, browser in aliases]
            known = tie_customers(cursor, [*per_fact, *met, *(before for _, before, _ in aliases)], at=at)
            rename(cursor, [(before[0], now[0]) for now, before, _ in aliases if now and before], known, at=at)
            keep_spellings(cursor, [fact.identifiers for fact, _ in trusted], per_fact, known)
            learn(cursor, _sayings(trusted, per_fact, known), shop)
        put_claims(cursor, first_at)


TRACKING = Consumer(
    "shop.tracking",
    frozenset(f"tracking.{call}" for call in ("identify", "alias", "track", "page", "screen", "group")),
    fold_tracking,
)


def _names_somebody(fact: Fact) -> bool:
    payload = bytes(fact.payload)
    return any(name in payload for name in _NAMING)


def _claims(fact: Fact, event: _Event, shop: ShopSettings) -> Iterator[Claimed]:
    """Yield whom a browser claims to be: by a number of the shop's, or by an address."""
    browser = dict(read_identifiers(fact.identifiers, shop)).get("anonymous_id")
    said = {"customer_ref": event.user_id, "email": details_of(event.all_traits).email}
    named = {kind: value for kind, value in said.items() if isinstance(value, str) and len(value) <= _LONGEST_CLAIM}
    for identifier in normal_identifiers(named, country=shop.country, placeholders=shop.placeholders):
        if browser is not None and identifier[0] in _CLAIMABLE and can_tie(identifier):
            yield Claimed(browser, identifier)


def _renamed(event: _Event, shop: ShopSettings) -> tuple[list[Identifier], list[Identifier], list[Identifier]]:
    """Return what an alias names: the customer, and the previous id as a customer's and as a browser's."""
    if not isinstance(event.user_id, str) or event.user_id == event.previous_id:
        return [], [], []
    now, before, browser = (
        normal_identifiers({kind: value} if isinstance(value, str) else {}, placeholders=shop.placeholders)
        for kind, value in (
            ("customer_ref", event.user_id),
            ("customer_ref", event.previous_id),
            ("anonymous_id", event.previous_id),
        )
    )
    return now, before, browser


def _sayings(
    trusted: Sequence[tuple[Fact, _Event]], per_fact: Sequence[Sequence[Identifier]], known: Known
) -> Iterator[Saying]:
    for (fact, event), identifiers in zip(trusted, per_fact, strict=True):
        if identifiers and identifiers[0] in known:
            said_at = fact.occurred_at.astimezone(UTC)
            # Only identify speaks of the customer: others repeat what they were told.
            details = details_of(event.all_traits) if fact.kind == "tracking.identify" else CustomerDetails()
            yield Saying(known[identifiers[0]].customer_id, said_at, said_at, details)
