"""May these people be contacted? Answered for many at once, over all ids of each person."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from kembali.consent.contracts import Channel, Permission, Purpose, Standing, SuppressionReason
from kembali.consent.keys import key_for
from kembali.consent.locks import lock_for_sending
from kembali.consent.rules.addresses import address_hmac
from kembali.consent.rules.standing import permission_for, strictest
from kembali.infra.database import raw_cursor
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose word counts for each customer: every id of the person, and their address as the list knows it."""

    members: dict[CustomerId, Sequence[CustomerId]]
    hmacs: dict[CustomerId, bytes]

    def of(self, customer_ids: Collection[CustomerId]) -> "Reach":
        """Return the part about these customers."""
        return Reach(
            {each: self.members[each] for each in customer_ids},
            {each: self.hmacs[each] for each in customer_ids if each in self.hmacs},
        )

    @property
    def member_ids(self) -> list[CustomerId]:
        """Return every id, ascending."""
        return sorted({member for members in self.members.values() for member in members})


def permissions_of(
    customer_ids: Collection[CustomerId], *, channel: Channel, purpose: Purpose
) -> dict[CustomerId, Permission]:
    """Return everybody's permission; the strictest of a person's merged ids, and the suppression list, decide."""
    return _permissions(reach_of(customer_ids), channel, purpose)


def permissions_within(reach: Reach, *, channel: Channel, purpose: Purpose) -> dict[CustomerId, Permission]:
    """Return everybody's permission as `permissions_of` does, for people looked up before."""
    return _permissions(reach, channel, purpose)


def hold_permissions(reach: Reach, *, channel: Channel, purpose: Purpose) -> dict[CustomerId, Permission]:
    """Return everybody's permission and keep it so until the caller's transaction ends.

    Whoever withdraws meanwhile waits; what was withdrawn before is seen. Call it in the transaction that claims a send.
    """
    with raw_cursor() as cursor:
        lock_for_sending(cursor, reach.member_ids, reach.hmacs.values())
    return _permissions(reach, channel, purpose)


def standings_of(customer_ids: Iterable[CustomerId], channel: Channel, purpose: Purpose) -> dict[CustomerId, Standing]:
    """Return what holds for each stored id, merges left aside."""
    with raw_cursor() as cursor:
        cursor.execute(
            "SELECT customer_id, state, basis, since, confirmed_at FROM consent_current "
            "WHERE customer_id = ANY(%s) AND channel = %s AND purpose = %s",
            (list(customer_ids), channel, purpose),
        )
        return {row[0]: Standing(*row[1:]) for row in cursor.fetchall()}


def reach_of(customer_ids: Collection[CustomerId]) -> Reach:
    """Look up whose word counts for each customer, now: merges and addresses of later are not seen."""
    key = key_for("suppression")
    members = shop.members_of(list(customer_ids))
    addresses = shop.addresses_of(list(customer_ids))
    return Reach(
        {each: members.get(each, (each,)) for each in customer_ids},
        {each: address_hmac(key, address.email) for each, address in addresses.items() if address.email},
    )


def _permissions(reach: Reach, channel: Channel, purpose: Purpose) -> dict[CustomerId, Permission]:
    standings = standings_of(reach.member_ids, channel, purpose)
    suppressed = _suppressions(set(reach.hmacs.values()), channel)
    return {
        customer_id: permission_for(
            purpose,
            strictest(standings[member] for member in members if member in standings),
            suppressed.get(reach.hmacs.get(customer_id, b""), ()),
        )
        for customer_id, members in reach.members.items()
    }


def _suppressions(hmacs: Collection[bytes], channel: Channel) -> dict[bytes, list[SuppressionReason]]:
    with raw_cursor() as cursor:
        cursor.execute(
            "SELECT address_hmac, reason FROM consent_suppression "
            "WHERE channel = %s AND address_hmac = ANY(%s) AND lifted_at IS NULL",
            (channel, list(hmacs)),
        )
        found: dict[bytes, list[SuppressionReason]] = {}
        for hmac, reason in cursor.fetchall():
            found.setdefault(bytes(hmac), []).append(reason)
        return found
