"""Which country a shop is in, as far as its zone and currency tell."""

from functools import lru_cache
from importlib.resources import files

# Their zones have other names than the table's; their currencies tell nothing.
_NO_COUNTRY = ("EU", "XA", "XO", "XC", "XP")


@lru_cache(8)
def country_of(time_zone: str, currency: str) -> str:
    """Return two letters: the country of an IANA zone, else the one whose currency it is; empty where neither tells."""
    return _zones().get(time_zone, "" if currency.startswith(_NO_COUNTRY) else currency[:2])


@lru_cache(1)
def _zones() -> dict[str, str]:
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return {row[2]: row[0] for row in rows}
