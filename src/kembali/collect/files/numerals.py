"""Texts of amounts and quantities → exact numbers. Pure; no floats."""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

Mark = Literal["point", "comma"]

# Amounts are held as integers of 10⁻¹⁰ of the currency's unit: exact for every price list, and times any quantity
# still far inside 128 bits.
SCALE_DIGITS = 10
_LARGEST_AMOUNT = Decimal(10) ** 12
_LARGEST_QUANTITY = 10**9

_SYMBOLS = re.compile(r"^(?:[A-Z]{3}\b|[£$€¥])?\s*([+-]?)\s*(?:[£$€¥])?\s*(.*?)\s*(?:[A-Z]{3}|[£$€¥])?$")
_GROUPED = {
    "point": re.compile(r"(?:\d+|\d{1,3}(?:[,'’  ]\d{3})+)?(?:\.\d*)?(?:[eE][+-]?\d{1,2})?"),
    "comma": re.compile(r"(?:\d+|\d{1,3}(?:[.'’  ]\d{3})+)?(?:,\d*)?(?:[eE][+-]?\d{1,2})?"),
}
_COMMA_SIGNS = re.compile(r"^[^.,]*,\d{1,2}\D*$|\.\d{3},")
_POINT_SIGNS = re.compile(r"^[^.,]*\.\d{1,2}\D*$|,\d{3}\.")


def decimal_mark(texts: Iterable[str]) -> Mark:
    """Return which mark most of the amounts use before their decimals; a point where nothing tells."""
    balance = 0
    for text in texts:
        balance += bool(_COMMA_SIGNS.search(text)) - bool(_POINT_SIGNS.search(text))
    return "comma" if balance > 0 else "point"


def parse_amount(text: str, mark: Mark) -> Decimal | None:
    """Return the amount, or None if the text is none or beyond ±10¹².

    Currency signs and codes around it and well-formed thousands groups are accepted; more than ten decimals are
    rounded half to even.
    """
    match = _SYMBOLS.match(text.strip())
    if match is None:
        return None
    sign, digits = match.groups()
    if not any(character.isdecimal() for character in digits) or not _GROUPED[mark].fullmatch(digits):
        return None
    if mark == "comma":
        digits = digits.replace(".", "").replace(",", ".")
    for separator in (",", "'", "’", " ", " ", " "):
        digits = digits.replace(separator, "")
    amount = Decimal(sign + digits)
    if abs(amount) > _LARGEST_AMOUNT:
        return None
    return amount.quantize(Decimal(1).scaleb(-SCALE_DIGITS), rounding=ROUND_HALF_EVEN)


def parse_quantity(text: str, mark: Mark) -> int | None:
    """Return a whole number of pieces ("6", "6.0", "1,000"), or None if the text is none or beyond ±10⁹."""
    amount = parse_amount(text, mark)
    if amount is None or amount != amount.to_integral_value() or abs(amount) > _LARGEST_QUANTITY:
        return None
    return int(amount)


def canonical(amount: Decimal) -> str:
    """Return the shortest plain decimal text: "2.55", "3", "0.001"."""
    text = f"{amount:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text
