"""Shopify's order export: one row per line item, order fields only on the first row, rows joined by `Name`."""

from kembali.collect.files.formats.base import Format

SHOPIFY_ORDERS = Format(
    name="shopify_orders",
    source="shopify",
    signatures=(frozenset({"Name", "Financial Status", "Created at", "Lineitem quantity", "Lineitem price"}),),
    columns={
        "order_ref": ("Name",),
        # Created at is when the order was placed; Paid at may be days later.
        "placed_at": ("Created at",),
        "currency": ("Currency",),
        "status": ("Financial Status",),
        "cancelled_at": ("Cancelled at",),
        "subtotal": ("Subtotal",),
        "discount": ("Discount Amount",),
        "shipping": ("Shipping",),
        "tax": ("Taxes",),
        "total": ("Total",),
        "refunded": ("Refunded Amount",),
        "email": ("Email",),
        "phone": ("Phone", "Shipping Phone", "Billing Phone"),
        "full_name": ("Billing Name", "Shipping Name"),
        "country": ("Shipping Country", "Billing Country"),
        "city": ("Shipping City", "Billing City"),
        "accepts_email": ("Accepts Marketing",),
        "sku": ("Lineitem sku",),
        "title": ("Lineitem name",),
        "quantity": ("Lineitem quantity",),
        "unit_price": ("Lineitem price",),
    },
    fallbacks=frozenset({"phone", "full_name", "country", "city"}),
    line_words=("Lineitem", "Vendor"),
    statuses={
        "paid": "paid",
        "partially_refunded": "paid",
        "pending": "pending",
        "authorized": "pending",
        "partially_paid": "pending",
        "expired": "pending",
        "unpaid": "pending",
        "refunded": "refunded",
        "voided": "cancelled",
    },
)
