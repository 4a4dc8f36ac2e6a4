"""Reading a list that changes while it is read: in the order of modification, from the last instant seen on."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import msgspec

from kembali.collect.payloads import OrderStatus

BEGIN = datetime(2000, 1, 1, tzinfo=UTC)  # before anything that is asked for

_ON_ITS_WAY: Mapping[OrderStatus, int] = MappingProxyType(
    {"pending": 0, "paid": 1, "cancelled": 2, "refunded": 3, "deleted": 4}
)


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where reading goes on: with what was modified after an instant, from a page (1 is the first) on."""

    after: datetime | None = None
    page: int = 1

    def text(self) -> str:
        """Return it as a cursor."""
        return msgspec.json.encode(self).decode()


def place_of(cursor: str | None) -> Place:
    """Return the place a cursor stands for; the beginning without one."""
    return msgspec.json.decode(cursor, type=Place) if cursor else Place()


def place_after(place: Place, begin: datetime, modified: Iterable[datetime]) -> Place:
    """Return where reading goes on after a full page, asked for from `place.after`, at first from `begin` on.

    Pages by number pass things over: what is modified meanwhile moves to the end, and all behind it one place forward.
    So the next page begins at the last instant seen (its second may go on, and is read again); only a second with more
    things than fit on a page is read by page numbers.
    """
    after = place.after or begin
    further = max(modified, default=after).replace(microsecond=0) - timedelta(seconds=1)
    return Place(after=further) if further > after else Place(after=after, page=place.page + 1)


def further_on(modified: datetime, status: OrderStatus, *, steps: int = 0) -> datetime:
    """Return an instant told in whole seconds, some microseconds later the further its order is on its way.

    Orders are often placed, paid and more within one second. Of two versions of one second the one further on counts;
    a version of the next second always wins.

    Args:
        steps: below 100,000; what happened since the order got this status.
    """
    return modified.replace(microsecond=0) + timedelta(microseconds=_ON_ITS_WAY[status] * 100_000 + steps)
