"""Numbers, money and moments as people read them. The shop's zone and currency are arguments."""

from datetime import date, datetime, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext, ngettext

from kembali.kernel.money import exponent, from_minor

THIN: Final = "\u202f"  # narrow no-break space: "27.3 %" never breaks and never looks loose
MINUS: Final = "\u2212"
_SYMBOLS: Final = {
    "EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "BRL": "R$",
    "TRY": "₺", "INR": "₹", "IDR": "Rp", "PLN": "zł", "KRW": "₩",
}  # fmt: skip
_AFTER: Final = frozenset({"PLN"})


def number(value: Decimal | int, digits: int = 0, *, signed: bool = False) -> str:
    """Return a grouped decimal such as `1,148` or `−0.4`; `signed` also writes the plus."""
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)
    sign = MINUS if rounded < 0 else "+" if signed and rounded > 0 else ""
    return f"{sign}{abs(rounded):,.{digits}f}"


def money(minor: Decimal | int, currency: str, *, whole: bool = False, signed: bool = False) -> str:
    """Return an amount in minor units as money: `€14.20`, `−$5.00`; `whole` drops the cents."""
    digits = 0 if whole else exponent(currency)
    amount = Decimal(minor).scaleb(-exponent(currency)) if isinstance(minor, Decimal) else from_minor(minor, currency)
    text = number(amount, digits, signed=signed)
    sign, figures = (text[0], text[1:]) if text[:1] in {MINUS, "+"} else ("", text)
    symbol = _SYMBOLS.get(currency, currency + "\u00a0")
    return f"{sign}{figures}\u00a0{symbol}" if currency in _AFTER else f"{sign}{symbol}{figures}"


def percent(share: Decimal, digits: int = 1, *, signed: bool = False) -> str:
    """Return a share of one as a percentage: `0.273` gives `27.3 %`."""
    return f"{number(share * 100, digits, signed=signed)}{THIN}%"


def day(moment: datetime | date, zone: tzinfo) -> str:
    """Return the calendar day in the shop's zone: `21 Nov 2026`."""
    return format_date(_local(moment, zone), "j M Y")


def day_and_time(moment: datetime, zone: tzinfo) -> str:
    """Return the day and the clock time in the shop's zone: `21 Nov 2026, 16:00`."""
    return format_date(moment.astimezone(zone), "j M Y, H:i")


def month(first: date) -> str:
    """Return a month: `Mar 2026`."""
    return format_date(first, "M Y")


def weekday(moment: datetime, zone: tzinfo) -> str:
    """Return the day as one says it: `Saturday 21 November`."""
    return format_date(moment.astimezone(zone), "l j F")


def relative(moment: datetime, at: datetime) -> str:
    """Return how far `moment` lies from `at`, in the largest sensible unit: `40 s ago`, `in 3 days`."""
    seconds = int((at - moment).total_seconds())
    span = duration(abs(seconds))
    if abs(seconds) < 5:
        return gettext("just now")
    return gettext("%(span)s ago") % {"span": span} if seconds > 0 else gettext("in %(span)s") % {"span": span}


def duration(seconds: int) -> str:
    """Return a length of time in one unit: `40 s`, `12 min`, `3 h`, `9 days`, `4 months`, `2 years`."""
    days = seconds // 86_400
    if seconds < 60:
        return f"{seconds}\u00a0s"
    if seconds < 3_600:
        return f"{seconds // 60}\u00a0min"
    if seconds < 2 * 86_400:
        return f"{seconds // 3_600}\u00a0h"
    if days < 61:
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    if days < 730:
        return ngettext("%(n)s month", "%(n)s months", days // 30) % {"n": days // 30}
    return ngettext("%(n)s year", "%(n)s years", days // 365) % {"n": days // 365}


def _local(moment: datetime | date, zone: tzinfo) -> datetime | date:
    return moment.astimezone(zone) if isinstance(moment, datetime) else moment
