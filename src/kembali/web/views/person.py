"""One person: everything the rooms know of them, on one page."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.http import HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.utils.translation import gettext

from kembali.collect import api as collect
from kembali.consent import api as consent
from kembali.insight import api as insight
from kembali.journeys import api as journeys
from kembali.kernel.ids import CustomerId, SegmentKey
from kembali.messages import api as messages
from kembali.segments import api as segments
from kembali.shop import api as shop
from kembali.web.buying import cart_rows, is_purchase, order_rows
from kembali.web.happenings import Names, timeline_items
from kembali.web.naming import identifier_name, person_name, segment_names, stage_of
from kembali.web.pages import person as pages
from kembali.web.pages.parts import Tag, Tone
from kembali.web.receipts import message_receipts, planned_items, turned_away
from kembali.web.requests import ShopRequest, currency_of
from kembali.web.rhythms import predictions_of, rhythm_of

_TIMELINE_LENGTH = 40
_ORDERS_SHOWN = 60
_STATES: dict[str, tuple[str, Tone]] = {
    "given": ("given", "back"),
    "not_given": ("not given", "plain"),
    "withdrawn": ("withdrawn", "away"),
}


def person(request: ShopRequest, customer_id: int) -> HttpResponse:
    """Show one person, whichever of their ids is in the address."""
    profile = shop.profile_of(CustomerId(customer_id))
    root = profile.customer_id
    everyone = [root, *profile.merged_from]
    at = request.at
    traits = insight.traits_of([root]).get(root)
    orders = shop.list_orders_of(root)
    names = segment_names()
    inside = segments.segments_of([root], at)[root]
    flows = {str(flow.key): flow.name for flow in journeys.list_flows(at=at)}
    words = _names(names, flows, orders, currency_of(request))
    timeline, further = _timeline(request, root, words)
    counted = [one for one in orders if (one.source, one.order_ref) not in words.left_out]
    stays = segments.stays_of(root)
    page = pages.PersonPage(
        at=at,
        currency=currency_of(request),
        customer_id=root,
        name=_name(profile),
        stage=stage_of(inside, names),
        place=", ".join(part for part in (profile.city, profile.address.country) if part),
        email=profile.address.email,
        phone=profile.address.phone,
        first_seen_at=profile.first_seen_at or at,
        order_count=profile.order_count,
        net_minor=profile.net_minor,
        aov_minor=profile.net_minor // profile.order_count if profile.order_count else None,
        rhythm=rhythm_of(traits, [one.placed_at for one in orders if is_purchase(one)], at),
        predictions=predictions_of(traits, at),
        is_lost=traits is not None and traits.lost_from <= at,
        timeline=timeline,
        timeline_next_href=further,
        orders=order_rows(counted[:_ORDERS_SHOWN], at),
        carts=cart_rows(shop.open_carts_of(root)),
        consents=_consents(root),
        segments=tuple(
            pages.SegmentSpan(one.key, names.get(one.key, one.key), one.entered_at, one.left_at) for one in stays[:20]
        ),
        planned=planned_items(messages.list_planned(everyone), journeys.stays_of(root), flows, at),
        receipts=(
            *message_receipts(messages.list_receipts(everyone, limit=20), flows),
            *turned_away(journeys.decisions_of(root, limit=50)),
        ),
        parts=_parts(root),
        merge_href=reverse("web:person-merge", args=[root]),
    )
    return pages.render(request, page)


def _names(
    segment_keys: Mapping[SegmentKey, str], flows: Mapping[str, str], orders: Sequence[shop.OrderSummary], currency: str
) -> Names:
    standing = {one.order_ref.lstrip("#") for one in orders if one.status != "deleted"}
    return Names(
        segments={str(key): name for key, name in segment_keys.items()},
        flows=flows,
        currency=currency,
        orders=frozenset(one.order_ref.lstrip("#") for one in orders),
        left_out=frozenset(
            (one.source, one.order_ref)
            for one in orders
            if one.status == "deleted" and one.order_ref.lstrip("#") in standing
        ),
    )


def _timeline(request: ShopRequest, root: CustomerId, names: Names) -> tuple[tuple[pages.TimelineItem, ...], str]:
    """Return one page of facts, ended between two instants so that none is lost, and the link to the earlier ones."""
    before = _instant(request.GET.get("before", ""))
    claimed = shop.claimed_subjects_of(root)
    facts = collect.timeline_of([*shop.subjects_of(root), *claimed], limit=_TIMELINE_LENGTH + 1, before=before)
    shown = _whole_instants(facts)
    further = f"?{urlencode({'before': shown[-1].occurred_at.isoformat()})}" if len(facts) > len(shown) else ""
    return timeline_items(shown, names, claimed), further


def _whole_instants(facts: Sequence[collect.Fact]) -> Sequence[collect.Fact]:
    if len(facts) <= _TIMELINE_LENGTH:
        return facts
    last = facts[_TIMELINE_LENGTH].occurred_at
    whole = [fact for fact in facts if fact.occurred_at != last]
    return whole or facts[:_TIMELINE_LENGTH]


def _instant(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _name(profile: shop.Profile) -> str:
    address = profile.address
    ref = next((one.partition(":")[2] for one in profile.identifiers if one.startswith("customer_ref:")), "")
    full = f"{address.first_name} {address.last_name}".strip()
    return person_name(profile.customer_id, name=full, email=address.email, customer_ref=ref)


def _consents(root: CustomerId) -> tuple[pages.ConsentRow, ...]:
    """Return the latest word per channel and purpose, after what may be done by e-mail today."""
    latest: dict[tuple[str, str], consent.ConsentRecord] = {}
    for record in consent.history_of(root):
        latest.setdefault((record.channel, record.purpose), record)
    rows = [
        pages.ConsentRow(
            channel=_channel(record.channel),
            purpose=record.purpose,
            state=Tag(*_STATES[record.state]),
            evidence=" · ".join(
                part for part in (record.source, record.basis.replace("_", " "), record.wording) if part
            ),
            since=record.occurred_at,
        )
        for record in latest.values()
    ]
    permission = consent.permissions_of([root], channel="email", purpose="marketing").get(root)
    if permission is not None and permission.suppressed_by:
        state = Tag(gettext("stopped"), "away")
        reason = gettext("on the do-not-contact list: %(reason)s") % {"reason": permission.suppressed_by}
        rows.insert(0, pages.ConsentRow(_channel("email"), gettext("all marketing"), state, reason, None))
    return tuple(rows)


def _channel(channel: str) -> str:
    return {"email": gettext("E-mail"), "sms": "SMS", "whatsapp": "WhatsApp"}.get(channel, channel.replace("_", " "))


def _parts(root: CustomerId) -> tuple[pages.Part, ...]:
    parts = [one for one in shop.parts_of(root) if one.identifiers]
    return tuple(
        pages.Part(
            names=tuple(identifier_name(name) for name in one.identifiers),
            tied_by=tuple(identifier_name(name) for name in one.tied_by),
            order_count=one.order_count,
            is_shared=one.is_shared,
            take_out_href=reverse("web:person-take-out", args=[one.customer_id]) if len(parts) > 1 else "",
        )
        for one in parts
    )
