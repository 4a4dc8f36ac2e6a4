"""A WooCommerce shop that lives in memory and speaks the real wire format: REST API v3 and webhooks."""

from tests.fakes.woocommerce.server import Faults, serve
from tests.fakes.woocommerce.site import Sent, Site

__all__ = ["Faults", "Sent", "Site", "serve"]
