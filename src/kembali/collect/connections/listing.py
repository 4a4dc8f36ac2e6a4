"""What is known of connected shops, for pages and commands. No secret leaves."""

from dataclasses import dataclass
from datetime import date, datetime

from kembali.collect.connections.connecting import hook_url
from kembali.collect.connections.reconciling import OVERLAP
from kembali.collect.connectors.platforms import connector_of
from kembali.collect.models import Connection, ConnectionStream, ConnectionTotal


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamView:
    """How far a kind of thing of a shop has been read; while the first round runs, that is the backfill.

    read_until: everything the shop changed up to then is in the log; None before the backfill has ended.
    """

    stream: str
    done_count: int
    total_count: int | None
    is_running: bool
    read_until: datetime | None
    backfilled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionView:
    """A connected shop, how it does, and when it is asked again."""

    name: str
    platform: str
    title: str
    address: str
    hook_url: str
    hook_topics: tuple[str, ...]
    has_webhooks: bool
    created_at: datetime
    paused_at: datetime | None
    due_at: datetime
    failures: int
    last_error: str
    last_error_at: datetime | None
    last_success_at: datetime | None
    last_hook_at: datetime | None
    last_refused_hook_at: datetime | None
    streams: tuple[StreamView, ...]

    @property
    def is_backfilling(self) -> bool:
        """Whether something of the shop's history is still to come."""
        return any(stream.backfilled_at is None for stream in self.streams)

    @property
    def read_until(self) -> datetime | None:
        """Up to when nothing of this shop can be missing, None before all has been read once."""
        instants = [stream.read_until for stream in self.streams]
        known = [instant for instant in instants if instant is not None]
        return min(known) if known and len(known) == len(instants) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopTotal:
    """What a connected shop itself counts of one month; `source` is that of its facts."""

    source: str
    month: date
    currency: str
    order_count: int
    total_minor: int | None
    asked_at: datetime


def list_connections() -> list[ConnectionView]:
    """Every connected shop, by name. Two queries."""
    return [_view(one) for one in Connection.objects.order_by("name").prefetch_related("streams")]


def connection_of(name: str) -> ConnectionView | None:
    """One connected shop, None if there is none of this name."""
    found = Connection.objects.filter(name=name).prefetch_related("streams").first()
    return None if found is None else _view(found)


def list_shop_totals() -> list[ShopTotal]:
    """What connected shops themselves count, the newest month first: hold ours of the same source against it."""
    rows = ConnectionTotal.objects.order_by("connection__name", "-month", "currency").select_related("connection")
    return [
        ShopTotal(
            source=row.connection.name,
            month=row.month,
            currency=row.currency,
            order_count=row.order_count,
            total_minor=row.total_minor,
            asked_at=row.asked_at,
        )
        for row in rows
    ]


def _view(one: Connection) -> ConnectionView:
    connector = connector_of(one.platform)
    return ConnectionView(
        name=one.name,
        platform=one.platform,
        title=connector.title,
        address=one.address,
        hook_url=hook_url(one),
        hook_topics=tuple(one.hook_topics),
        has_webhooks=connector.webhooks is not None,
        created_at=one.created_at,
        paused_at=one.paused_at,
        due_at=one.due_at,
        failures=one.failures,
        last_error=one.last_error,
        last_error_at=one.last_error_at,
        last_success_at=one.last_success_at,
        last_hook_at=one.last_hook_at,
        last_refused_hook_at=one.last_refused_hook_at,
        streams=tuple(_stream(stream) for stream in sorted(one.streams.all(), key=lambda stream: stream.place)),
    )


def _stream(one: ConnectionStream) -> StreamView:
    return StreamView(
        stream=one.stream,
        done_count=one.done_count,
        total_count=one.total_count,
        is_running=one.round_started_at is not None,
        read_until=one.synced_until and one.synced_until + OVERLAP,
        backfilled_at=one.backfilled_at,
    )
