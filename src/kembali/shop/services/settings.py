"""Change what the owner decided about the shop."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import phonenumbers
from django.db import transaction

from kembali.collect.api import About
from kembali.kernel.clock import zone
from kembali.kernel.money import currency_code
from kembali.shop.contracts.settings import ShopSettings
from kembali.shop.errors import BadShopSetting, ShopIsFixed
from kembali.shop.models import Order, Settings
from kembali.shop.queries.settings import find_shop_settings, shop_settings
from kembali.shop.services.deciding import hush

DEFAULT_MARGIN_PERCENT = Decimal(40)
_LONGEST_PATTERN = 200


def set_up_shop(
    *, name: str, currency: str, time_zone: str, default_margin_percent: Decimal = DEFAULT_MARGIN_PERCENT
) -> ShopSettings:
    """Choose currency and zone, before the first fact; afterwards name and margin may still change.

    A changed default margin counts from the next refresh of each order on; `rebuild` applies it to all.

    Raises:
        ShopIsFixed: there are orders, and currency or zone would change.
        BadCurrency, BadTimeZone, BadShopSetting: a value cannot be used.
    """
    currency, time_zone = currency_code(currency), zone(time_zone).key
    if not 0 <= default_margin_percent <= 100:
        raise BadShopSetting(f"A margin of {default_margin_percent} % is not possible.", hint="Use 0 to 100.")
    with transaction.atomic():
        found = find_shop_settings()
        if found and (found.currency, found.time_zone) != (currency, time_zone) and Order.objects.exists():
            raise ShopIsFixed(f"This shop counts in {found.currency} and in the zone {found.time_zone}.")
        Settings.objects.update_or_create(
            id=1,
            defaults={
                "name": name,
                "currency": currency,
                "time_zone": time_zone,
                "default_margin_percent": default_margin_percent,
            },
            create_defaults={
                "name": name,
                "currency": currency,
                "time_zone": time_zone,
                "default_margin_percent": default_margin_percent,
                "clock_offset": timedelta(0),
            },
        )
        return shop_settings()


def set_up_once(ask: Callable[[], About | None]) -> bool:
    """Give this home a connected shop's own currency and zone where nobody has said them; return whether that was so.

    Args:
        ask: asks the shop; called only where it is needed.

    Raises:
        ShopNotSetUp: nobody has said them, the shop neither. Nothing of it is read before.
        BadCurrency, BadTimeZone: what the shop says cannot be used.
    """
    if find_shop_settings() is not None:
        return False
    about = ask()
    if about is None:
        shop_settings()
        return False
    set_up_shop(name=about.name, currency=about.currency, time_zone=about.time_zone)
    return True


def set_clock_offset(offset: timedelta) -> None:
    """Move a demo shop's clock against the wall clock. Real shops never call this.

    Raises:
        ShopNotSetUp: there is no shop yet.
    """
    shop_settings()
    Settings.objects.filter(id=1).update(clock_offset=offset)


def set_placeholders(patterns: Sequence[str], *, at: datetime) -> None:
    """Say which identifiers stand for nobody: `*` and `?` match anything. Those known already tie nobody from now on.

    Facts that came before keep the customer they led to until `rebuild`. What is taken off the list counts again where
    it is new; what was known by then stays as quiet as a shared one.

    Raises:
        BadShopSetting: a pattern is empty, too long, or would match everything.
        ShopNotSetUp: there is no shop yet.
    """
    wanted = sorted({one.strip().lower() for one in patterns})
    for one in wanted:
        if len(one) > _LONGEST_PATTERN or not one.strip("*?@. "):
            raise BadShopSetting(f"“{one[:50]}” would match everybody or nobody.", hint="Write such as kasse@*.")
    with transaction.atomic():
        shop_settings()
        Settings.objects.filter(id=1).update(placeholders=wanted)
        hush(wanted, at=at)


def set_country(country: str) -> None:
    """Choose where phone numbers without a country code are dialled; empty goes back to what the zone says.

    It counts for what arrives from now on; `rebuild` applies it to all.

    Raises:
        BadShopSetting: it is not the two letters of a country.
        ShopNotSetUp: there is no shop yet.
    """
    country = country.strip().upper()
    if country and country not in phonenumbers.SUPPORTED_REGIONS:
        raise BadShopSetting(f"“{country}” is not a country.", hint="Use its two letters, such as GB or ID.")
    shop_settings()
    Settings.objects.filter(id=1).update(country=country)
