"""The registry of order file formats: a new format is one new file here and one name in this tuple."""

from kembali.collect.files.formats.base import Format
from kembali.collect.files.formats.generic_orders import GENERIC_ORDERS
from kembali.collect.files.formats.online_retail import ONLINE_RETAIL
from kembali.collect.files.formats.shopify_orders import SHOPIFY_ORDERS

# The first whose signature is in the header wins; the generic one fits every header and stands last.
FORMATS: tuple[Format, ...] = (ONLINE_RETAIL, SHOPIFY_ORDERS, GENERIC_ORDERS)

__all__ = ["FORMATS", "Format"]
