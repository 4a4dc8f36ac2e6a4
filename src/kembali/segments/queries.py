"""Read segments and their members, now and at any past instant. Loads no engine.

History begins with a segment's first refresh: whoever was a member then is in it since the instant their row says.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from kembali.kernel.ids import CustomerId, SegmentKey
from kembali.segments.ast import from_data
from kembali.segments.contracts import SegmentView, Size, Stay
from kembali.segments.errors import SegmentNotFound
from kembali.segments.models import Membership, Segment
from kembali.segments.registry import catalogue
from kembali.segments.rules import sentence


def list_segments() -> list[SegmentView]:
    """Return all segments in the order they were made."""
    rows = list(Segment.objects.order_by("id"))
    names = {row.key: row.name for row in rows}
    return [_view(row, names) for row in rows]


def find_segment(key: SegmentKey) -> SegmentView:
    """Return one segment.

    Raises:
        SegmentNotFound: there is none with this key.
    """
    found = next((view for view in list_segments() if view.key == key), None)
    if found is None:
        raise SegmentNotFound(f"There is no segment “{key}”.")
    return found


def members_at(key: SegmentKey, at: datetime, *, limit: int, after: CustomerId | None = None) -> list[CustomerId]:
    """Return up to `limit` members at an instant, by ascending id, beginning after `after`."""
    rows = Membership.objects.filter(_inside(at), segment__key=key, customer_id__gt=after or 0)
    return [CustomerId(i) for i in rows.order_by("customer_id").values_list("customer_id", flat=True)[:limit]]


def segments_of(customer_ids: Sequence[CustomerId], at: datetime) -> Mapping[CustomerId, frozenset[SegmentKey]]:
    """Return the segments each customer is in at an instant."""
    found: dict[CustomerId, set[SegmentKey]] = {customer: set() for customer in customer_ids}
    rows = Membership.objects.filter(_inside(at), customer_id__in=customer_ids)
    for customer, key in rows.values_list("customer_id", "segment__key"):
        found[CustomerId(customer)].add(SegmentKey(key))
    return {customer: frozenset(keys) for customer, keys in found.items()}


def stays_of(customer_id: CustomerId) -> list[Stay]:
    """Return every interval of one customer, newest first."""
    return _stays(Membership.objects.filter(customer_id=customer_id).order_by("-entered_at"))


def sizes_at(at: datetime, *, days: int) -> Mapping[SegmentKey, Size]:
    """Return the size of each segment at an instant, with who entered and left in the `days` before it."""
    start = at - timedelta(days=days)
    rows = Segment.objects.annotate(
        members=Count("membership", filter=_inside(at, "membership__")),
        entered=Count("membership", filter=Q(membership__entered_at__gt=start, membership__entered_at__lte=at)),
        left=Count("membership", filter=Q(membership__left_at__gt=start, membership__left_at__lte=at)),
    )
    return {SegmentKey(row.key): Size(row.members, row.entered, row.left) for row in rows}


def growth_of(key: SegmentKey, instants: Sequence[datetime]) -> list[int]:
    """Return a segment's size at each instant."""
    if not instants:
        return []
    counts = {f"at_{n}": Count("customer_id", filter=_inside(at)) for n, at in enumerate(instants)}
    found = Membership.objects.filter(segment__key=key).aggregate(**counts)
    return [found[f"at_{n}"] for n in range(len(instants))]


def recent_moves(key: SegmentKey, at: datetime, *, limit: int) -> list[Stay]:
    """Return the intervals of a segment that began or ended last before an instant, latest first."""
    rows = Membership.objects.filter(segment__key=key, entered_at__lte=at)
    entered = _stays(rows.order_by("-entered_at")[:limit])
    left = _stays(rows.filter(left_at__lte=at).order_by("-left_at")[:limit])
    together = {(stay.customer_id, stay.entered_at): stay for stay in (*entered, *left)}
    return sorted(together.values(), key=lambda stay: stay.left_at or stay.entered_at, reverse=True)[:limit]


def _stays(rows: QuerySet[Membership]) -> list[Stay]:
    values = rows.values_list("segment__key", "customer_id", "entered_at", "left_at")
    return [Stay(SegmentKey(key), CustomerId(customer), entered, left) for key, customer, entered, left in values]


def _inside(at: datetime, prefix: str = "") -> Q:
    still = Q(**{f"{prefix}left_at__isnull": True}) | Q(**{f"{prefix}left_at__gt": at})
    return Q(**{f"{prefix}entered_at__lte": at}) & still


def _view(row: Segment, names: Mapping[str, str]) -> SegmentView:
    rule = from_data(row.rule)
    return SegmentView(
        key=SegmentKey(row.key),
        name=row.name,
        question=row.question,
        rule=rule,
        sentence=sentence(rule, catalogue().attributes, names),
        version=row.version,
        refreshed_at=row.refreshed_at,
    )
