"""Ask connected shops for what changed: one bounded step after the other, each committed with its place.

What a webhook missed comes in here, and so does a shop's whole history. Facts are facts: what both bring is there once.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import psycopg
from django.db import transaction

from kembali.collect import door
from kembali.collect.connections.connecting import find, keep_remembered, shop_of
from kembali.collect.connections.totalling import ask_totals
from kembali.collect.connections.watching import watch_webhooks
from kembali.collect.connectors.errors import ShopAnswersNonsense, ShopAsksPatience, ShopBusy
from kembali.collect.connectors.opening import WOKEN
from kembali.collect.connectors.platforms import connector_of
from kembali.collect.connectors.values import Http, Page, Shop
from kembali.collect.contracts import NewFact, Rejected
from kembali.collect.models import Connection, ConnectionStream
from kembali.infra.database import one_transaction, only_one
from kembali.kernel.errors import KembaliError, Refused, Unavailable

log = logging.getLogger("kembali.connections")

EVERY = timedelta(minutes=10)
# A platform's list lags behind its shop: what was updated just before a round began may not have been in it.
OVERLAP = timedelta(minutes=5)
_AT_ONCE_S = 2.0  # of one shop in one tick: others wait
_MOST_WAIT = timedelta(hours=1)
_PATIENCE_S = 5.0
_STRANGE = (KeyError, IndexError, TypeError, ValueError, AttributeError, msgspec.MsgspecError)
_LONGEST_ERROR = 500


@dataclass(frozen=True, slots=True)
class Stepped:
    """What asking one shop for a while brought."""

    facts: int = 0
    seen: int = 0
    wait_s: float = 0.0
    is_done: bool = False
    trouble: str = ""  # with something beside the asking


def reconcile_due(*, http: Http, at: datetime, limit: int = 3) -> int:
    """Ask the shops that are due, each for a bounded while; return how many facts were new. Any number may run."""
    due = Connection.objects.filter(due_at__lte=at, paused_at__isnull=True).order_by("due_at")
    return sum(reconcile(name, http=http, at=at).facts for name in due.values_list("name", flat=True)[:limit])


def reconcile(name: str, *, http: Http, at: datetime) -> Stepped:
    """Ask one shop, for at most some seconds, and note when it is due again. An error is noted too, not raised.

    One process at a time; for another there is nothing to do.

    Raises:
        ConnectionNotFound: there is no such shop.
    """
    connection = find(name)
    with only_one(f"connection:{connection.pk}") as mine:
        if not mine:
            return Stepped()
        connection.refresh_from_db()
        try:
            stepped = _ask_for_a_while(connection, http, at)
        except ShopAsksPatience as busy:
            stepped = Stepped(wait_s=busy.wait_s if busy.wait_s is not None else _PATIENCE_S)
        except KembaliError as error:
            _failed(connection, error, at)
            return Stepped()
        except _STRANGE as error:  # one shop's answer must not keep the worker from everything else
            log.exception("what %s answered is not of the shape its connector expects", name)
            words = f"The shop's answer is not of the shape that is known ({type(error).__name__}: {error})."
            _failed(
                connection, ShopAnswersNonsense(words, hint="It is tried again later; a newer version may help."), at
            )
            return Stepped()
        _succeeded(connection, stepped, at)
        return stepped


def start_backfill(name: str, *, at: datetime) -> None:
    """Ask a shop for everything again, from the beginning: what is in the log already stays there once.

    Raises:
        ConnectionNotFound: there is no such shop.
    """
    connection = find(name)
    with only_one(f"connection:{connection.pk}", wait=True), one_transaction():
        connection.streams.update(
            since=None, cursor=None, round_started_at=None, synced_until=None, backfilled_at=None, done_count=0,
            total_count=None,
        )  # fmt: skip
        Connection.objects.filter(id=connection.pk).update(due_at=at, failures=0, round_started_at=None)


def _ask_for_a_while(connection: Connection, http: Http, at: datetime) -> Stepped:
    """Step through the streams until the time is over, the shop wants a rest, or all have been read in this round."""
    shop, until = shop_of(connection), time.monotonic() + _AT_ONCE_S
    facts = seen = 0
    connection.round_started_at = connection.round_started_at or at
    try:
        while (stream := _next_stream(connection)) is not None:
            if stream.round_started_at is None:
                _begin_round(stream, at)
            page = _ask(connection, shop, stream, http, at)
            facts += _store(stream, page, at)
            seen += page.seen
            if page.wait_s or time.monotonic() > until:
                return Stepped(facts, seen, page.wait_s)
        ask_totals(connection, shop, http, at=at)
        trouble = watch_webhooks(connection, shop, http, at=at)
    finally:
        keep_remembered(connection, shop)
    return Stepped(facts, seen, is_done=True, trouble=trouble)


def _next_stream(connection: Connection) -> ConnectionStream | None:
    """Return the first stream that has not been read since the connection's round began."""
    streams = connection.streams.order_by("place")
    return next((stream for stream in streams if not _is_read(stream, connection.round_started_at)), None)


def _is_read(stream: ConnectionStream, round_started_at: datetime | None) -> bool:
    if stream.round_started_at is not None or stream.synced_until is None or round_started_at is None:
        return False
    return stream.synced_until + OVERLAP >= round_started_at


def _begin_round(stream: ConnectionStream, at: datetime) -> None:
    stream.since, stream.cursor, stream.round_started_at = stream.synced_until, None, at
    stream.done_count, stream.total_count = 0, None


def _ask(connection: Connection, shop: Shop, stream: ConnectionStream, http: Http, at: datetime) -> Page:
    connector = connector_of(connection.platform)
    return connector.page(shop, http, stream.stream, since=stream.since, cursor=stream.cursor, at=at)


def _store(stream: ConnectionStream, page: Page, at: datetime) -> int:
    """Append a page's facts and move on, in one transaction; return how many were new."""
    stream.cursor = page.cursor
    stream.done_count += page.seen
    stream.total_count = page.total if page.total is not None else stream.total_count
    if page.cursor is None:
        stream.synced_until = (stream.round_started_at or at) - OVERLAP
        stream.round_started_at = None
        stream.backfilled_at = stream.backfilled_at or at
    with one_transaction() as cursor:
        new, refused = _append(cursor, page.facts, at)
        if page.rejected or refused:
            door.keep_rejected(cursor, [*page.rejected, *refused], received_at=at)
        stream.save()
    return new


def _append(cursor: door.Cursor, facts: Sequence[NewFact], at: datetime) -> tuple[int, list[Rejected]]:
    """Append facts whole; where that fails, in halves, until the one that fails alone is kept with its reason."""
    try:
        with transaction.atomic():
            return sum(door.append(cursor, facts, received_at=at)), []
    except (Refused, psycopg.DataError) as error:
        if len(facts) == 1:
            return 0, [_refused(facts[0], error)]
        middle = len(facts) // 2
        first, second = _append(cursor, facts[:middle], at), _append(cursor, facts[middle:], at)
        return first[0] + second[0], first[1] + second[1]


def _refused(fact: NewFact, error: Exception) -> Rejected:
    return Rejected(
        source=fact.source,
        call=f"asked.{fact.kind}",
        is_trusted=True,
        reason_code="refused",
        reason=str(error),
        raw=fact.payload if isinstance(fact.payload, bytes) else msgspec.json.encode(fact.payload),
    )


def _succeeded(connection: Connection, stepped: Stepped, at: datetime) -> None:
    """Note that it went well, and when to go on: at once, after a rest, or in some minutes if all has been read."""
    began = connection.round_started_at
    with one_transaction():
        woken_at = Connection.objects.select_for_update().values_list("woken_at", flat=True).get(id=connection.pk)
        due_at = at + timedelta(seconds=stepped.wait_s)
        if stepped.is_done:
            due_at = at + EVERY
            if woken_at is not None and began is not None and woken_at >= began:
                due_at = woken_at + WOKEN
        Connection.objects.filter(id=connection.pk).update(
            failures=0,
            last_success_at=at,
            last_error=stepped.trouble[:_LONGEST_ERROR],
            last_error_at=at if stepped.trouble else None,
            due_at=due_at,
            round_started_at=None if stepped.is_done else began,
        )


def _failed(connection: Connection, error: KembaliError, at: datetime) -> None:
    """Note what went wrong, and wait: as long as the shop says, else longer each time."""
    failures = connection.failures + 1
    wait = min(timedelta(seconds=15) * 2 ** min(failures - 1, 12), _MOST_WAIT)
    if isinstance(error, ShopBusy) and error.wait_s is not None:
        wait = timedelta(seconds=max(error.wait_s, 1))
    elif not isinstance(error, Unavailable):
        wait = _MOST_WAIT  # nothing gets better by itself; resuming the shop asks at once
    Connection.objects.filter(id=connection.pk).update(
        failures=failures,
        last_error=str(error)[:_LONGEST_ERROR],
        last_error_at=at,
        due_at=at + wait,
        round_started_at=connection.round_started_at,
    )
