"""People as programs see and name them."""

from typing import Annotated

from django.http import HttpResponse
from ninja import Query, Router

from kembali.collect import api as collect
from kembali.kernel.errors import Refused
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop
from kembali.web.api import shapes
from kembali.web.api.paging import Cursor, Limit, cursor_of, id_of
from kembali.web.api.problems import PROBLEMS
from kembali.web.api.requests import ApiRequest, answered_once, scoped, source_of

router = Router(tags=["customers"])

_KINDS = ("customer_ref", "email", "loyalty_ref", "phone")
_ABOUT = Annotated[shapes.Ref | None, Query(description="Only the person known by this.")]


class NobodyNamed(Refused):
    """Nothing says whom this is about."""

    code = "nobody_named"


@router.get("", response={200: shapes.CustomerPage, **PROBLEMS}, **scoped("read:customers"))
def list_customers(
    request: ApiRequest,
    email: _ABOUT = None,
    phone: _ABOUT = None,
    customer_ref: _ABOUT = None,
    loyalty_ref: _ABOUT = None,
    updated_since: shapes.Instant | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> shapes.CustomerPage:
    """List people, merged ones once, by id. Or find the one who is known by an identifier."""
    named = {"email": email, "phone": phone, "customer_ref": customer_ref, "loyalty_ref": loyalty_ref}
    identifiers = {kind: value for kind, value in named.items() if value is not None}
    if identifiers:
        found = shop.find_customers([identifiers])[0]
        data = [] if found is None else [_customer(shop.customer_of(found))]
        return shapes.CustomerPage(data=data, next_cursor=None)
    after = id_of("customers", cursor)
    page = shop.list_customers(
        after=None if after is None else CustomerId(after), limit=limit, updated_since=updated_since
    )
    return shapes.CustomerPage(
        data=[_customer(one) for one in page.customers], next_cursor=cursor_of("customers", page.after)
    )


@router.get("/{customer_id}", response={200: shapes.Customer, **PROBLEMS}, **scoped("read:customers"))
def get_customer(request: ApiRequest, customer_id: shapes.Id) -> shapes.Customer:
    """Return one person, whichever of their ids is given."""
    return _customer(shop.customer_of(CustomerId(customer_id)))


@router.post("", response={200: shapes.Recorded, 202: shapes.Recorded, **PROBLEMS}, **scoped("write:customers"))
def say_customer(request: ApiRequest, body: shapes.CustomerIn) -> HttpResponse:
    """Create or update a customer. 202: recorded, and folded within seconds. 200: it had been said before."""
    said = body.model_dump(mode="python", exclude_none=True, exclude={"updated_at"})
    identifiers = {kind: said[kind] for kind in _KINDS if kind in said}
    if not identifiers:
        raise NobodyNamed("Nothing says who this is.", hint=f"Name one of {', '.join(_KINDS)}.")
    happened_at = body.updated_at or request.at
    digest = collect.version_id("customer", said)
    fact = collect.fact_said(
        "customer.profile",
        said,
        source=source_of(request),
        identifiers=identifiers,
        occurred_at=happened_at,
        at=request.at,
        message_id=f"{digest}:{happened_at.isoformat()}",
    )
    return answered_once(request, lambda: recorded(collect.say([fact], at=request.at)[0]))


def recorded(said: collect.Said) -> tuple[int, shapes.Recorded]:
    """Return the answer to one fact."""
    out = shapes.Recorded(fact_id=said.seq, message_id=said.message_id, is_new=said.is_new)
    return (202 if said.is_new else 200), out


def _customer(one: shop.CustomerFound) -> shapes.Customer:
    return shapes.Customer(
        id=one.customer_id,
        email=one.email,
        phone=one.phone,
        first_name=one.first_name,
        last_name=one.last_name,
        country=one.country,
        city=one.city,
        identifiers=[shapes.Identifier(kind=kind, value=value) for kind, value in one.identifiers],
        merged_ids=list(one.merged_ids),
        order_count=one.order_count,
        net_minor=one.net_minor,
        first_seen_at=one.first_seen_at,
        last_order_at=one.last_order_at,
        updated_at=one.updated_at,
    )
