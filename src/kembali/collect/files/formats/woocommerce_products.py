"""WooCommerce's own product export: variations are rows of their own and name their `Parent` by SKU or as `id:44`."""

from kembali.collect.files.formats.base import Format

WOOCOMMERCE_PRODUCTS = Format(
    name="woocommerce_products",
    kind="products",
    source="woocommerce",
    signatures=(frozenset({"ID", "Type", "SKU", "Name", "Published", "Regular price", "Parent"}),),
    columns={
        "product_ref": ("ID",),
        "row_type": ("Type",),
        "sku": ("SKU",),
        "title": ("Name",),
        "published": ("Published",),
        "brand": ("Brands", "Brand"),
        "categories": ("Categories",),
        "tags": ("Tags",),
        "image_url": ("Images",),
        "url": ("External URL",),
        "parent_ref": ("Parent",),
        "sale_price": ("Sale price",),
        "regular_price": ("Regular price",),
        "unit_cost": ("Cost of goods",),
        "stock": ("Stock",),
        "barcode": ("GTIN, UPC, EAN, or ISBN",),
    },
)
