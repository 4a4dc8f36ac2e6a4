"""Shopify's product export: rows of one `Handle` are one product; rows after the first are variants or pictures."""

from kembali.collect.files.formats.base import Format

SHOPIFY_PRODUCTS = Format(
    name="shopify_products",
    kind="products",
    source="shopify",
    signatures=(
        frozenset({"Handle", "Title", "Vendor", "Option1 Name", "Option1 Value", "Variant Price"}),
        frozenset({"URL handle", "Title", "Vendor", "Option1 name", "Option1 value", "Price"}),
    ),
    columns={
        "handle": ("Handle", "URL handle"),
        "title": ("Title",),
        "brand": ("Vendor",),
        "category": ("Type", "Product Category"),
        "tags": ("Tags",),
        "status": ("Status",),
        "published": ("Published", "Published on online store"),
        "image_url": ("Image Src", "Product image URL"),
        "sku": ("Variant SKU", "SKU"),
        "option1": ("Option1 Value",),
        "option2": ("Option2 Value",),
        "option3": ("Option3 Value",),
        "price": ("Variant Price", "Price"),
        "compare_at": ("Variant Compare At Price", "Compare-at price"),
        "unit_cost": ("Cost per item",),
        "stock": ("Variant Inventory Qty", "Inventory quantity"),
        "barcode": ("Variant Barcode", "Barcode"),
        "variant_image_url": ("Variant Image", "Variant image URL"),
    },
)
