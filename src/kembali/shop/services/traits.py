"""The traits of an identify call as what is known of a customer: every SDK and shop spells them its own way."""

from collections.abc import Mapping
from typing import Any

from kembali.shop.payloads import CustomerDetails

_LONGEST = 200


def details_of(traits: Mapping[str, Any]) -> CustomerDetails:
    """Return what traits say: `firstName`, `first_name` and `First Name` are one. What is no text is left out."""
    said = _folded(traits)
    address = traits.get("address")
    place = _folded(address) if isinstance(address, Mapping) else {}
    first, _, last = said.get("name", "").partition(" ")
    return CustomerDetails(
        email=said.get("email"),
        phone=said.get("phone") or said.get("phonenumber"),
        first_name=said.get("firstname") or (None if said.get("lastname") else first or None),
        last_name=said.get("lastname") or (None if said.get("firstname") else last or None),
        country=said.get("country") or place.get("countrycode") or place.get("country"),
        city=said.get("city") or place.get("city"),
    )


def _folded(members: Mapping[str, Any]) -> dict[str, str]:
    return {
        key.replace("_", "").replace(" ", "").lower(): text
        for key, value in members.items()
        if isinstance(value, str) and (text := value.strip()) and len(text) <= _LONGEST
    }
