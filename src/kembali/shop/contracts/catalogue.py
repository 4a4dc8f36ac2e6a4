"""What is sold or for sale."""

from dataclasses import dataclass
from datetime import datetime

from kembali.kernel.ids import ProductId


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFound:
    """Something sold or for sale; empty or None where nobody has told.

    status: active, draft, archived or deleted as its catalogue says; `removed` when its product goes on without it;
    `sold` when only orders know it. unit_cost_minor is in the shop's currency, prices are in `currency`.
    """

    product_id: ProductId
    sku: str
    title: str
    variant_title: str
    status: str
    source: str
    product_ref: str
    variant_ref: str
    brand: str
    categories: tuple[str, ...]
    handle: str
    url: str
    image_url: str
    currency: str
    price_minor: int | None
    compare_at_minor: int | None
    stock: int | None
    unit_cost_minor: int | None
    is_service: bool
    updated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductsFound:
    """One page of products; `after` of the next page, None on the last."""

    products: tuple[ProductFound, ...]
    after: ProductId | None
