"""A fact as a line of somebody's timeline: what happened, in words."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import msgspec
from django.urls import reverse
from django.utils.translation import gettext

from kembali.collect import api as collect
from kembali.web import formatting, shopping
from kembali.web.pages.person import TimelineItem, TimelineTone


class Names(msgspec.Struct, frozen=True):
    """The names that keys in facts stand for; the shop's currency, and the numbers of the person's orders.

    left_out: source and number of orders that do not count, because another source tells of the same purchase.
    """

    segments: Mapping[str, str]
    flows: Mapping[str, str]
    currency: str = "EUR"
    orders: frozenset[str] = frozenset()
    left_out: frozenset[tuple[str, str]] = frozenset()


def timeline_items(
    facts: Iterable[collect.Fact], names: Names, claimed: Collection[str] = ()
) -> tuple[TimelineItem, ...]:
    """Return facts, newest first, as lines; of several versions of an order or a cart only the one seen last.

    What a site tells of an order that stands here itself is the same purchase, and no line of its own.

    Args:
        claimed: subjects of browsers that only say they are this person: their facts are marked as such.
    """
    read = [(fact, _members_of(fact)) for fact in facts]
    here = {str(known.get("order_ref")).lstrip("#") for fact, known in read if fact.kind == "order.version"}
    seen: set[object] = set()
    items = []
    for fact, known in read:
        if (ref := shopping.VERSIONED.get(fact.kind)) is not None:
            thing = (fact.source, fact.kind, str(known.get(ref)))
            if thing in seen or (fact.source, thing[2]) in names.left_out:
                continue
            seen.add(thing)
        if _is_told_by_its_order(fact, known, here):
            continue
        item = _item(fact, known, names)
        if collect.subject_of(fact.identifiers) in claimed:
            told = " · ".join(part for part in (item.detail, gettext("claimed, not confirmed")) if part)
            item = replace(item, detail=told, tone="hold")
        items.append(item)
    return tuple(items)


def _is_told_by_its_order(fact: collect.Fact, known: Mapping[str, Any], here: Collection[str]) -> bool:
    is_track = fact.kind == "tracking.track" and isinstance(known.get("event"), str)
    return (
        is_track
        and collect.commerce_name(known["event"]) in collect.ORDER_EVENTS
        and shopping.order_number(known) in here
    )


def happening_of(fact: collect.Fact, names: Names) -> TimelineItem:
    """Return one fact in words."""
    return _item(fact, _members_of(fact), names)


def _members_of(fact: collect.Fact) -> Mapping[str, Any]:
    """Return what a fact says; nothing where it is not in the shape of one, so that no odd fact hides the others."""
    try:
        return fact.decode(dict[str, Any])
    except (msgspec.ValidationError, RecursionError):
        return {}


def _item(fact: collect.Fact, known: Mapping[str, Any], names: Names) -> TimelineItem:
    place, _, event = fact.kind.partition(".")
    if fact.kind == "order.version":
        try:
            return _order(fact)
        except msgspec.ValidationError:
            return TimelineItem(fact.occurred_at, gettext("An order that cannot be read"), tone="away")
    if (told := shopping.item_of(fact, known)) is not None:
        return told
    if place == "segment":
        key = str(known.get("segment"))
        words = gettext("Entered “%(name)s”") if event == "entered" else gettext("Left “%(name)s”")
        title = words % {"name": names.segments.get(key, key)}
        return TimelineItem(fact.occurred_at, title, href=_href("segment", key, names.segments))
    if tell := {"journey": _journey, "message": _message, "tracking": _tracking}.get(place):
        return tell(fact, known, event, names)
    return _other(fact, known)


class _Totals(msgspec.Struct, frozen=True):
    total_minor: int = 0


class _Order(msgspec.Struct, frozen=True):
    """As much of an order as a line of the timeline tells."""

    order_ref: str
    currency: str
    type: str = "order"
    totals: _Totals = _Totals()
    lines: tuple[collect.OrderLine, ...] = ()


def _order(fact: collect.Fact) -> TimelineItem:
    order = fact.decode(_Order)
    words = {
        "cancellation": gettext("Cancellation %(ref)s · %(amount)s"),
        "adjustment": gettext("Adjustment %(ref)s · %(amount)s"),
    }.get(order.type, gettext("Order %(ref)s · %(amount)s"))
    amount = formatting.money(order.totals.total_minor, order.currency)
    title = words % {"ref": order.order_ref, "amount": amount}
    tone: TimelineTone = "back" if order.type == "order" else "away"
    return TimelineItem(fact.occurred_at, title, shopping.things(order.lines), tone)


def _journey(fact: collect.Fact, known: Mapping[str, Any], event: str, names: Names) -> TimelineItem:
    flow = str(known.get("flow"))
    words, tone = _JOURNEY.get(event, ("%(name)s: " + event.replace("_", " "), "plain"))
    detail = gettext("drawn into the holdout: nothing is sent") if known.get("arm") == "holdout" else ""
    name = names.flows.get(flow, flow)
    return TimelineItem(
        fact.occurred_at, gettext(words) % {"name": name}, detail or str(known.get("reason") or ""), tone,
        _href("journey", flow, names.flows),
    )  # fmt: skip


def _message(fact: collect.Fact, known: Mapping[str, Any], event: str, names: Names) -> TimelineItem:
    flow = str(known.get("flow"))
    words, tone = _MESSAGE.get(event, ("Mail: " + event, "plain"))
    if event == "withheld" and known.get("would_send"):
        words = "Mail would have been sent"
    said = [names.flows.get(flow, flow), str(known.get("step") or "").replace("_", " "), str(known.get("reason") or "")]
    return TimelineItem(fact.occurred_at, gettext(words), " · ".join(part for part in said if part), tone)


def _tracking(fact: collect.Fact, known: Mapping[str, Any], event: str, names: Names) -> TimelineItem:
    title = str(known.get("event")) if event == "track" else gettext(_TRACKING.get(event, event))
    name = collect.commerce_name(title) if event == "track" else None
    same = ""
    if name is not None:
        title = shopping.event_words(name, known, names.currency)
        if name in collect.ORDER_EVENTS and shopping.order_number(known) in names.orders:
            same = gettext("the same purchase, counted once")
    context = known.get("context")
    page = context.get("page") if isinstance(context, dict) else None
    path = page.get("path") if isinstance(page, dict) else None
    said = [known.get("name"), path, same, None if known.get("is_trusted") is True else gettext("as a browser says")]
    detail = " · ".join(part for part in said if isinstance(part, str) and part)
    return TimelineItem(fact.occurred_at, title[:300], detail[:300], "plain")


def _href(route: str, key: str, known: Mapping[str, str]) -> str:
    """Return the page of what we know, nothing for a key that only a fact names."""
    return reverse(f"web:{route}", args=[key]) if key in known else ""


def _other(fact: collect.Fact, known: Mapping[str, Any]) -> TimelineItem:
    words, tone = _OTHER.get(fact.kind, (fact.kind.replace(".", " ").replace("_", " ").capitalize(), "plain"))
    said = [str(known[name]) for name in _TOLD if isinstance(known.get(name), str) and known[name]]
    return TimelineItem(fact.occurred_at, gettext(words), " · ".join(said)[:300], tone)


_JOURNEY: dict[str, tuple[str, TimelineTone]] = {
    "enrolled": ("Entered the journey “%(name)s”", "plain"),
    "goal_reached": ("Came back: goal of “%(name)s” reached", "back"),
    "ended": ("Left the journey “%(name)s”", "plain"),
}
_MESSAGE: dict[str, tuple[str, TimelineTone]] = {
    "sent": ("Mail sent", "plain"),
    "delivered": ("Mail delivered", "plain"),
    "opened": ("Mail opened", "plain"),
    "clicked": ("Mail clicked", "back"),
    "failed": ("Mail failed", "away"),
    "unknown": ("Mail: nobody knows whether it arrived", "away"),
    "withheld": ("Mail not sent", "hold"),
}
_TRACKING = {
    "identify": "Said who they are",
    "page": "Looked at a page",
    "screen": "Looked at a screen of the app",
    "group": "Joined a group",
    "alias": "Goes by another name",
}
_OTHER: dict[str, tuple[str, TimelineTone]] = {
    "customer.profile": ("Profile recorded", "plain"),
    "customer.merged": ("Joined with another customer", "plain"),
    "customer.unmerged": ("Separated again", "plain"),
    "consent.given": ("Permission given", "back"),
    "consent.pending": ("Permission asked for, not confirmed yet", "plain"),
    "consent.withdrawn": ("Permission withdrawn", "away"),
    "contact.suppressed": ("Address put on the do-not-contact list", "away"),
    "privacy.requested": ("Demanded by law", "away"),
    "privacy.answered": ("Demand by law answered", "plain"),
    "survey.answered": ("Answered “How was your experience?”", "plain"),
}
_TOLD = ("channel", "purpose", "request", "answer", "words", "reason", "source")
