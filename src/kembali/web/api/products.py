"""Products as programs see and say them."""

from django.http import HttpResponse
from ninja import Router

from kembali.collect import api as collect
from kembali.kernel.ids import ProductId
from kembali.shop import api as shop
from kembali.web.api import shapes
from kembali.web.api.customers import recorded
from kembali.web.api.paging import Cursor, Limit, cursor_of, id_of
from kembali.web.api.problems import PROBLEMS
from kembali.web.api.requests import ApiRequest, answered_once, scoped, source_of

router = Router(tags=["products"])


@router.get("", response={200: shapes.ProductPage, **PROBLEMS}, **scoped("read:products"))
def list_products(
    request: ApiRequest, updated_since: shapes.Instant | None = None, cursor: Cursor = None, limit: Limit = 50
) -> shapes.ProductPage:
    """List what the shop sells, by id."""
    after = id_of("products", cursor)
    page = shop.list_products(
        after=None if after is None else ProductId(after), limit=limit, updated_since=updated_since
    )
    return shapes.ProductPage(
        data=[_product(one) for one in page.products], next_cursor=cursor_of("products", page.after)
    )


@router.get("/{product_id}", response={200: shapes.Product, **PROBLEMS}, **scoped("read:products"))
def get_product(request: ApiRequest, product_id: shapes.Id) -> shapes.Product:
    """Return one product."""
    return _product(shop.product_of(ProductId(product_id)))


@router.post("", response={200: shapes.Recorded, 202: shapes.Recorded, **PROBLEMS}, **scoped("write:products"))
def say_product(request: ApiRequest, body: shapes.ProductIn) -> HttpResponse:
    """Create or update a product with its variants. 202: recorded. 200: this version had been said before."""
    payload = body.model_dump(mode="python", exclude_none=True)
    undated = "" if body.updated_at else f":{request.at.isoformat()}"
    version = collect.version_id(f"product:{body.product_ref}", payload)
    fact = collect.fact_said(
        "product.version",
        payload,
        source=source_of(request),
        identifiers={},
        occurred_at=body.updated_at or request.at,
        at=request.at,
        message_id=version + undated,
    )
    return answered_once(request, lambda: recorded(collect.say([fact], at=request.at)[0]))


def _product(one: shop.ProductFound) -> shapes.Product:
    return shapes.Product(
        id=one.product_id,
        source=one.source,
        product_ref=one.product_ref,
        variant_ref=one.variant_ref,
        sku=one.sku,
        title=one.title,
        variant_title=one.variant_title,
        status=one.status,
        brand=one.brand,
        categories=list(one.categories),
        url=one.url,
        image_url=one.image_url,
        currency=one.currency,
        price_minor=one.price_minor,
        compare_at_minor=one.compare_at_minor,
        unit_cost_minor=one.unit_cost_minor,
        stock=one.stock,
        is_service=one.is_service,
        updated_at=one.updated_at,
    )
