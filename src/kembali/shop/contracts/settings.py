"""What the owner decided about the shop."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSettings:
    """What the owner decided. `clock_offset` is zero in every real shop; only a demo shop lives in the future.

    country: two letters, where phone numbers without a country code are dialled; empty where it cannot be told.
    placeholders: patterns of identifiers that stand for nobody, beside those that kembali knows by itself.
    """

    name: str
    currency: str
    time_zone: str
    default_margin_percent: Decimal
    clock_offset: timedelta
    country: str = ""
    placeholders: tuple[str, ...] = ()
