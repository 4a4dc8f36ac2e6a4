"""WooCommerce's own customer export (Analytics → Customers → Download)."""

from kembali.collect.files.formats.base import Format

WOOCOMMERCE_CUSTOMERS = Format(
    name="woocommerce_customers",
    kind="customers",
    source="woocommerce",
    signatures=(frozenset({"Name", "Username", "Last active", "Email", "Orders", "Total spend", "AOV"}),),
    columns={
        "full_name": ("Name",),
        "email": ("Email",),
        "country": ("Country / Region", "Country"),
        "city": ("City",),
        "created_at": ("Sign up", "Date registered"),
    },
)
