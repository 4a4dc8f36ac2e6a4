"""Orders as programs see and say them."""

from django.http import HttpResponse
from ninja import Router

from kembali.collect import api as collect
from kembali.kernel.ids import OrderId
from kembali.shop import api as shop
from kembali.web.api import shapes
from kembali.web.api.customers import recorded
from kembali.web.api.paging import Cursor, Limit, cursor_of, id_of
from kembali.web.api.problems import PROBLEMS
from kembali.web.api.requests import ApiRequest, answered_once, scoped, source_of

router = Router(tags=["orders"])

_KINDS = ("customer_ref", "email", "loyalty_ref", "phone")
_TOTALS = ("total_minor", "subtotal_minor", "discount_minor", "shipping_minor", "tax_minor", "refunded_minor")


@router.get("", response={200: shapes.OrderPage, **PROBLEMS}, **scoped("read:orders"))
def list_orders(
    request: ApiRequest, updated_since: shapes.Instant | None = None, cursor: Cursor = None, limit: Limit = 50
) -> shapes.OrderPage:
    """List orders, cancellations and adjustments with their lines, by id."""
    after = id_of("orders", cursor)
    page = shop.list_orders(after=None if after is None else OrderId(after), limit=limit, updated_since=updated_since)
    return shapes.OrderPage(data=[_order(one) for one in page.orders], next_cursor=cursor_of("orders", page.after))


@router.get("/{order_id}", response={200: shapes.Order, **PROBLEMS}, **scoped("read:orders"))
def get_order(request: ApiRequest, order_id: shapes.Id) -> shapes.Order:
    """Return one order."""
    return _order(shop.order_of(OrderId(order_id)))


@router.post("", response={200: shapes.Recorded, 202: shapes.Recorded, **PROBLEMS}, **scoped("write:orders"))
def say_order(request: ApiRequest, body: shapes.OrderIn) -> HttpResponse:
    """Create or update an order. 202: recorded, and folded within seconds. 200: this version had been said before."""
    said = body.model_dump(mode="python", exclude_none=True)
    buyer = said["customer"]
    payload = {
        **{name: value for name, value in said.items() if name not in {*_TOTALS, "lines"}},
        "totals": {name: said[name] for name in _TOTALS if name in said},
        "lines": [[one.sku, one.title, one.quantity, f"{one.unit_price:f}", one.total_minor] for one in body.lines],
    }
    # Without a word of when it changed, the same content may be said again later, after another.
    undated = "" if body.updated_at else f":{request.at.isoformat()}"
    version = collect.version_id(body.order_ref, payload)
    fact = collect.fact_said(
        "order.version",
        payload,
        source=source_of(request),
        identifiers={kind: buyer[kind] for kind in _KINDS if kind in buyer},
        occurred_at=body.placed_at,
        at=request.at,
        message_id=version + undated,
    )
    return answered_once(request, lambda: recorded(collect.say([fact], at=request.at)[0]))


def _order(one: shop.OrderFound) -> shapes.Order:
    return shapes.Order(
        id=one.order_id,
        source=one.source,
        order_ref=one.order_ref,
        customer_id=one.customer_id,
        type=one.kind,
        status=one.status,
        placed_at=one.placed_at,
        updated_at=one.updated_at,
        currency=one.currency,
        total_minor=one.gross_minor,
        discount_minor=one.discount_minor,
        shipping_minor=one.shipping_minor,
        tax_minor=one.tax_minor,
        refunded_minor=one.refunded_minor,
        net_minor=one.net_minor,
        lines=[
            shapes.Line(
                product_id=line.product_id,
                sku=line.sku,
                title=line.title,
                quantity=line.quantity,
                unit_price=f"{line.unit_price.normalize():f}",
                total_minor=line.total_minor,
            )
            for line in one.lines
        ],
    )
