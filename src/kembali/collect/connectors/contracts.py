"""What a connector is: it reads a platform's webhooks, and asks the shop, page after page, for what changed.

A connector decides nothing about when, how often or what becomes of it: it holds no state, reads no clock and stores
nothing. It is handed a `Shop` and answers with facts.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, ClassVar

import msgspec

from kembali.collect.connectors.values import About, Check, Delivery, Http, MonthTotal, Page, SetupField, Shop
from kembali.collect.contracts import NewFact, Reading, Rejected
from kembali.collect.nesting import MOST_LEVELS, is_too_deep
from kembali.kernel.errors import Refused

_ASKED = "asked."  # before the stream's name: a thing that was asked for, not told by a webhook
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Webhooks(ABC):
    """How a platform tells by itself what happened: read at the edge, so nothing here waits or asks anybody."""

    @abstractmethod
    def subscribe(self, shop: Shop, http: Http, *, hook_url: str, at: datetime) -> Sequence[str]:
        """See to it that the shop sends its webhooks to an address; return the topics. Repeating it changes nothing.

        Raises:
            Denied, Refused, Unavailable: the shop does not do it.
        """

    @abstractmethod
    def call_of(self, delivery: Delivery) -> str:
        """Return what a webhook is about, as the platform names it."""

    @abstractmethod
    def is_genuine(self, delivery: Delivery, shop: Shop) -> bool:
        """Return whether the shop's platform sent this, by its signature over the raw body. No secret: nothing is."""

    @abstractmethod
    def is_greeting(self, delivery: Delivery) -> bool:
        """Return whether this only asks, unsigned, if anybody is there: answered with 200, and nothing else."""

    @abstractmethod
    def beside(self, delivery: Delivery, shop: Shop) -> Mapping[str, str]:
        """Return what must be known beside a webhook's body to read it: now, and when it is replayed."""

    @abstractmethod
    def read(self, call: str, body: bytes, beside: Mapping[str, str], *, source: str, received_at: datetime) -> Reading:
        """Return what a webhook says: facts, or it with the reason why it says none. Pure; never raises."""

    @abstractmethod
    def wakes(self, call: str) -> bool:
        """Return whether after such a webhook the shop should be asked soon: it says less than it means."""


class Connector(ABC):
    """A platform. One that only asks implements `page` and `check`; one that is told by webhooks too has `webhooks`.

    streams: what is asked for, in turn; each is read completely once (backfill), then again and again for what changed.
    """

    platform: ClassVar[str]
    title: ClassVar[str]
    fields: ClassVar[tuple[SetupField, ...]]
    streams: ClassVar[tuple[str, ...]]
    webhooks: ClassVar[Webhooks | None] = None

    @abstractmethod
    def page(
        self, shop: Shop, http: Http, stream: str, *, since: datetime | None, cursor: str | None, at: datetime
    ) -> Page:
        """Return the next page of a stream: what was updated since an instant (None: everything), from a cursor on.

        Whatever changes while the pages are read is either in a later page or updated since this round began.

        Raises:
            Unavailable: the shop does not answer or asks for patience; the same step is tried again later.
            Denied, Refused: it never will, until somebody changes something.
        """

    @abstractmethod
    def check(self, shop: Shop, http: Http, *, at: datetime) -> Iterator[Check]:
        """Look whether everything is right, one thing after the other; nothing is changed in the shop."""

    def address_of(self, text: str) -> str:
        """Return a shop's address in the one form that is stored.

        Raises:
            Refused: it is none.
        """
        return text.strip().rstrip("/")

    def totals(self, shop: Shop, http: Http, *, months: Sequence[date], at: datetime) -> list[MonthTotal]:  # noqa: ARG002 - for those that can
        """Return what the shop itself counts in these months (their first days); empty where it does not tell."""
        return []

    def about(self, shop: Shop, http: Http, *, at: datetime) -> About | None:  # noqa: ARG002 - for those that can
        """Return what the shop says of itself, None where it does not tell its currency and zone."""
        return None

    def rejected(
        self, call: str, raw: bytes, beside: Mapping[str, str], *, source: str, code: str, reason: str
    ) -> Rejected:
        """Return a webhook, or one thing of a page, as it is kept: with the reason, and all that reads it again."""
        return Rejected(
            source=source,
            call=f"{self.platform}.{call}",
            is_trusted=True,
            reason_code=code,
            reason=reason,
            raw=raw,
            beside=msgspec.json.encode(beside),
        )

    def read_webhook(
        self, call: str, body: bytes, beside: Mapping[str, str], *, source: str, received_at: datetime
    ) -> Reading:
        """Return what a genuine webhook says; one nested too deep is not even looked at."""
        if self.webhooks is None:
            return Reading()
        if is_too_deep(body):
            reason = f"It is nested deeper than {MOST_LEVELS} levels."
            kept = self.rejected(call, body, beside, source=source, code="too_deep", reason=reason)
            return Reading(rejected=[kept])
        return self.webhooks.read(call, body, beside, source=source, received_at=received_at)

    def read_item(
        self, stream: str, item: Any, beside: Mapping[str, str], *, source: str, seen_at: datetime
    ) -> Sequence[NewFact]:
        """Return what one thing of a stream tells: what `take` calls, now and when the thing is read again. Pure.

        Raises:
            Refused, msgspec.MsgspecError: it cannot be understood.
        """
        raise NotImplementedError

    def take(
        self,
        page: Page,
        stream: str,
        item: Any,
        *,
        source: str,
        seen_at: datetime,
        beside: Mapping[str, str] = _NOTHING,
    ) -> None:
        """Add to a page what one thing of it tells, or the thing with the reason why it cannot be read."""
        try:
            page.facts += self.read_item(stream, item, beside, source=source, seen_at=seen_at)
        except (Refused, msgspec.MsgspecError) as error:
            raw, code = msgspec.json.encode(item), error.code if isinstance(error, Refused) else "bad_shape"
            call = f"{_ASKED}{stream}"
            page.rejected.append(self.rejected(call, raw, dict(beside), source=source, code=code, reason=str(error)))

    def read_again(
        self, call: str, raw: bytes, beside: bytes, *, source: str, is_trusted: bool, received_at: datetime
    ) -> Reading:
        """Return what a kept webhook, or thing of a page, says today. Only genuine ones were kept."""
        known = msgspec.json.decode(beside, type=dict[str, str])
        call = call.removeprefix(f"{self.platform}.")
        if call.startswith(_ASKED):
            page, item = Page(), msgspec.json.decode(raw)
            self.take(page, call.removeprefix(_ASKED), item, source=source, seen_at=received_at, beside=known)
            return Reading(page.facts, page.rejected)
        if not is_trusted:
            return Reading()
        return self.read_webhook(call, raw, known, source=source, received_at=received_at)
