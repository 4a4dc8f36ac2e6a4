"""What customers are known by: normal forms, how firmly each kind ties, and what names nobody at all."""

import re
from collections.abc import Mapping, Sequence
from enum import IntEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from email_validator import EmailNotValidError, validate_email

Identifier = tuple[str, str]


class Strength(IntEnum):
    """How sure it is that two facts with the same identifier are about the same person; the surest first."""

    CERTAIN = 0
    STRONG = 1
    MEDIUM = 2
    WEAK = 3


class Kind(NamedTuple):
    """A kind of identifier. One that meets more than `most` addresses, or numbers of one numbering, is shared."""

    strength: Strength
    most: int


# The strongest first: a fact with several identifiers belongs to the customer of its strongest one.
KINDS: Mapping[str, Kind] = {
    "customer_ref": Kind(Strength.CERTAIN, 20),
    "email": Kind(Strength.STRONG, 5),
    "loyalty_ref": Kind(Strength.MEDIUM, 3),
    "phone": Kind(Strength.MEDIUM, 3),
    "anonymous_id": Kind(Strength.WEAK, 5),
}
IDENTIFIER_KINDS = tuple(KINDS)

_CACHED = 50_000  # distinct values: an order file names the same people again and again
# What the library would leave as it is: most addresses, thirty times faster.
_PLAIN_EMAIL = re.compile(
    r"[a-z0-9_]+(?:[.+-][a-z0-9_]+)*@(?:[a-z0-9]{1,30}(?:-[a-z0-9]{1,30})?\.){1,3}(?:com|net|org|eu|[a-z]{2})"
)
_LONGEST_LOCAL_PART = 64

_NOBODYS_LOCAL_PARTS = frozenset({
    "anonymous", "do-not-reply", "donotreply", "dummy", "fake", "guest", "kein", "keine", "mailer-daemon", "n.a", "na",
    "no-mail", "no-reply", "nobody", "nomail", "none", "noreply", "null", "postmaster", "test", "test1", "test123",
    "tester", "testing", "undefined", "unknown", "xxx",
})  # fmt: skip
_NOBODYS_NAMES = frozenset({
    "-", "-1", "0", "[object object]", "anonymous", "dummy", "false", "guest", "n/a", "na", "nan", "nil", "no", "none",
    "null", "test", "true", "undefined", "unknown", "00000000-0000-0000-0000-000000000000",
})  # fmt: skip
_NOBODYS_DIGITS = re.compile(r"(\d)\1*|0?123456\d*|0*")
# Addresses that a marketplace makes up for an order: they stand for no person.
_RELAYS = ("*@marketplace.amazon.*", "*@members.ebay.*", "*@reply.etsy.com")


def normal_identifiers(
    identifiers: Mapping[str, str | None], *, country: str = "", placeholders: Sequence[str] = ()
) -> list[Identifier]:
    """Return the usable identifiers in normal form, the strongest first; placeholders are none.

    Ours (`customer_id`) is not one of them: it needs no looking up.

    Args:
        country: where phone numbers without a country code are dialled.
        placeholders: the shop's own patterns, with `*` and `?`, of values that stand for nobody.
    """
    return [
        (kind, value)
        for kind in KINDS
        if (text := identifiers.get(kind))
        and (value := normal_value(kind, text, country=country))
        and not is_placeholder(kind, value, placeholders)
    ]


def normal_value(kind: str, value: str, *, country: str = "") -> str:
    """Return an identifier's value in normal form, empty where there is nothing in it.

    E-mail: lower case, international domains in their own script; dots in the local part tell people apart. Phone:
    `+` and country code where the number can exist, else its bare digits, which can be found but tie nobody.
    """
    value = value.strip()
    if kind == "email":
        return _email(value)[0]
    if kind == "phone":
        return _phone(value, country)
    return value


def phone_prefix(text: str, *, country: str = "") -> str:
    """Return how normal forms of numbers begin that begin with `text`; empty where it has no digits."""
    text = text.strip()
    digits = "".join(sign for sign in text if sign.isdecimal())
    if text.startswith("+") and digits:
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    if digits.startswith("0") and (code := phonenumbers.country_code_for_region(country)):
        return f"+{code}{digits[1:]}"
    return digits


def can_tie(identifier: Identifier) -> bool:
    """Return whether this can be somebody's: an address that is none, or a number nobody can have, ties nothing."""
    kind, value = identifier
    if kind == "email":
        return _email(value)[1]
    return kind != "phone" or value.startswith("+")


def is_placeholder(kind: str, value: str, patterns: Sequence[str] = ()) -> bool:
    """Return whether a value in normal form stands for nobody: `test@…`, `guest`, `0000000`, a marketplace's relay."""
    low = value.lower()
    if any(fnmatchcase(low, pattern.lower()) for pattern in patterns):
        return True
    if kind == "email":
        local, at, _ = low.partition("@")
        return (
            local in _NOBODYS_LOCAL_PARTS
            or (not at and low in _NOBODYS_NAMES)
            or any(fnmatchcase(low, relay) for relay in _RELAYS)
        )
    if kind == "phone":
        return _NOBODYS_DIGITS.fullmatch(low.removeprefix("+")) is not None
    return low.rpartition(":")[2] in _NOBODYS_NAMES


def like_pattern(pattern: str) -> str:
    """Return a pattern of placeholders as one of SQL's LIKE, which matches at least as much."""
    text = pattern.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return re.sub(r"\[[^\]]*\]", "_", text).replace("*", "%").replace("?", "_")


def numbering_of(customer_ref: str) -> str:
    """Return whose numbers a customer's number belongs to: `shopify` for `shopify:7`, empty for the shop's own."""
    return customer_ref.rpartition(":")[0]


@lru_cache(_CACHED)
def _email(value: str) -> tuple[str, bool]:
    """Return an address in normal form, and whether it is one."""
    low = value.lower()
    if _PLAIN_EMAIL.fullmatch(low) and low.index("@") <= _LONGEST_LOCAL_PART:
        return low, True
    try:
        return validate_email(value, check_deliverability=False, test_environment=True).normalized.lower(), True
    except EmailNotValidError:
        return low, False


@lru_cache(_CACHED)
def _phone(value: str, country: str) -> str:
    text = f"+{value[2:]}" if value.startswith("00") else value
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        number = None
    if number is not None and phonenumbers.is_valid_number(number):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return "".join(sign for sign in value if sign.isdecimal())
