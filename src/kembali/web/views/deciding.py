"""Who is who, where a person decides; every answer can be taken back."""

from collections.abc import Sequence
from datetime import timedelta

from django.contrib import messages as notes
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext

from kembali.collect import api as collect
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop
from kembali.web.auth import staff_of
from kembali.web.naming import identifier_name, names_of, person_name
from kembali.web.pages import deciding as pages
from kembali.web.requests import ShopRequest, currency_of

_PAIRS_SHOWN = 20
_LATER = timedelta(days=30)
_ORDERS_NAMED = 12
_FOUND = 6
_LONGEST_ID = 18


def to_decide(request: ShopRequest) -> HttpResponse:
    """Show the open questions; POST answers one."""
    if request.method == "POST":
        return _answer(request)
    page = pages.ToDecidePage(
        at=request.at,
        currency=currency_of(request),
        pairs=tuple(
            pages.Pair(_card(one.first), _card(one.second), _named(one.via), one.found_at)
            for one in shop.list_questions(request.at, limit=_PAIRS_SHOWN)
        ),
        total=shop.count_questions(request.at),
        may_change=_may_change(request),
    )
    return pages.render_questions(request, page)


def merge(request: ShopRequest, customer_id: int) -> HttpResponse:
    """Show somebody beside the one they are to be merged with, found by name or address; POST merges."""
    if request.method == "POST":
        other = _customer_id(request.POST.get("other", ""))
        root = shop.merge(CustomerId(customer_id), other, at=request.at, by=_who(request))
        notes.success(request, gettext("Merged: they are one person now."))
        return redirect("web:person", root)
    profile = shop.profile_of(CustomerId(customer_id))
    me, query = profile.customer_id, request.GET.get("q", "").strip().replace("\x00", "")[:200]
    chosen = request.GET.get("other", "")
    matching = shop.search_people(query, limit=_FOUND + 1).people if query else ()
    found = [one for one in matching if one.customer_id != me]
    if not chosen and len(found) == 1:
        chosen = str(found[0].customer_id)
    roots = shop.root_of([_customer_id(chosen)])
    sides = shop.sides_of({me, *roots.values(), *(one.customer_id for one in found)})
    pair = next((pages.Pair(_card(sides[me]), _card(sides[root]), ()) for root in roots.values() if root != me), None)
    problem = gettext("Nobody else matches.") if (query or chosen) and pair is None and not found else ""
    page = pages.MergePage(
        currency=currency_of(request),
        customer_id=me,
        name=names_of([me])[me],
        query=query,
        found=() if pair else tuple(_card(sides[one.customer_id]) for one in found[:_FOUND]),
        pair=pair,
        problem=problem,
        may_change=_may_change(request),
    )
    return pages.render_merge(request, page)


def take_out(request: ShopRequest, customer_id: int) -> HttpResponse:
    """Show what leaves a person with one of their customers; POST takes it out."""
    one = CustomerId(customer_id)
    if request.method == "POST":
        leaving = shop.unmerge(one, at=request.at, by=_who(request))
        undo = format_html('<a href="{}">{}</a>', _merge_href(one), gettext("Merge them again"))
        notes.success(request, format_html("{} {}", gettext("Taken out: two people now."), undo))
        return redirect("web:person", min(leaving))
    parting = shop.preview_unmerge(one)
    root = min(*parting.leaving, *parting.staying)
    page = pages.TakeOutPage(
        customer_id=one,
        root_id=root,
        name=names_of([root])[root],
        leaving=_named(parting.identifiers),
        staying=_named(parting.staying_identifiers),
        orders=parting.order_refs[:_ORDERS_NAMED],
        order_count=len(parting.order_refs),
        fact_count=collect.count_facts_of(parting.subjects),
        may_change=_may_change(request),
    )
    return pages.render_take_out(request, page)


def _answer(request: ShopRequest) -> HttpResponse:
    first, second = (_customer_id(request.POST.get(name, "")) for name in ("first", "second"))
    match request.POST.get("answer"):
        case "merge":
            root = shop.merge(first, second, at=request.at, by=_who(request))
            undo = format_html('<a href="{}">{}</a>', reverse("web:person", args=[root]), gettext("Look, or take back"))
            notes.success(request, format_html("{} {}", gettext("Merged: they are one person now."), undo))
        case "apart":
            shop.keep_apart(first, second, at=request.at, by=_who(request))
            undo = format_html('<a href="{}">{}</a>', _merge_href(first, second), gettext("Merge them after all"))
            notes.success(request, format_html("{} {}", gettext("Kept apart: nothing that comes merges them."), undo))
        case "later":
            shop.put_off(first, second, until=request.at + _LATER)
            notes.success(request, gettext("Asked again in 30 days."))
        case _:
            notes.warning(request, gettext("Choose one of the three answers."))
    return redirect("web:to-decide")


def _merge_href(one: CustomerId, other: CustomerId | None = None) -> str:
    href = reverse("web:person-merge", args=[one])
    return f"{href}?other={other}" if other else href


def _card(side: shop.Side) -> pages.SideCard:
    one = side.person
    return pages.SideCard(
        customer_id=one.customer_id,
        name=person_name(one.customer_id, name=one.name, email=one.email, customer_ref=one.customer_ref),
        identifiers=_named(side.identifiers),
        order_count=one.order_count,
        net_minor=one.net_minor,
        last_order_at=one.last_order_at,
        orders=side.order_refs,
    )


def _named(identifiers: Sequence[str]) -> tuple[str, ...]:
    return tuple(identifier_name(one) for one in identifiers)


def _customer_id(text: str) -> CustomerId:
    """Return a customer's number as a form sends it; one that is none leads to nobody."""
    return CustomerId(int(text) if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_ID else 0)


def _may_change(request: ShopRequest) -> bool:
    staff = staff_of(request)
    return staff is not None and staff.role != staff.Role.VIEWER


def _who(request: ShopRequest) -> str:
    staff = staff_of(request)
    return staff.email if staff is not None else ""
