"""One segment: its rule read aloud, its people, who can be reached, how it moved."""

from collections.abc import Iterator
from datetime import datetime

import msgspec
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from kembali.consent import api as consent
from kembali.journeys import api as journeys
from kembali.kernel.ids import CustomerId, SegmentKey
from kembali.segments import api as segments
from kembali.shop import api as shop
from kembali.web.naming import names_of, person_rows
from kembali.web.pages import segments as pages
from kembali.web.pages.parts import Link
from kembali.web.paging import cursor_of, pager
from kembali.web.requests import ShopRequest, currency_of
from kembali.web.sizes import growth_chart
from kembali.web.views.people import members_page
from kembali.web.views.segments import DAYS, moves_counted

_MEMBERS_SHOWN = 20
_MOST_REACHED = 10_000  # larger segments are not counted person by person while a page is made


def segment(request: ShopRequest, key: str) -> HttpResponse:
    """Show one segment."""
    at = request.at
    view = segments.find_segment(SegmentKey(key))
    size = segments.sizes_at(at, days=DAYS)[view.key]
    after = cursor_of(request)
    found = members_page(view.key, request, None if after is None else CustomerId(after), size=_MEMBERS_SHOWN)
    page = pages.SegmentPage(
        at=at,
        currency=currency_of(request),
        key=view.key,
        title=view.name,
        sentence=view.sentence,
        rule_yaml=msgspec.yaml.encode(segments.to_data(view.rule)).decode(),
        member_count=size.member_count,
        days=DAYS,
        entered_count=size.entered_count if moves_counted(at) else None,
        left_count=size.left_count if moves_counted(at) else None,
        growth=growth_chart(view.key, at),
        reach=_reach(view.key, size.member_count, at),
        moves=_moves(view.key, at),
        just_inside=(),
        just_outside=(),
        used_by=tuple(_users(view.key, at)),
        members=person_rows(found.people, at),
        pager=pager(request, found.after, total=size.member_count),
    )
    return pages.render_one(request, page)


def _reach(key: SegmentKey, member_count: int, at: datetime) -> tuple[pages.ReachStep, ...]:
    """Return how many are left after each condition of a marketing mail; nothing for very large segments."""
    if not 0 < member_count <= _MOST_REACHED:
        return ()
    members = segments.members_at(key, at, limit=_MOST_REACHED)
    permissions = consent.permissions_of(members, channel="email", purpose="marketing")
    addresses = shop.addresses_of(members)
    reached = [one for one in members if one in addresses and addresses[one].email]
    steps = [pages.ReachStep(gettext("match the rule"), len(members), 0)]
    steps.append(pages.ReachStep(gettext("have an e-mail address"), len(reached), len(members) - len(reached)))
    consented = [one for one in reached if permissions[one].consented]
    steps.append(pages.ReachStep(gettext("gave permission"), len(consented), len(reached) - len(consented)))
    allowed = [one for one in consented if permissions[one].allowed]
    steps.append(pages.ReachStep(gettext("are not on the stop list"), len(allowed), len(consented) - len(allowed)))
    return tuple(steps)


def _moves(key: SegmentKey, at: datetime) -> tuple[pages.Move, ...]:
    stays = segments.recent_moves(key, at, limit=12)
    names = names_of([stay.customer_id for stay in stays])
    return tuple(
        pages.Move(
            customer_id=stay.customer_id,
            name=names[stay.customer_id],
            at=stay.left_at if stay.left_at is not None and stay.left_at <= at else stay.entered_at,
            entered=stay.left_at is None or stay.left_at > at,
            why="",
        )
        for stay in stays
    )


def _users(key: SegmentKey, at: datetime) -> Iterator[Link]:
    launched = [journeys.flow_of(summary.key).flow for summary in journeys.list_flows(at=at)]
    shipped = [playbook.flow for playbook in journeys.list_playbooks()]
    for flow in {flow.key: flow for flow in (*shipped, *launched)}.values():
        if getattr(flow.trigger, "segment", None) == key:
            yield Link(flow.name, reverse("web:journey", args=[flow.key]))
