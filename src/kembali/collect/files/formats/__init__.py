"""The registry of file formats: a new format is one new file here and one name in these tuples."""

from kembali.collect.files.formats.base import Format
from kembali.collect.files.formats.browsing import REES46_EVENTS, TAOBAO_EVENTS
from kembali.collect.files.formats.generic import (
    GENERIC_CONSENTS,
    GENERIC_CUSTOMERS,
    GENERIC_EVENTS,
    GENERIC_PRODUCTS,
    GENERIC_REVIEWS,
    GENERIC_SHIPMENTS,
)
from kembali.collect.files.formats.generic_orders import GENERIC_ORDERS
from kembali.collect.files.formats.mailchimp_audience import MAILCHIMP_AUDIENCE
from kembali.collect.files.formats.olist import OLIST_ORDERS, OLIST_PRODUCTS, OLIST_REVIEWS, OLIST_SHIPMENTS
from kembali.collect.files.formats.online_retail import ONLINE_RETAIL
from kembali.collect.files.formats.shopify_customers import SHOPIFY_CUSTOMERS
from kembali.collect.files.formats.shopify_orders import SHOPIFY_ORDERS
from kembali.collect.files.formats.shopify_products import SHOPIFY_PRODUCTS
from kembali.collect.files.formats.till_sales import TILL_SALES
from kembali.collect.files.formats.woocommerce_customers import WOOCOMMERCE_CUSTOMERS
from kembali.collect.files.formats.woocommerce_orders import WOOCOMMERCE_ORDERS
from kembali.collect.files.formats.woocommerce_products import WOOCOMMERCE_PRODUCTS

# Known by their header: the first whose signature is in it wins.
KNOWN: tuple[Format, ...] = (
    ONLINE_RETAIL,
    SHOPIFY_ORDERS,
    SHOPIFY_CUSTOMERS,
    SHOPIFY_PRODUCTS,
    WOOCOMMERCE_ORDERS,
    WOOCOMMERCE_CUSTOMERS,
    WOOCOMMERCE_PRODUCTS,
    MAILCHIMP_AUDIENCE,
    OLIST_ORDERS,
    OLIST_SHIPMENTS,
    OLIST_REVIEWS,
    OLIST_PRODUCTS,
    REES46_EVENTS,
    TAOBAO_EVENTS,
)
# Known by what they tell: the first whose kind is told by the header wins.
BY_KIND: tuple[Format, ...] = (
    GENERIC_REVIEWS,
    GENERIC_SHIPMENTS,
    GENERIC_EVENTS,
    TILL_SALES,
    GENERIC_ORDERS,
    GENERIC_PRODUCTS,
    GENERIC_CONSENTS,
    GENERIC_CUSTOMERS,
)
FORMATS = (*KNOWN, *BY_KIND)

__all__ = ["BY_KIND", "FORMATS", "GENERIC_ORDERS", "KNOWN", "Format"]
