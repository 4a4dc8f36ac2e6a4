"""Insight's refresh: what it writes, and that refreshing little by little ends where refreshing everything does."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.db import connection

from kembali.infra.postgres import conninfo_of
from kembali.insight import api as insight
from kembali.insight.models import Report, Run, Trait
from kembali.kernel.ids import CustomerId
from kembali.lake import api as lake
from kembali.lake import registry

pytestmark = pytest.mark.django_db(transaction=True)

START = datetime(2025, 1, 1, tzinfo=UTC)
PURCHASES = lake.LakeTable(
    name="purchases",
    columns={
        "order_id": "int64",
        "customer_id": "int64",
        "placed_at": "timestamp",
        "placed_on": "date",
        "net_minor": "int64",
        "margin_minor": "int64",
    },
    key="order_id",
    select=(
        "SELECT order_id, customer_id, placed_at, (placed_at AT TIME ZONE 'UTC')::date AS placed_on, net_minor, "
        "net_minor / 2 AS margin_minor, net_minor > 0 AS is_live, xid::text::bigint AS row_xid "
        "FROM made_order WHERE xid >= ':since'::xid8"
    ),
)


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(registry, "_tables", {})
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE made_order (order_id bigint PRIMARY KEY, customer_id bigint, placed_at timestamptz, "
            "net_minor bigint, xid xid8 DEFAULT pg_current_xact_id())"
        )
    lake.register(PURCHASES)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE made_order")


def conninfo() -> str:
    """The test database, which is not the one of the settings."""
    return f"{conninfo_of(settings.KEMBALI)} dbname={connection.settings_dict['NAME']}"


def place(rows: list[tuple[int, int, datetime, int]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO made_order VALUES (%s, %s, %s, %s) ON CONFLICT (order_id) DO UPDATE SET "
            "customer_id = excluded.customer_id, placed_at = excluded.placed_at, net_minor = excluded.net_minor, "
            "xid = pg_current_xact_id()",
            rows,
        )


def history(customers: int, orders: int, seed: int, days: int = 500) -> list[tuple[int, int, datetime, int]]:
    rng = np.random.default_rng(seed)
    return [
        (
            n,
            int(rng.integers(1, customers + 1)),
            START + timedelta(days=float(rng.uniform(0, days))),
            int(rng.integers(1, 9999)),
        )
        for n in range(1, orders + 1)
    ]


def refresh(at: datetime, folder: Path, *, full: bool | None = None) -> insight.Refreshed:
    lake.export(folder, conninfo())
    with lake.open_lake(folder) as opened, insight.refreshing(opened, at=at, full=full) as done:
        pass
    return done


def stored() -> dict[int, tuple[object, ...]]:
    skipped = {"as_of", "changed_xid"}
    names = [f.attname for f in Trait._meta.fields if f.attname not in skipped]
    return {row[0]: row for row in Trait.objects.values_list(*names)}


def without_rfm(rows: dict[int, tuple[object, ...]]) -> dict[int, tuple[object, ...]]:
    return {key: (*row[:14], row[18]) for key, row in rows.items()}


def test_a_first_refresh_writes_one_row_per_buyer_and_the_reports(orders: None, tmp_path: Path) -> None:
    place(history(40, 200, seed=1))
    place([(900, 77, START + timedelta(days=3), 0)])
    done = refresh(START + timedelta(days=500), tmp_path)
    assert done.changed is None
    assert done.customer_count == Trait.objects.count() == len({r[1] for r in history(40, 200, seed=1)})
    assert not Trait.objects.filter(customer_id=77).exists()
    assert set(Report.objects.values_list("name", flat=True)) == {
        "cohorts", "repeat_rate", "time_to_second", "again_within_90_days", "rfm_map",
    }  # fmt: skip
    customer = Trait.objects.order_by("-order_count")[0]
    assert customer.last_order_at < customer.expected_next_low_at < customer.expected_next_at
    assert customer.expected_next_at < customer.expected_next_high_at <= customer.idle_from < customer.lost_from


def test_refreshing_day_by_day_ends_where_a_full_refresh_does(orders: None, tmp_path: Path) -> None:
    """New, late, changed, withdrawn orders and orders that change hands."""
    rows = history(30, 240, seed=2)
    place(rows[:200])
    refresh(START + timedelta(days=300), tmp_path)
    steps = [
        (310, rows[200:210]),
        (320, [(7, 3, START + timedelta(days=200), 10), *rows[210:220]]),
        (330, [(o, c, at, 0) for o, c, at, _ in rows[20:24]]),
        (340, [(o, 30 - c % 30, at, n) for o, c, at, n in rows[30:36]]),
        (345, []),
        (400, [(o, c, at, 0) for o, c, at, _ in rows[:200] if c == 5]),
    ]
    for day, changes in steps:
        place(changes)
        done = refresh(START + timedelta(days=day), tmp_path, full=False)
        assert done.changed is not None
    at = START + timedelta(days=400)
    little_by_little = stored()
    points = Run.objects.get().breakpoints
    refresh(at, tmp_path, full=True)
    assert without_rfm(little_by_little) == without_rfm(stored())
    assert points != Run.objects.get().breakpoints
    assert not Trait.objects.filter(customer_id=5).exists()
    Trait.objects.all().delete()
    refresh(at, tmp_path, full=True)
    assert without_rfm(little_by_little) == without_rfm(stored())


def test_nothing_new_writes_nothing(orders: None, tmp_path: Path) -> None:
    place(history(20, 100, seed=3, days=100))
    at = START + timedelta(days=120)
    refresh(at, tmp_path)
    done = refresh(at + timedelta(days=1), tmp_path, full=False)
    assert (done.changed, done.written) == ((), 0)
    assert refresh(at + timedelta(days=1), tmp_path, full=True).written == 0


def test_the_profile_reads_the_traits(orders: None, tmp_path: Path) -> None:
    place([(1, 4, START, 1000), (2, 4, START + timedelta(days=30), 500)])
    refresh(START + timedelta(days=31), tmp_path)
    found = insight.traits_of([CustomerId(4)])
    assert found[CustomerId(4)].order_count == 2
    assert found[CustomerId(4)].aov_minor == 750
    assert found[CustomerId(4)].rfm_group == "Needs attention"


def stopped_refresh(at: datetime, folder: Path, *, full: bool) -> tuple[int, ...] | None:
    """Refresh, but fail in what follows from it; return who had changed."""
    lake.export(folder, conninfo())
    changed = None
    with (
        suppress(ZeroDivisionError),
        lake.open_lake(folder) as opened,
        insight.refreshing(opened, at=at, full=full) as done,
    ):
        changed = done.changed
        raise ZeroDivisionError
    return changed


def test_what_was_not_followed_through_is_found_again(orders: None, tmp_path: Path) -> None:
    rows = history(30, 240, seed=2)
    place(rows[:200])
    at = START + timedelta(days=300)
    refresh(at, tmp_path)
    place(rows[200:210])
    missed = stopped_refresh(at + timedelta(days=10), tmp_path, full=False)
    again = refresh(at + timedelta(days=10), tmp_path, full=False)
    assert set(again.changed or ()) == set(missed or ()) != set()
    assert again.written == 0  # the traits themselves had been written


def test_after_a_full_refresh_that_failed_the_next_one_is_full(orders: None, tmp_path: Path) -> None:
    place(history(30, 200, seed=2))
    at = START + timedelta(days=300)
    refresh(at, tmp_path)
    stopped_refresh(at, tmp_path, full=True)
    assert refresh(at, tmp_path, full=False).changed is None
    assert refresh(at, tmp_path, full=False).changed == ()
