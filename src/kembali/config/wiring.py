"""Who listens to whom: which consumers fold the log, which tables go to the lake, and one round of all due work."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings as django_settings

from kembali.accounts import api as accounts
from kembali.collect import api as collect
from kembali.consent import api as consent
from kembali.infra.database import only_one
from kembali.infra.http import Client
from kembali.infra.postgres import conninfo_of
from kembali.infra.settings import Settings
from kembali.insight import api as insight
from kembali.journeys import api as journeys
from kembali.kernel import clock
from kembali.lake import api as lake
from kembali.measure import api as measure
from kembali.messages import api as messages
from kembali.relay import api as relay
from kembali.segments import api as segments
from kembali.shop import api as shop

REFRESH_EVERY = timedelta(minutes=15)
SENDS_PER_TICK = 300  # a slow mail server must not keep the facts waiting for minutes


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one round did."""

    facts: int = 0
    refreshed: bool = False
    moved: int = 0
    delivered: int = 0
    replaying: bool = False

    @property
    def busy(self) -> bool:
        """True when there may be more to do at once."""
        return bool(self.facts or self.moved or self.delivered or self.replaying)


def register() -> None:
    """Make known what rooms declare: their lake tables, segment attributes and templates. Twice is once."""
    for source in shop.LAKE_TABLES:
        lake.register(lake.LakeTable(name=source.name, columns=source.columns, key=source.key, select=source.select))
    lake.register(insight.TRAITS)
    segments.register(
        source=insight.TRAITS,
        attributes=insight.ATTRIBUTES,
        changed_at=insight.CHANGED_AT,
        purchases="purchases",
    )
    for playbook in journeys.list_playbooks():
        messages.register_templates(playbook.name, playbook.templates_dir)


def consumers() -> Iterator[collect.Consumer]:
    """Everybody who folds facts, from the ground up: a room above may ask what one below has folded."""
    yield shop.TRACKED_ORDERS
    yield shop.PROJECTION
    yield shop.TRACKING
    yield consent.CONSUMER
    yield from journeys.CONSUMERS
    if relay.has_endpoints():  # else it would read every fact for nobody
        yield relay.CONSUMER


def settings() -> Settings:
    """The start-up settings of this process."""
    found: Settings = django_settings.KEMBALI
    return found


def http() -> Client:
    """What calls shops, and whatever else is called out there."""
    return Client(allow_private=settings().allow_private_addresses)


def shop_now(wall: datetime) -> datetime:
    """Return the shop's business time at a wall-clock instant: the same, except in a demo shop whose time was moved."""
    found = shop.find_shop_settings()
    return wall + found.clock_offset if found else wall


def time_zone() -> ZoneInfo:
    """The shop's zone.

    Raises:
        ShopNotSetUp: it has none yet.
    """
    return clock.zone(shop.shop_settings().time_zone)


def tick(at: datetime, *, refresh_every: timedelta = REFRESH_EVERY) -> Ticked:
    """Do everything that is due at `at`, once: fold, refresh, move, deliver. Any number of workers may."""
    if shop.find_shop_settings() is None:
        return Ticked()
    brought = collect.reconcile_due(http=http(), at=at)
    facts = fold(at)
    refreshed = _refresh_if_due(at, refresh_every)
    if refreshed:
        facts += fold(at)  # entering and leaving segments are facts
    moved = journeys.move_due(at=at)
    delivered = messages.deliver_due(at=at, limit=SENDS_PER_TICK)
    collect.expire_rejected(at=at)
    facts += collect.replay_asked(consumers(), at=at)
    if delivered:
        facts += fold(at)  # so are deliveries
    collect.count_new()
    replaying = relay.continue_replays(at=at)
    relay.forget_old(at=at)
    accounts.forget_requests(at=at)
    return Ticked(facts + brought, refreshed, moved, delivered, replaying)


def fold(at: datetime) -> int:
    """Run every consumer until all have caught up; return how many facts were handled."""
    total = 0
    while handled := sum(collect.run_consumer(consumer, at=at) for consumer in consumers()):
        total += handled
    return total


def refresh(at: datetime, *, full: bool | None = None, rebuild_lake: bool = False) -> dict[str, object]:
    """Fold, then bring lake, insight, segments, proofs and previews up to date; return what was done.

    One process at a time; another waits for its turn.
    """
    with only_one("refresh", wait=True):
        fold(at)
        found = settings()
        exported = lake.export(found.lake_dir, conninfo_of(found), rebuild=rebuild_lake)
        with lake.open_lake(found.lake_dir) as opened:
            with insight.refreshing(opened, at=at, full=full) as traits:
                members = segments.refresh(opened, at=at, changed=traits.changed)
            proofs = measure.measure_all(opened, at=at)
            previews = measure.preview_playbooks(opened, at=at) if traits.changed is None else []
        fold(at)
        collect.count_new()
    return {
        "as_of": at.isoformat(timespec="seconds"),
        "lake_rows": dict(exported.rows),
        "customers_computed": traits.customer_count,
        "rows_written": traits.written,
        "segments_entered": members.entered,
        "segments_left": members.left,
        "proofs": len(proofs),
        "previews": len(previews),
    }


def export(found: Settings) -> None:
    """Bring the lake up to date, and nothing else."""
    lake.export(found.lake_dir, conninfo_of(found))


def _refresh_if_due(at: datetime, every: timedelta) -> bool:
    last = insight.last_refresh()
    if last is not None and timedelta(0) <= at - last.at < every:
        return False
    with only_one("refresh") as mine:
        if mine:
            refresh(at)
        return mine
