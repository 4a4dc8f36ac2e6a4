"""Put the gate's question for a whole batch: load what it looks at in a few queries, then decide in memory."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from kembali.consent import api as consent
from kembali.experiments import api as experiments
from kembali.infra.database import raw_cursor
from kembali.kernel.clock import zone
from kembali.kernel.ids import CustomerId, SendRequestId
from kembali.messages.contracts import SendPolicy
from kembali.messages.queries.policy import send_policy
from kembali.messages.rules.gates import Decision, Snapshot, decide
from kembali.messages.services.pending import Pending
from kembali.shop import api as shop

_CONTACTS = """
SELECT customer_id, id, began_at, state = 'would_send' FROM messages_send
WHERE customer_id = ANY(%s) AND purpose = 'marketing' AND began_at > %s AND began_at <= %s
  AND state IN ('handing_over', 'sent', 'unknown', 'would_send')
"""


class AskPermissions(Protocol):
    """`consent.permissions_within` to look, `consent.hold_permissions` to claim."""

    def __call__(
        self, reach: consent.Reach, *, channel: consent.Channel, purpose: consent.Purpose
    ) -> dict[CustomerId, consent.Permission]:
        """Return everybody's permission."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What does not change between looking and claiming: the people's ids, addresses and arms, and the policy."""

    settings: shop.ShopSettings
    policy: SendPolicy
    zone: ZoneInfo
    roots: Mapping[CustomerId, CustomerId]
    reach: consent.Reach
    addresses: Mapping[CustomerId, shop.Address]
    held_out: Collection[CustomerId]

    def person_of(self, pending: Pending) -> CustomerId:
        """Return the root id of whom a request is for."""
        return self.roots.get(pending.customer_id, pending.customer_id)


def load_batch(pending: Sequence[Pending], *, at: datetime) -> Batch:
    """Return what the gate needs to know about these requests' people."""
    ids = sorted({each.customer_id for each in pending})
    marketed = sorted({each.customer_id for each in pending if each.purpose == "marketing"})
    settings = shop.shop_settings()
    return Batch(
        settings=settings,
        policy=send_policy(),
        zone=zone(settings.time_zone),
        roots=shop.root_of(ids),
        reach=consent.reach_of(ids),
        addresses=shop.addresses_of(ids),
        held_out=experiments.globally_held_out(marketed, at=at),
    )


def judge(
    pending: Sequence[Pending], batch: Batch, *, ask: AskPermissions, at: datetime
) -> dict[SendRequestId, Decision]:
    """Return the gate's decision on each request. Permissions and contacts are read here, now."""
    permissions = _permissions(pending, batch, ask)
    contacts = _Contacts(pending, batch, at)
    decisions = {}
    for each in pending:
        address = batch.addresses.get(each.customer_id)
        decisions[each.id] = decide(
            Snapshot(
                at=at,
                purpose=each.purpose,
                expires_at=each.expires_at,
                has_address=address is not None and bool(address.email),
                permission=permissions[each.customer_id, each.purpose],
                globally_held_out=each.customer_id in batch.held_out,
                contacts=contacts.of(each),
                began=each.state not in ("requested", "deferred"),
                policy=batch.policy,
                zone=batch.zone,
            )
        )
    return decisions


def first_per_person(pending: Iterable[Pending], batch: Batch) -> tuple[list[Pending], list[Pending]]:
    """Return one request of each person, and the others: a cap can only count what was decided before."""
    everybody = list(pending)
    firsts: dict[CustomerId, Pending] = {}
    for each in everybody:
        firsts.setdefault(batch.person_of(each), each)
    return list(firsts.values()), [each for each in everybody if firsts[batch.person_of(each)] is not each]


def _permissions(
    pending: Sequence[Pending], batch: Batch, ask: AskPermissions
) -> dict[tuple[CustomerId, consent.Purpose], consent.Permission]:
    found = {}
    for channel, purpose in sorted({(each.channel, each.purpose) for each in pending}):
        ids = {each.customer_id for each in pending if each.purpose == purpose}
        for customer_id, permission in ask(batch.reach.of(ids), channel=channel, purpose=purpose).items():
            found[customer_id, purpose] = permission
    return found


class _Contacts:
    """When people got marketing within the widest cap. For a holdout, what it would have got counts as well."""

    def __init__(self, pending: Sequence[Pending], batch: Batch, at: datetime) -> None:
        self._batch = batch
        self._found: dict[CustomerId, list[tuple[SendRequestId, datetime, bool]]] = {}
        widest = max((cap.window for cap in batch.policy.caps), default=timedelta(0))
        marketed = [each.customer_id for each in pending if each.purpose == "marketing"]
        if not marketed or not widest:
            return
        ids = sorted({member for customer_id in marketed for member in batch.reach.members[customer_id]})
        with raw_cursor() as cursor:
            cursor.execute(_CONTACTS, (ids, at - widest, at))
            for customer_id, send_id, began_at, imagined in cursor.fetchall():
                self._found.setdefault(customer_id, []).append((send_id, began_at, imagined))

    def of(self, pending: Pending) -> list[datetime]:
        return [
            began_at
            for member in self._batch.reach.members[pending.customer_id]
            for send_id, began_at, imagined in self._found.get(member, ())
            if send_id != pending.id and (pending.holdout or not imagined)
        ]
