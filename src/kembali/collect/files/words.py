"""What the texts of one file mean: dates, amounts, yes and no. Every distinct text is understood once."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from kembali.collect.files.moments import DateOrder, MomentReader
from kembali.collect.files.numerals import Mark, parse_amount, parse_quantity
from kembali.kernel.errors import Refused
from kembali.kernel.money import currency_code, exponent

YES: Final = frozenset({"yes", "true", "1", "y", "t", "ja", "on", "subscribed", "opted in", "opt-in"})
NO: Final = frozenset({"no", "false", "0", "n", "f", "nein", "off"})
_REMEMBERED = 100_000
_LARGEST_MINOR = 9_000_000_000_000_000


class Unusable(Exception):
    """A row says something that cannot be understood; `value` is what offended."""

    def __init__(self, code: str, value: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.value = value[:80]


class Words:
    """Reads the texts of one file.

    observed_at: when the file is imported: the instant of what has none of its own.
    words: the meanings a format gives to words of its own, in lower case.
    """

    def __init__(
        self,
        *,
        currency: str,
        tz: ZoneInfo,
        observed_at: datetime,
        date_order: DateOrder,
        mark: Mark,
        words: Mapping[str, str],
        ref_prefix: str = "",
    ) -> None:
        self.currency = currency
        self.observed_at = observed_at
        self.words = words
        self.ref_prefix = ref_prefix
        self._mark = mark
        self._moments = MomentReader(tz, date_order)
        self._instant = lru_cache(_REMEMBERED)(self._moments.read)
        self._amount = lru_cache(_REMEMBERED)(lambda text: parse_amount(text, mark))

    def instant(self, text: str | None) -> datetime | None:
        """Return the instant a text means, None for no text.

        Raises:
            Unusable: it is no date.
        """
        if not text:
            return None
        found = self._instant(text)
        if found is None:
            raise Unusable("bad_date", text)
        return found.at

    def number(self, text: str | None, code: str = "bad_number") -> Decimal | None:
        """Return the number a text means, None for no text.

        Raises:
            Unusable: it is no number.
        """
        if not text:
            return None
        found = self._amount(text)
        if found is None:
            raise Unusable(code, text)
        return found

    def minor(self, text: str | None, *, currency: str | None = None) -> int | None:
        """Return an amount in minor units, rounded half to even, None for no text.

        Raises:
            Unusable: it is no amount.
        """
        found = self.number(text, "bad_price")
        if found is None:
            return None
        minor = int(found.scaleb(exponent(currency or self.currency)).to_integral_value(ROUND_HALF_EVEN))
        if abs(minor) > _LARGEST_MINOR:
            raise Unusable("bad_price", text or "")
        return minor

    def whole(self, text: str | None) -> int | None:
        """Return a whole number, None for no text.

        Raises:
            Unusable: it is none.
        """
        if not text:
            return None
        found = parse_quantity(text, self._mark)
        if found is None:
            raise Unusable("bad_quantity", text)
        return found

    def currency_of(self, text: str | None) -> str:
        """Return a currency's code; the shop's own for no text.

        Raises:
            Unusable: it is none.
        """
        if not text:
            return self.currency
        try:
            return currency_code(text)
        except Refused:
            raise Unusable("bad_currency", text) from None

    def yes_or_no(self, text: str | None) -> bool | None:
        """Return whether a text says yes; None for no text.

        Raises:
            Unusable: it says neither.
        """
        if not text:
            return None
        word = text.strip().casefold()
        word = self.words.get(word, word)
        if word in YES:
            return True
        if word in NO:
            return False
        raise Unusable("bad_yes_no", text)


def reference(text: str) -> str:
    """Return a number as the shop means it: spreadsheets prefix an apostrophe or append ".0"."""
    text = text.strip()
    if text.startswith("'"):
        return text[1:]
    return text[:-2] if text.endswith(".0") and text[:-2].isdecimal() else text


def split_list(text: str | None, *, between: str = ",") -> list[str]:
    """Return the parts of a cell that holds several."""
    return [part for part in (piece.strip() for piece in (text or "").split(between)) if part]


def agreed(values: Iterable[str]) -> str | list[str] | None:
    """Return the one value where all agree, all of them sorted where they do not, None for none."""
    found = sorted(set(values))
    return found[0] if len(found) == 1 else found or None
