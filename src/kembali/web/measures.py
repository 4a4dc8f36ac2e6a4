"""Writing a measured number in its unit, with or without its interval."""

from decimal import Decimal

from kembali.web import formatting
from kembali.web.pages.parts import Measured, Unit


def write(value: Decimal, unit: Unit, currency: str, *, signed: bool = False) -> str:
    """Return one value in its unit. `points` are percentage points: `0.062` gives `6.2`."""
    match unit:
        case "money":
            return formatting.money(value, currency, whole=abs(value) >= 100_000, signed=signed)
        case "share":
            return formatting.percent(value, signed=signed)
        case "points":
            return formatting.number(value * 100, 1, signed=signed)
        case "days":
            return formatting.number(value, 0, signed=signed)
        case "count":
            return formatting.number(value, 0 if value == value.to_integral_value() else 1, signed=signed)


def write_range(measured: Measured, currency: str, *, signed: bool = False) -> str:
    """Return the interval as `2.1 to 10.3`, or empty text where there is none."""
    if measured.low is None or measured.high is None:
        return ""
    low, high = (write(bound, measured.unit, currency, signed=signed) for bound in (measured.low, measured.high))
    return f"{low} … {high}"
