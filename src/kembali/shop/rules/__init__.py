"""Pure decisions of the shop, each module one concern."""

from kembali.shop.rules.catalogue import LONGEST_TITLE, line_key, sku_key, variant_key
from kembali.shop.rules.identifiers import (
    IDENTIFIER_KINDS,
    Identifier,
    can_tie,
    is_placeholder,
    like_pattern,
    normal_identifiers,
    normal_value,
    phone_prefix,
)
from kembali.shop.rules.instants import NEVER
from kembali.shop.rules.refunds import Allocation, GoodsLine, allocate_cancellations
from kembali.shop.rules.versions import version_rank

__all__ = [
    "IDENTIFIER_KINDS",
    "LONGEST_TITLE",
    "NEVER",
    "Allocation",
    "GoodsLine",
    "Identifier",
    "allocate_cancellations",
    "can_tie",
    "is_placeholder",
    "like_pattern",
    "line_key",
    "normal_identifiers",
    "normal_value",
    "phone_prefix",
    "sku_key",
    "variant_key",
    "version_rank",
]
