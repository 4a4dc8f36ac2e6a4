"""A product of WooCommerce with its variations → `product.version`."""

from datetime import datetime
from typing import Literal

from kembali.collect.connectors.amounts import minor_of
from kembali.collect.connectors.woocommerce.shapes import Product, WholeProduct, instant_of, text_of
from kembali.collect.contracts import NewFact
from kembali.collect.payloads import ProductVariant, ProductVersion, version_id

_STATUSES: dict[str, Literal["active", "draft", "archived", "deleted"]] = {
    "publish": "active",
    "private": "archived",
    "trash": "deleted",
}


def product_fact(product: WholeProduct, *, currency: str, source: str, seen_at: datetime) -> NewFact:
    """Return a product as it stands. One without variations is its own only variant.

    Raises:
        Refused: an amount or instant in it is none.
    """
    # A variation that changes does not touch its product.
    modified = [instant_of(one.date_modified_gmt) for one in (product, *product.variations)]
    updated_at = max((at for at in modified if at is not None), default=None)
    version = ProductVersion(
        product_ref=str(product.id),
        title=product.name.strip(),
        status=_STATUSES.get(product.status, "draft"),
        currency=currency,
        variants=[_variant(one, currency, of=product) for one in product.variations or (product,)],
        handle=text_of(product.slug),
        url=text_of(product.permalink),
        image_url=next((image.src for image in product.images if image.src), None),
        brand=next((brand.name for brand in product.brands if brand.name), None),
        categories=[one.name for one in product.categories if one.name],
        tags=[one.name for one in product.tags if one.name],
        observed_at=seen_at,
        updated_at=updated_at,
        properties={} if product.type == "simple" else {"type": product.type},
    )
    return NewFact(
        source=source,
        message_id=version_id(f"product:{product.id}", version),
        kind="product.version",
        occurred_at=updated_at or seen_at,
        payload=version,
    )


def _variant(one: Product, currency: str, *, of: Product) -> ProductVariant:
    price, regular = (
        None if text in (None, "") else minor_of(text, currency) for text in (one.price, one.regular_price)
    )
    cost = one.cost_of_goods_sold.total_value if one.cost_of_goods_sold else None
    options = [option for attribute in one.attributes if (option := text_of(attribute.option))]
    image = one.image.src if one.image else None
    return ProductVariant(
        variant_ref=str(one.id),
        sku=text_of(one.sku) or (text_of(of.sku) if one is not of else None),
        title=" / ".join(options) if one is not of and options else None,
        price_minor=price,
        compare_at_minor=regular if regular is not None and price is not None and regular > price else None,
        unit_cost_minor=minor_of(cost, currency) if cost else None,
        stock=int(one.stock_quantity) if one.manage_stock and one.stock_quantity is not None else None,
        barcode=text_of(one.global_unique_id),
        image_url=image,
    )
