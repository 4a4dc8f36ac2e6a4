"""Money as integer minor units with an ISO 4217 currency; no floats."""

from decimal import ROUND_HALF_EVEN, Decimal

from kembali.kernel.errors import Refused

# ISO 4217 minor-unit exponents that are not 2.
_EXPONENTS = dict.fromkeys(
    (
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ),
    0,
) | dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)


class BadCurrency(Refused):
    """A currency is not a three-letter ISO 4217 code."""

    code = "bad_currency"


def currency_code(text: str) -> str:
    """Return `text` as an upper-case ISO 4217 code.

    Raises:
        BadCurrency: it is not three letters.
    """
    code = text.strip().upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise BadCurrency(f"“{text}” is not a currency code.", hint="Use three letters, such as EUR or GBP.")
    return code


def exponent(currency: str) -> int:
    """Return how many decimal digits the currency's minor unit has: 2 for EUR, 0 for JPY."""
    return _EXPONENTS.get(currency, 2)


def to_minor(amount: Decimal, currency: str) -> int:
    """Return `amount` in minor units, rounded half to even."""
    return int(amount.scaleb(exponent(currency)).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def from_minor(minor: int, currency: str) -> Decimal:
    """Return minor units as an exact decimal amount."""
    return Decimal(minor).scaleb(-exponent(currency))
