"""The debugger: facts as they come, and one fact in full."""

import json
from collections.abc import Mapping, Sequence

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext

from kembali.collect import api as collect
from kembali.journeys import api as journeys
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop
from kembali.web import formatting
from kembali.web.happenings import Names, happening_of
from kembali.web.naming import names_of, segment_names
from kembali.web.pages import debugger as pages
from kembali.web.pages.parts import Link, Tag
from kembali.web.pages.people import Choice
from kembali.web.paging import PAGE_SIZE, cursor_of
from kembali.web.requests import ShopRequest

_LONGEST_PAYLOAD = 100_000


def debugger(request: ShopRequest) -> HttpResponse:
    """Show what came in, newest first; on the first page it asks again by itself."""
    query, source, kind = (_asked(request, name) for name in ("q", "source", "kind"))
    before = cursor_of(request, "before")
    sources = [one.source for one in collect.list_sources()]
    if query:
        found = collect.facts_by_message(
            query, sources=[source] if source else sources, kind=kind or None, limit=PAGE_SIZE
        )
    else:
        found = collect.recent_facts(source=source or None, kind=kind or None, before=before, limit=PAGE_SIZE)
    may_live = before is None and not query
    is_live = may_live and request.GET.get("live") != "0"
    page = pages.DebuggerPage(
        at=request.at,
        query=query,
        source=source,
        kind=kind,
        sources=tuple(Choice(one, one) for one in sorted(sources)),
        kinds=tuple(Choice(one, one) for one in collect.kinds_seen()),
        rows=_with_rejected(_rows(found.facts, _names(request)), found, source=source, kind=kind, is_first=may_live),
        is_live=is_live,
        other_way=_other_way(request, is_live=is_live) if may_live else None,
        further_href=_href(request, before=str(found.further)) if found.further else "",
        looked_through=not found.facts and found.further is not None,
    )
    return pages.render_list(request, page)


def fact(request: ShopRequest, seq: int) -> HttpResponse:
    """Show one fact in full."""
    found = collect.fact_of(seq)
    row = _rows([found], _names(request))[0]
    page = pages.FactPage(
        at=request.at,
        seq=seq,
        what=row.what,
        kind=found.kind,
        source=found.source,
        message_id=found.message_id,
        occurred_at=found.occurred_at,
        received_at=found.received_at,
        lag=row.lag,
        identifiers=tuple(found.identifiers.items()),
        person=row.person,
        parked=tuple(pages.ParkedRow(one.consumer, one.reason, one.parked_at) for one in collect.parked_of(seq)),
        payload=_indented(bytes(found.payload)),
        tags=row.tags,
    )
    return pages.render_one(request, page)


def _asked(request: ShopRequest, name: str) -> str:
    return request.GET.get(name, "").strip().replace("\x00", "")[:200]


def _names(request: ShopRequest) -> Names:
    segments = {str(key): name for key, name in segment_names().items()}
    return Names(segments=segments, flows={str(flow.key): flow.name for flow in journeys.list_flows(at=request.at)})


def _rows(facts: Sequence[collect.Fact], names: Names) -> tuple[pages.FactRow, ...]:
    owners = shop.find_customers([one.identifiers for one in facts])
    claimed = _claimed([one for one, owner in zip(facts, owners, strict=True) if owner is None])
    called = names_of({owner for owner in (*owners, *claimed.values()) if owner is not None})
    rows = []
    for one, owner in zip(facts, owners, strict=True):
        told = happening_of(one, names)
        who = claimed.get(one.seq) if owner is None else owner
        person = Link(called[who], reverse("web:person", args=[who])) if who is not None else None
        rows.append(
            pages.FactRow(
                href=reverse("web:debugger-fact", args=[one.seq]),
                received_at=one.received_at,
                what=told.title,
                detail=told.detail,
                kind=one.kind,
                source=one.source,
                message_id=one.message_id,
                lag=_lag(one),
                person=person,
                tags=tuple(_tags(_members_of(one), is_claimed=one.seq in claimed)),
            )
        )
    return tuple(rows)


def _with_rejected(
    rows: tuple[pages.FactRow, ...], found: collect.FactsFound, *, source: str, kind: str, is_first: bool
) -> tuple[pages.FactRow, ...]:
    """Return the rows with what was rejected in the same stretch of time between them."""
    if kind or not (rows or is_first):
        return rows
    kept = collect.list_rejected_events(
        source=source or None,
        since=rows[-1].received_at if rows and found.further else None,
        until=None if is_first else rows[0].received_at,
        limit=PAGE_SIZE,
    )
    return tuple(sorted((*rows, *map(_rejected_row, kept)), key=lambda row: row.received_at, reverse=True))


def _rejected_row(one: collect.RejectedEvent) -> pages.FactRow:
    mended = one.replayed_at is not None
    state = Tag(gettext("rejected, then mended"), "hold") if mended else Tag(gettext("rejected"), "away")
    return pages.FactRow(
        href=f"{reverse('web:rejected')}?before={one.pk + 1}#event-{one.pk}",
        received_at=one.received_at,
        what=one.reason,
        detail="",
        kind=one.call,
        source=one.source,
        message_id="",
        lag="",
        person=None,
        tags=(state,),
    )


def _members_of(one: collect.Fact) -> Mapping[str, object]:
    try:
        payload = json.loads(bytes(one.payload))
    except RecursionError:  # nested by somebody who wanted to see a page fail
        return {}
    return payload if isinstance(payload, dict) else {}


def _claimed(facts: Sequence[collect.Fact]) -> dict[int, CustomerId]:
    """Return whom the browsers of these facts claim to be: of several the first."""
    browsers = {one.seq: browser for one in facts if (browser := one.identifiers.get("anonymous_id"))}
    people = shop.claimed_customers_of(set(browsers.values())) if browsers else {}
    return {seq: people[browser][0] for seq, browser in browsers.items() if people.get(browser)}


def _tags(members: Mapping[str, object], *, is_claimed: bool) -> list[Tag]:
    claim = [Tag(gettext("claimed, not confirmed"), "hold")] if is_claimed else []
    notes = members.get("notes")
    if not isinstance(notes, list):
        return claim
    return claim + [Tag(note.replace("_", " ")[:60], "away") for note in notes if isinstance(note, str)]


def _lag(one: collect.Fact) -> str:
    """Return in words how long after it happened a fact came."""
    seconds = int((one.received_at - one.occurred_at).total_seconds())
    if seconds < 1:
        return gettext("at once")
    return gettext("%(span)s later") % {"span": formatting.duration(seconds)}


def _indented(payload: bytes) -> str:
    try:
        text = json.dumps(json.loads(payload), indent=2, ensure_ascii=False)
    except RecursionError:
        text = payload.decode()
    return text if len(text) <= _LONGEST_PAYLOAD else text[:_LONGEST_PAYLOAD] + "\n…"


def _other_way(request: ShopRequest, *, is_live: bool) -> Link:
    if is_live:
        return Link(gettext("Hold still"), _href(request, live="0"))
    return Link(gettext("Follow"), _href(request, live=""))


def _href(request: ShopRequest, **changes: str) -> str:
    query = QueryDict(mutable=True)
    for name in ("q", "source", "kind", "live"):
        if value := changes.get(name, request.GET.get(name, "")):
            query[name] = value
    if before := changes.get("before"):
        query["before"] = before
    return f"?{query.urlencode()}" if query else request.path
