"""What passes between a connector and what hosts it: a shop, a webhook, a page of facts, what was found right."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

import msgspec

from kembali.collect.contracts import NewFact, Rejected


class HttpResponse(Protocol):
    """What a shop answered; header names in lower case."""

    @property
    def status(self) -> int:
        """Return the status code."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers."""
        ...

    @property
    def body(self) -> bytes:
        """Return the body."""
        ...


class Http(Protocol):
    """The one way to call a shop (`infra.http.Client`)."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout_s: float = 15.0,
        max_bytes: int = 10_000_000,
    ) -> HttpResponse:
        """Return the answer, whatever its status."""
        ...


@dataclass(frozen=True, slots=True)
class SetupField:
    """What a person enters to connect a shop. A secret is sealed and never shown again."""

    name: str
    label: str
    help: str = ""
    is_secret: bool = False
    is_needed: bool = True
    placeholder: str = ""


@dataclass(slots=True, kw_only=True)
class Shop:
    """A connected shop as its connector sees it, secrets opened.

    name: the source of its facts. remembered: small secrets that a connector keeps from call to call (an access token);
    what it changes in there is sealed and stored after the call. previous: secrets that still count after a rotation.
    """

    name: str
    address: str
    secrets: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    previous: Mapping[str, str] = field(default_factory=dict)
    remembered: dict[str, str] = field(default_factory=dict)


class Delivery(msgspec.Struct, frozen=True, gc=False):
    """A webhook as it came: header names in lower case, the body's bytes untouched."""

    headers: Mapping[str, str]
    body: bytes

    def header(self, *names: str) -> str:
        """Return the first of these headers that is there, empty without any."""
        return next((self.headers[name] for name in names if self.headers.get(name)), "")


@dataclass(slots=True, kw_only=True)
class Page:
    """One bounded step through a stream.

    cursor: where the next step goes on; None at the stream's end. total: how many the whole stream has, where the
    platform tells. wait_s: how long the shop wants to be left alone. seen: how many things of the shop were read,
    whether each gave a fact or not.
    """

    facts: list[NewFact] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    cursor: str | None = None
    total: int | None = None
    wait_s: float = 0.0
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be right before a shop is connected: what was looked at, and what to do where it is not."""

    name: str
    state: Literal["ok", "failed", "not_asked"]
    words: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthTotal:
    """What the shop itself says of a month (its own zone): orders and their sum."""

    month: date
    currency: str
    order_count: int
    total_minor: int | None


@dataclass(frozen=True, slots=True)
class About:
    """What a shop says of itself: needed before its first order, where nobody has said it yet."""

    name: str
    currency: str
    time_zone: str
