"""Numbers and moments read as the shop's people write them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from kembali.web import formatting, measures
from kembali.web.pages.parts import Measured

AT = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (418_000, "EUR", "€4,180.00"),
        (-500, "USD", "−$5.00"),
        (1_200, "JPY", "¥1,200"),
        (1_234, "KWD", "KWD\u00a01.234"),
        (4_120, "PLN", "41.20\u00a0zł"),
        (Decimal("1420.5"), "EUR", "€14.20"),
    ],
)
def test_money_is_written_with_the_currency_s_own_digits(minor: int | Decimal, currency: str, text: str) -> None:
    assert formatting.money(minor, currency) == text


def test_a_difference_says_its_sign_and_zero_has_none() -> None:
    assert formatting.number(Decimal("6.16"), 1, signed=True) == "+6.2"
    assert formatting.number(Decimal("-0.44"), 1, signed=True) == "−0.4"
    assert formatting.number(Decimal("-0.04"), 1, signed=True) == "0.0"
    assert formatting.money(3_100, "EUR", signed=True) == "+€31.00"


def test_a_share_is_a_percentage_that_does_not_break() -> None:
    assert formatting.percent(Decimal("0.2734")) == "27.3\u202f%"


def test_a_day_is_the_shop_s_day_not_utc_s() -> None:
    assert formatting.day(AT, ZoneInfo("Europe/Berlin")) == "22 Nov 2026"
    assert formatting.day_and_time(AT, ZoneInfo("America/Sao_Paulo")) == "21 Nov 2026, 20:30"


@pytest.mark.parametrize(
    ("before", "text"),
    [
        (timedelta(seconds=2), "just now"),
        (timedelta(seconds=40), "40\u00a0s ago"),
        (timedelta(minutes=12), "12\u00a0min ago"),
        (timedelta(hours=30), "30\u00a0h ago"),
        (timedelta(days=9), "9 days ago"),
        (timedelta(days=200), "6 months ago"),
        (timedelta(days=-3), "in 3 days"),
    ],
)
def test_a_moment_is_told_in_its_largest_sensible_unit(before: timedelta, text: str) -> None:
    assert formatting.relative(AT - before, AT) == text


def test_points_are_written_per_hundred_with_both_ends_of_the_interval() -> None:
    lift = Measured(Decimal("0.062"), Decimal("0.021"), Decimal("0.103"), "points")
    assert measures.write(lift.estimate, lift.unit, "EUR", signed=True) == "+6.2"
    assert measures.write_range(lift, "EUR", signed=True) == "+2.1 … +10.3"
    assert lift.half_width == Decimal("0.041")


def test_without_an_interval_nothing_is_written_as_one() -> None:
    assert measures.write_range(Measured(Decimal(1), None, None, "money"), "EUR") == ""
