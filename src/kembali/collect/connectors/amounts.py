"""Money in JSON of platforms: decimal text or numbers, never floats, to integer minor units."""

from decimal import Decimal, InvalidOperation

from kembali.kernel.errors import Refused
from kembali.kernel.money import to_minor

_MOST = Decimal(10) ** 15  # in major units: beyond it is no shop, but an overflow of the column


class BadAmount(Refused):
    """A text is no amount of money."""

    code = "bad_amount"


def amount_of(value: object) -> Decimal:
    """Return an amount; nothing is 0.

    Raises:
        BadAmount: it is not a finite number of a possible size.
    """
    if value is None or value == "":
        return Decimal(0)
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise BadAmount(f"“{str(value)[:60]}” is not an amount.")
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) >= _MOST:
        raise BadAmount(f"“{str(value)[:60]}” is not an amount.")
    return amount


def minor_of(value: object, currency: str) -> int:
    """Return an amount in minor units, rounded half to even; nothing is 0.

    Raises:
        BadAmount: it is no amount.
    """
    return to_minor(amount_of(value), currency)
