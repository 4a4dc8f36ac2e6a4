"""Names and addresses of the simulated customers: invented, at domains reserved for examples."""

import unicodedata
from dataclasses import dataclass

from kembali.twin.draws import Ints, Purpose, below, draw_bits
from kembali.twin.population import COUNTRIES
from kembali.twin.shop import Shop, customer_ref

_NAMES = (
    "Ada Aldo Alma Amélie Anouk Arno Bela Birte Bruno Carla Cato Celia Cosmo Dalia Dario Edda Eike Elif Emil Enzo "
    "Esra Fabia Femke Finja Flora Gerd Gitta Hanno Hedda Hugo Ida Ilja Imke Ines Jannis Jella Joris Juna Jürgen Kaja "
    "Karim Katja Lasse Lena Levi Lieke Linus Lore Luc Malin Marek Mats Merle Milo Mina Nadja Nele Nils Noé Odile "
    "Okan Oona Otis Paola Pepe Pia Quentin Ravi Renske Rike Romy Rosa Sami Sanne Selma Silas Sören Suna Tamo Tess "
    "Thea Timo Toni Ulla Uwe Valentin Vera Viggo Wanda Wim Xenia Yara Yves Zita Zoë"
)
_STARTS = "Ahl Birn Bram Dorn Eber Fal Gram Hasel Imm Jor Kalm Kest Lind Mar Nor Ost Pell Quir Rav Sund"
_ENDS = "acker beck berg bruch dal feld garten hoff kamp land mann moor rath see stein thal wald wiese"
_FIRST_NAMES, _NAME_STARTS, _NAME_ENDS = _NAMES.split(), _STARTS.split(), _ENDS.split()
_DOMAINS = ("example.com", "example.org", "example.net")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What the shop's own systems know about a customer. `country` is an ISO code."""

    customer_ref: str
    first_name: str
    last_name: str
    email: str
    country: str
    accepts_email: bool


def people_of(shop: Shop, customer: Ints) -> list[Person]:
    """Return the customers of these numbers. No two of them share an e-mail address: it ends in their reference."""
    name = draw_bits(shop.seed, Purpose.NAME, customer)
    rows = shop.population.row_of(customer)
    return [
        _person(int(number), int(pick), int(country), bool(accepts))
        for number, pick, country, accepts in zip(
            customer,
            below(name, len(_FIRST_NAMES) * len(_NAME_STARTS) * len(_NAME_ENDS)),
            shop.population.country[rows],
            shop.population.accepts_email[rows],
            strict=True,
        )
    ]


def _person(number: int, pick: int, country: int, accepts_email: bool) -> Person:
    pick, end = divmod(pick, len(_NAME_ENDS))
    first, start = divmod(pick, len(_NAME_STARTS))
    first_name, last_name = _FIRST_NAMES[first], _NAME_STARTS[start] + _NAME_ENDS[end]
    ref = customer_ref(number)
    return Person(
        customer_ref=ref,
        first_name=first_name,
        last_name=last_name,
        email=f"{_ascii(first_name)}.{_ascii(last_name)}.{ref}@{_DOMAINS[number % len(_DOMAINS)]}",
        country=COUNTRIES[country],
        accepts_email=accepts_email,
    )


def _ascii(name: str) -> str:
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
