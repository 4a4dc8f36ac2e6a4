"""Shopify's customer export, the present form and the older one. Its yes to mail or SMS comes without any proof."""

from kembali.collect.files.formats.base import Format

SHOPIFY_CUSTOMERS = Format(
    name="shopify_customers",
    kind="customers",
    source="shopify",
    ref_prefix="shopify:",
    signatures=(
        frozenset({"First Name", "Last Name", "Email", "Accepts Email Marketing", "Total Spent", "Total Orders"}),
        frozenset({"First Name", "Last Name", "Email", "Accepts Marketing", "Total Spent", "Total Orders"}),
    ),
    columns={
        "customer_ref": ("Customer ID",),
        "email": ("Email",),
        "phone": ("Phone", "Default Address Phone"),
        "first_name": ("First Name",),
        "last_name": ("Last Name",),
        "country": ("Default Address Country Code", "Country Code", "Country"),
        "city": ("Default Address City", "City"),
        "accepts_email": ("Accepts Email Marketing", "Accepts Marketing"),
        "accepts_sms": ("Accepts SMS Marketing",),
    },
    fallbacks=frozenset({"phone"}),
)
