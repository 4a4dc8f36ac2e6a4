"""What people and stages are called on every page."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final

from django.utils.translation import gettext

from kembali.kernel.ids import CustomerId, SegmentKey
from kembali.segments import api as segments
from kembali.shop import api as shop
from kembali.web.pages.parts import PersonRow, Tag, Tone

# Of all segments somebody is in, the first of these says where they stand; the shop's own segments come after.
_STAGES: Final[tuple[tuple[str, Tone], ...]] = (
    ("lost", "away"),
    ("idle_loyal", "away"),
    ("at_risk", "away"),
    ("loyal", "back"),
    ("new", "plain"),
    ("one_time", "plain"),
    ("active", "back"),
)


def person_name(customer_id: int, *, name: str = "", email: str = "", customer_ref: str = "") -> str:
    """Return what the shop knows somebody by: the name, else the address, else their number. Never empty."""
    return name or email or (customer_ref and gettext("customer %(ref)s") % {"ref": customer_ref}) or f"#{customer_id}"


def identifier_name(identifier: str) -> str:
    """Return an identifier (`kind:value`) as people read it."""
    kind, _, value = identifier.partition(":")
    words = {
        "customer_ref": gettext("customer %(value)s"),
        "loyalty_ref": gettext("loyalty card %(value)s"),
        "anonymous_id": gettext("browser %(value)s"),
    }
    return words.get(kind, "%(value)s") % {"value": value}


def names_of(customer_ids: Collection[CustomerId]) -> dict[CustomerId, str]:
    """Return what each of these customers is called."""
    found = shop.search_people("", segment_ids=list(customer_ids), limit=max(len(customer_ids), 1)).people
    by_root = {
        each.customer_id: person_name(
            each.customer_id, name=each.name, email=each.email, customer_ref=each.customer_ref
        )
        for each in found
    }
    roots = shop.root_of(customer_ids)
    return {one: by_root.get(roots.get(one, one)) or person_name(one) for one in customer_ids}


def segment_names() -> dict[SegmentKey, str]:
    """Return the name of every segment."""
    return {view.key: view.name for view in segments.list_segments()}


def stage_of(keys: Collection[SegmentKey], names: Mapping[SegmentKey, str]) -> Tag:
    """Return the tag that says where somebody stands, given the segments they are in."""
    for key, tone in _STAGES:
        if key in keys:
            return Tag(names.get(SegmentKey(key), key), tone)
    own = next((key for key in sorted(keys)), None)
    return Tag(names.get(own, own) if own else gettext("no purchase yet"))


def person_rows(people: Iterable[shop.PersonFound], at: datetime) -> tuple[PersonRow, ...]:
    """Return people as lines of a table, each with their stage at `at`."""
    found = list(people)
    inside = segments.segments_of([each.customer_id for each in found], at)
    names = segment_names()
    return tuple(
        PersonRow(
            customer_id=each.customer_id,
            name=person_name(each.customer_id, name=each.name, email=each.email, customer_ref=each.customer_ref),
            email=each.email,
            country=each.country,
            order_count=each.order_count,
            net_minor=each.net_minor,
            stage=stage_of(inside.get(each.customer_id, frozenset()), names),
        )
        for each in found
    )
