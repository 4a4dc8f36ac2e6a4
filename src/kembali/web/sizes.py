"""Sizes of segments over time: only as far back as history was counted, not as far as members' rows reach."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext

from kembali.collect import api as collect
from kembali.kernel.ids import SegmentKey
from kembali.segments import api as segments
from kembali.web import formatting
from kembali.web.pages.parts import Chart, Point

_LOOK_BACK = timedelta(days=180)


def counted_from(at: datetime) -> datetime:
    """Return since when entering and leaving is counted as it happens: the latest import; long ago without one."""
    imports = [one for one in collect.list_imports(limit=50) if one.accepted_count or one.finished_at is None]
    return max((one.started_at + timedelta(days=1) for one in imports), default=at - timedelta(days=3650))


def counted_instants(at: datetime, *, count: int) -> Sequence[datetime]:
    """Return instants, evenly apart and the last one `at`, from the latest imported history on; few or none at first.

    Who left before an import is in nobody's row: sizes before it would grow out of nothing.
    """
    start = max(at - _LOOK_BACK, counted_from(at))
    if (at - start) // timedelta(days=1) < count:
        return ()
    return [at - (at - start) * (count - 1 - index) / (count - 1) for index in range(count)]


def growth_chart(key: SegmentKey, at: datetime) -> Chart | None:
    """Return a segment's size over time, None while there is too little of it."""
    instants = counted_instants(at, count=13)
    if not instants:
        return None
    sizes = segments.growth_of(key, instants)
    zone = get_current_timezone()
    words = gettext("From %(first)s to %(last)s people.") % {"first": sizes[0], "last": sizes[-1]}
    return Chart(
        key=f"size-{key}",
        title=gettext("Size over time"),
        caption=gettext("people at each date"),
        summary=words,
        unit="count",
        points=tuple(
            Point(formatting.day(instant, zone), Decimal(size)) for instant, size in zip(instants, sizes, strict=True)
        ),
    )
