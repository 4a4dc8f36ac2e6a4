"""Money and instants."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kembali.kernel import clock, money
from kembali.kernel.errors import Refused

LONDON = clock.zone("Europe/London")


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("2.55", "EUR", 255),
        ("0.001", "GBP", 0),
        ("0.005", "GBP", 0),
        ("0.015", "GBP", 2),
        ("7", "JPY", 7),
        ("1.2345", "KWD", 1234),
        ("-0.125", "USD", -12),
    ],
)
def test_amounts_round_half_to_even_in_the_currencys_own_unit(amount: str, currency: str, minor: int) -> None:
    assert money.to_minor(Decimal(amount), currency) == minor


def test_minor_units_go_back_exactly() -> None:
    assert money.from_minor(12345, "EUR") == Decimal("123.45")
    assert money.from_minor(12345, "JPY") == Decimal(12345)
    assert money.from_minor(12345, "KWD") == Decimal("12.345")


@pytest.mark.parametrize("text", ["EURO", "€", "12", ""])
def test_what_is_not_a_currency_code_is_refused(text: str) -> None:
    with pytest.raises(money.BadCurrency):
        money.currency_code(text)


def test_a_summer_reading_is_one_hour_earlier_in_utc() -> None:
    found = clock.to_utc(datetime(2026, 7, 1, 12, 0), LONDON)
    assert (found.at, found.flag) == (datetime(2026, 7, 1, 11, 0, tzinfo=UTC), None)


def test_a_reading_that_happens_twice_takes_the_earlier_instant() -> None:
    found = clock.to_utc(datetime(2026, 10, 25, 1, 30), LONDON)
    assert (found.at, found.flag) == (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "ambiguous")


def test_a_reading_that_never_happens_moves_forward() -> None:
    found = clock.to_utc(datetime(2026, 3, 29, 1, 30), LONDON)
    assert (found.at, found.flag) == (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "nonexistent")


def test_the_local_day_decides_not_the_utc_day() -> None:
    assert clock.local_date(datetime(2026, 6, 30, 23, 30, tzinfo=UTC), LONDON) == date(2026, 7, 1)
    assert clock.local_midnight(date(2026, 7, 1), LONDON) == datetime(2026, 6, 30, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize("name", ["Europe/Atlantis", "../etc/passwd", ""])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(clock.BadTimeZone):
        clock.zone(name)


def test_an_instant_without_an_offset_is_read_in_the_zone() -> None:
    assert clock.parse_instant("2026-07-01", LONDON) == datetime(2026, 6, 30, 23, 0, tzinfo=UTC)
    assert clock.parse_instant("2026-07-01T00:00Z", LONDON) == datetime(2026, 7, 1, tzinfo=UTC)
    with pytest.raises(Refused):
        clock.parse_instant("yesterday", LONDON)
