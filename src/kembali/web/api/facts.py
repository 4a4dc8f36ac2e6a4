"""The log as programs read it, and what they add to it."""

import json
from collections.abc import Sequence
from typing import Annotated

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import JsonValue

from kembali.collect import api as collect
from kembali.shop import api as shop
from kembali.web.api import shapes
from kembali.web.api.paging import BadCursor, Cursor, Limit, cursor_of, position_of
from kembali.web.api.problems import PROBLEMS
from kembali.web.api.requests import ApiRequest, answered_once, scoped, source_of

router = Router(tags=["facts"])

_Kinds = Annotated[list[shapes.Ref], Query(max_length=50, description="Only of these kinds; may be repeated.")]


@router.get("", response={200: shapes.FactPage, **PROBLEMS}, **scoped("read:facts"))
def list_facts(request: ApiRequest, kind: _Kinds = [], cursor: Cursor = None, limit: Limit = 50) -> shapes.FactPage:  # noqa: B006 - only read
    """Read the log as a feed that skips nothing: keep `next_cursor`, and ask with it again later."""
    try:
        page = collect.read_feed(after=position_of("facts", cursor), kinds=kind, limit=limit)
    except collect.BadPosition as error:
        raise BadCursor(error.message, hint=error.hint) from None
    return shapes.FactPage(
        data=_facts(page.facts), next_cursor=cursor_of("facts", page.position) or "", has_more=page.has_more
    )


@router.get("/{fact_id}", response={200: shapes.Fact, **PROBLEMS}, **scoped("read:facts"))
def get_fact(request: ApiRequest, fact_id: shapes.Id) -> shapes.Fact:
    """Return one fact."""
    return _facts([collect.fact_of(fact_id)])[0]


@router.post("", response={200: shapes.RecordedMany, 202: shapes.RecordedMany, **PROBLEMS}, **scoped("write:facts"))
def say_facts(request: ApiRequest, body: shapes.FactsIn) -> HttpResponse:
    """Record facts, all or none. 202: at least one is new. 200: all had been said before."""
    facts = [
        collect.fact_said(
            one.kind,
            one.payload,
            source=source_of(request),
            identifiers=one.identifiers.model_dump(exclude_none=True),
            occurred_at=one.occurred_at,
            at=request.at,
            message_id=f"{one.kind}:{one.message_id}" if one.message_id else "",
        )
        for one in body.facts
    ]

    def perform() -> tuple[int, shapes.RecordedMany]:
        said = [
            shapes.Recorded(fact_id=one.seq, message_id=one.message_id, is_new=one.is_new)
            for one in collect.say(facts, at=request.at)
        ]
        return (202 if any(one.is_new for one in said) else 200), shapes.RecordedMany(facts=said)

    return answered_once(request, perform)


def _facts(facts: Sequence[collect.Fact]) -> list[shapes.Fact]:
    owners = shop.find_customers([one.identifiers for one in facts])
    roots = shop.root_of({owner for owner in owners if owner is not None})
    return [
        shapes.Fact(
            id=one.seq,
            source=one.source,
            message_id=one.message_id,
            kind=one.kind,
            identifiers=one.identifiers,
            customer_id=None if owner is None else roots.get(owner, owner),
            occurred_at=one.occurred_at,
            received_at=one.received_at,
            payload=_payload(one),
        )
        for one, owner in zip(facts, owners, strict=True)
    ]


def _payload(one: collect.Fact) -> JsonValue:
    """Return what a fact says; nothing of one nested deeper than can be read, so that a feed goes on behind it."""
    try:
        found: JsonValue = json.loads(bytes(one.payload))
    except RecursionError:
        return {}
    return found
