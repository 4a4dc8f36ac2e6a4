"""Which platforms there are. A new connector is one line here."""

from types import MappingProxyType

from kembali.collect.connectors.contracts import Connector
from kembali.collect.connectors.errors import UnknownPlatform
from kembali.collect.connectors.shopify.connector import SHOPIFY
from kembali.collect.connectors.vendure.connector import Vendure
from kembali.collect.connectors.woocommerce.connector import WooCommerce

_ALL: tuple[Connector, ...] = (SHOPIFY, Vendure(), WooCommerce())

CONNECTORS: MappingProxyType[str, Connector] = MappingProxyType({one.platform: one for one in _ALL})


def connector_of(platform: str) -> Connector:
    """Return a platform's connector.

    Raises:
        UnknownPlatform: there is none.
    """
    try:
        return CONNECTORS[platform]
    except KeyError:
        known = ", ".join(sorted(CONNECTORS))
        raise UnknownPlatform(f"There is no connector for “{platform}”.", hint=f"There are: {known}.") from None
