"""What a template may show: the one model of values that every template can rely on."""

from collections.abc import Mapping
from dataclasses import dataclass

NAME_FALLBACK = "there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The person a message is for."""

    first_name: str = ""
    last_name: str = ""
    last_product_title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is the same for every message of a shop."""

    shop_name: str
    currency: str
    base_url: str
    """Of kembali itself: unsubscribing, answering."""
    shop_url: str
    """Of the shop's own site."""


def view_of(
    person: Person,
    surroundings: Surroundings,
    *,
    unsubscribe_url: str,
    experience_url: str,
    variables: Mapping[str, object],
) -> dict[str, object]:
    """Return the values a template sees.

    first_name ("there" if unknown; has_first_name tells), last_name and last_product_title ("" if unknown), products
    (list of {title, url}, empty unless given), shop_name, shop_url, currency, base_url, unsubscribe_url,
    experience_url, and the request's own variables, which can replace none of these but the products and the last
    product's title.
    """
    ours: dict[str, object] = {
        "first_name": person.first_name.strip() or NAME_FALLBACK,
        "has_first_name": bool(person.first_name.strip()),
        "last_name": person.last_name.strip(),
        "shop_name": surroundings.shop_name,
        "shop_url": surroundings.shop_url,
        "currency": surroundings.currency,
        "base_url": surroundings.base_url,
        "unsubscribe_url": unsubscribe_url,
        "experience_url": experience_url,
    }
    defaults: dict[str, object] = {"last_product_title": person.last_product_title, "products": []}
    return {**defaults, **variables, **ours}
