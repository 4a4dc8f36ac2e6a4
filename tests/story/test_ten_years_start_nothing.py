"""Ten years of orders are imported while every shipped flow is live: it enrols nobody. Who goes idle next is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.db import connection
from pytest_django import Settings

from kembali.collect import api as collect
from kembali.config import wiring
from kembali.infra.postgres import conninfo_of
from kembali.insight import api as insight
from kembali.journeys import api as journeys
from kembali.journeys.models import Enrolment
from kembali.kernel.ids import SegmentKey
from kembali.segments import api as segments
from kembali.shop import api as shop
from tests.makers.journeys import ordered

pytestmark = pytest.mark.django_db(transaction=True)

AT = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CUSTOMERS = 1200
IDLE_LOYAL = SegmentKey("idle_loyal")


@pytest.fixture(autouse=True)
def _home(settings: Settings, tmp_path: Path) -> None:
    """A lake of this test's own, on the test database."""
    database = f"{conninfo_of(settings.KEMBALI)} dbname={connection.settings_dict['NAME']}"
    settings.KEMBALI = replace(settings.KEMBALI, home=tmp_path, database_url=database)
    wiring.register()
    shop.set_up_shop(name="Lantern & Co", currency="GBP", time_zone="Europe/London")


def ten_years(count: int = CUSTOMERS) -> Iterator[collect.NewFact]:
    """Orders of ten years, the last three days ago; many customers fell silent only lately."""
    rng = np.random.default_rng(10)
    for number in range(count):
        last_days = float(rng.uniform(3, 150)) if number % 2 else float(rng.uniform(3, 3650))
        gap_days = float(rng.uniform(5, 40))
        placed_at = AT - timedelta(days=last_days)
        for _ in range(int(rng.integers(1, 14))):
            if placed_at < AT - 3650 * DAY:
                break
            yield ordered(f"c{number}", placed_at.replace(microsecond=0))
            placed_at -= timedelta(days=float(rng.gamma(8, gap_days / 8)) + 0.1)


def import_history(at: datetime, count: int = CUSTOMERS) -> int:
    return sum(collect.append_facts(list(ten_years(count)), at=at))


def idle_between(start: datetime, end: datetime) -> set[int]:
    """Loyal customers whose own rhythm ended in (start, end], by what insight says now."""
    everyone = segments.members_at(SegmentKey("loyal"), AT, limit=100_000)
    return {each for each, found in insight.traits_of(everyone).items() if start < found.idle_from <= end}


def launch_everything(at: datetime) -> None:
    segments.install_shipped()
    for playbook in journeys.list_playbooks():
        journeys.launch_playbook(playbook.name, at=at)


@pytest.mark.parametrize("worked_before", [False, True], ids=["first tick after the import", "ticked on a young shop"])
def test_importing_ten_years_with_every_flow_live_starts_no_enrolment(*, worked_before: bool) -> None:
    launch_everything(AT - 30 * DAY)
    if worked_before:
        collect.append_facts([ordered(f"young{number}", AT - 2 * DAY) for number in range(20)], at=AT - DAY)
        wiring.tick(AT - DAY)
        wiring.tick(AT - timedelta(hours=1))
    assert import_history(AT) > 5 * CUSTOMERS
    for minutes in (0, 1):
        wiring.tick(AT + timedelta(minutes=minutes), refresh_every=timedelta(0))
    assert Enrolment.objects.count() == 0
    # It could have: there are people who went idle within the trigger's window.
    assert len(idle_between(AT - 2 * DAY, AT)) > 5
    assert len(segments.members_at(IDLE_LOYAL, AT, limit=100_000)) > 50

    expected = idle_between(AT + timedelta(minutes=1), AT + DAY)  # the positive control: time goes on
    wiring.tick(AT + DAY, refresh_every=timedelta(0))
    enrolled = journeys.enrolments_for_measure(journeys.flow_of(journeys.list_flows(at=AT)[0].key).key)
    assert {each.customer_id for each in enrolled} == expected
    assert len(expected) > 3


def test_a_launch_with_backlog_lets_in_who_is_there_today() -> None:
    import_history(AT, count=300)
    wiring.tick(AT)
    inside = set(segments.members_at(IDLE_LOYAL, AT, limit=100_000))
    assert inside
    flow = journeys.playbook_of("win_back").flow
    assert journeys.backlog_count(flow, at=AT) == len(inside)
    published = journeys.launch_playbook("win_back", at=AT, backlog=True)
    assert published.enrolled_count == len(inside)
    enrolled = journeys.enrolments_for_measure(published.key)
    assert {each.customer_id for each in enrolled} == inside
    assert {each.entered_at for each in enrolled} == {AT}
