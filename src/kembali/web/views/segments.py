"""The list of segments."""

from datetime import datetime, timedelta

from django.http import HttpResponse

from kembali.segments import api as segments
from kembali.shop import api as shop
from kembali.web.pages import segments as pages
from kembali.web.requests import ShopRequest
from kembali.web.sizes import counted_from, counted_instants

DAYS = 30


def segments_list(request: ShopRequest) -> HttpResponse:
    """Show every segment with its size and how it moved."""
    at = request.at
    views = [view for view in segments.list_segments() if view.refreshed_at is not None]
    sizes = segments.sizes_at(at, days=DAYS)
    instants = counted_instants(at, count=9)
    moves_known = moves_counted(at)
    page = pages.SegmentsPage(
        at=at,
        days=DAYS,
        people_count=shop.count_people(),
        refreshed_at=max((view.refreshed_at for view in views if view.refreshed_at), default=None),
        rows=tuple(
            pages.SegmentRow(
                key=view.key,
                title=view.name,
                sentence=view.sentence,
                member_count=sizes[view.key].member_count,
                entered_count=sizes[view.key].entered_count if moves_known else None,
                left_count=sizes[view.key].left_count if moves_known else None,
                trend=tuple(segments.growth_of(view.key, instants)),
            )
            for view in views
        ),
    )
    return pages.render_list(request, page)


def moves_counted(at: datetime) -> bool:
    """Return whether who entered and left was counted during all of the last `DAYS` days."""
    return counted_from(at) <= at - timedelta(days=DAYS)
