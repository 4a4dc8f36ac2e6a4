"""People: find someone."""

from django.http import HttpResponse

from kembali.kernel.ids import CustomerId, SegmentKey
from kembali.segments import api as segments
from kembali.shop import api as shop
from kembali.web.naming import person_rows
from kembali.web.pages import people as pages
from kembali.web.paging import PAGE_SIZE, cursor_of, pager
from kembali.web.requests import ShopRequest, currency_of

_MOST_MEMBERS = 200_000  # whom a search within a segment looks among


def people(request: ShopRequest) -> HttpResponse:
    """Show who matches a search, within a segment or among everyone."""
    query = request.GET.get("q", "").strip().replace("\x00", "")[:200]
    views = segments.list_segments()
    sizes = segments.sizes_at(request.at, days=30)
    key = SegmentKey(request.GET.get("segment", ""))
    key = key if key in sizes else SegmentKey("")
    found = _find(query, key, request)
    known_count = shop.count_people()
    total = None if query else sizes[key].member_count if key else known_count
    page = pages.PeoplePage(
        currency=currency_of(request),
        people_count=known_count,
        query=query,
        segment_key=key,
        segments=tuple(pages.Choice(view.key, view.name, sizes[view.key].member_count) for view in views),
        rows=person_rows(found.people, request.at),
        pager=pager(request, found.after, total=total),
        question_count=shop.count_questions(request.at),
    )
    return pages.render(request, page)


def _find(query: str, key: SegmentKey, request: ShopRequest) -> shop.PeopleFound:
    after = cursor_of(request)
    start = None if after is None else CustomerId(after)
    if not key:
        return shop.search_people(query, limit=PAGE_SIZE, after=start)
    if query:
        members = segments.members_at(key, request.at, limit=_MOST_MEMBERS)
        return shop.search_people(query, segment_ids=members, limit=PAGE_SIZE, after=start)
    return members_page(key, request, start)


def members_page(
    key: SegmentKey, request: ShopRequest, after: CustomerId | None, *, size: int = PAGE_SIZE
) -> shop.PeopleFound:
    """Return one page of a segment's members: only they are looked up, however large the segment is."""
    members = segments.members_at(key, request.at, limit=size + 1, after=after)
    found = shop.search_people("", segment_ids=members[:size], limit=size)
    return shop.PeopleFound(people=found.people, after=members[size - 1] if len(members) > size else None)
