"""Read what the owner decided about the shop."""

from kembali.collect.api import ShopNotSetUp
from kembali.shop.contracts.settings import ShopSettings
from kembali.shop.models import Settings
from kembali.shop.queries.countries import country_of


def find_shop_settings() -> ShopSettings | None:
    """The shop's settings, or None before it is set up."""
    row = Settings.objects.first()
    if row is None:
        return None
    return ShopSettings(
        name=row.name,
        currency=row.currency,
        time_zone=row.time_zone,
        default_margin_percent=row.default_margin_percent,
        clock_offset=row.clock_offset,
        country=row.country or country_of(row.time_zone, row.currency),
        placeholders=tuple(row.placeholders),
    )


def shop_settings() -> ShopSettings:
    """The shop's settings.

    Raises:
        ShopNotSetUp: currency and time zone have not been chosen yet.
    """
    found = find_shop_settings()
    if found is None:
        raise ShopNotSetUp(
            "The shop has no currency and time zone yet, and nothing is read before.",
            hint="Import a file of it first: kembali import FILE --currency EUR --tz Europe/Berlin.",
        )
    return found
