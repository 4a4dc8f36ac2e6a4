"""WooCommerce's orders, as the plugin “Advanced Order Export” writes them with its own column names: a row per item.

WooCommerce itself exports no orders with their items.
"""

from kembali.collect.files.formats.base import Format
from kembali.collect.files.formats.generic_orders import GENERIC_ORDERS

WOOCOMMERCE_ORDERS = Format(
    name="woocommerce_orders",
    source="woocommerce",
    signatures=(frozenset({"Order Number", "Order Status", "Order Date", "Order Total Amount"}),),
    columns={
        "order_ref": ("Order Number",),
        "placed_at": ("Order Date",),
        "currency": ("Order Currency", "Currency"),
        "status": ("Order Status",),
        "subtotal": ("Order Subtotal Amount",),
        "discount": ("Cart Discount Amount",),
        "shipping": ("Order Shipping Amount",),
        "tax": ("Order Total Tax Amount",),
        "total": ("Order Total Amount",),
        "refunded": ("Order Refund Amount",),
        "email": ("Email (Billing)", "Customer User Email"),
        "phone": ("Phone (Billing)",),
        "first_name": ("First Name (Billing)",),
        "last_name": ("Last Name (Billing)",),
        "country": ("Country Code (Billing)", "Country Name (Billing)"),
        "city": ("City (Billing)",),
        "sku": ("SKU",),
        "title": ("Item Name",),
        "quantity": ("Quantity (- Refund)", "Quantity"),
        "unit_price": ("Item Cost",),
    },
    line_words=("Item", "Product", "Category", "Variation"),
    statuses=GENERIC_ORDERS.statuses,
)
