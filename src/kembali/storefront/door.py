"""The second door of `storefront`, for the edge. Loads no Django."""

from kembali.storefront.booting import rudderstack_source, segment_settings
from kembali.storefront.scripts import LOADER, MODULE, Script

__all__ = ["LOADER", "MODULE", "Script", "rudderstack_source", "segment_settings"]
