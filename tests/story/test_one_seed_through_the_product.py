"""One simulated shop goes through the whole product, from file to proof: the figures are those of the arrays."""

from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest
from django.db import connection
from pytest_django import Settings

from kembali.cli.simulated_life import LetterBox, append_orders
from kembali.collect import api as collect
from kembali.config import wiring
from kembali.infra.postgres import conninfo_of
from kembali.journeys import api as journeys
from kembali.kernel.ids import CustomerId, FlowKey
from kembali.lake import api as lake
from kembali.measure import api as measure
from kembali.measure.contracts import Interval
from kembali.shop import api as shop
from kembali.twin import api as twin
from tests.makers.arrays import Enrolled, Study, compare_on_arrays, enrol, lived, one_mail_flow
from tests.makers.arrivals import Arrivals

pytestmark = [pytest.mark.django_db(transaction=True)]

SEED = 11
DAY = timedelta(days=1)
PLAN = twin.ShopPlan(
    customer_count=2_400,
    opens_on=date(2024, 8, 19),
    day_count=601,
    history_day_count=500,
    effect=twin.PlantedEffect(response_percent=30),
)
# Launched on the first of a month: no order that a mail causes can change a prior before the last person has entered.
# At ten in the morning where the shop is, when mails may go out.
STUDY = Study(
    plan=PLAN,
    flow=one_mail_flow(),
    launched_at=PLAN.launched_at + timedelta(hours=9),
    enrolling_days=40,
    every=2 * DAY,
)
FLOW = FlowKey(STUDY.flow.key)


@pytest.fixture(autouse=True)
def _home(settings: Settings, tmp_path: Path) -> None:
    """A lake of this test's own, on the test database."""
    database = f"{conninfo_of(settings.KEMBALI)} dbname={connection.settings_dict['NAME']}"
    settings.KEMBALI = replace(settings.KEMBALI, home=tmp_path, database_url=database)
    wiring.register()


def import_history(simulated: twin.Shop, path: Path) -> None:
    shop.set_up_shop(name="Kopi & Daun", currency=twin.CURRENCY, time_zone=twin.TIME_ZONE)
    shop.set_product_costs({cost.sku: cost.unit_cost_minor for cost in twin.product_costs()})
    totals = twin.write_orders_csv(simulated, path, before=STUDY.launched_at)
    collect.import_file(path, currency=twin.CURRENCY, time_zone=twin.TIME_ZONE, at=STUDY.launched_at, source="shop")
    wiring.refresh(STUDY.launched_at)
    assert sum(month.net_minor for month in shop.order_totals()) == totals.net_minor


def live(simulated: twin.Shop, letter_box: LetterBox) -> twin.LivedDays:
    """A hundred days. The product looks around as the study says while people enter, and now and then afterwards."""

    def tick(at: datetime) -> None:
        day = (at - STUDY.launched_at) // DAY
        if day % 20 == 0 or (day <= STUDY.enrolling_days + 4 and day % 2 == 0):
            wiring.tick(at, refresh_every=DAY)
            letter_box.empty(at)

    return twin.run_days(
        simulated,
        STUDY.launched_at,
        (STUDY.measured_at - STUDY.launched_at) // DAY,
        append=append_orders,
        tick=tick,
        delivered=letter_box.delivered,
        ticks_per_day=1,
    )


def ids_of(simulated: twin.Shop) -> dict[int, CustomerId]:
    """The shop's own id of every customer who ever bought."""
    numbers = np.unique(simulated.purchases.customer).tolist()
    found = shop.find_customers([{"customer_ref": twin.customer_ref(number)} for number in numbers])
    return {number: each for number, each in zip(numbers, found, strict=True) if each is not None}


def entries_on_arrays(enrolled: Enrolled, ids: dict[int, CustomerId]) -> set[tuple[int, str, int]]:
    return {
        (ids[number], "treated" if treated else "holdout", entered_at_s)
        for number, treated, entered_at_s in zip(
            enrolled.customer.tolist(), enrolled.treated.tolist(), enrolled.entered_at_s.tolist(), strict=True
        )
    }


def test_one_seed_gives_the_same_proof_through_the_product_as_on_arrays(tmp_path: Path) -> None:
    simulated, letter_box = twin.open_shop(PLAN, SEED), LetterBox()
    import_history(simulated, tmp_path / "orders.csv")
    journeys.publish(journeys.flow_to_yaml(STUDY.flow), at=STUDY.launched_at)
    happened = live(simulated, letter_box)
    with lake.open_lake(wiring.settings().lake_dir) as opened:
        proof = measure.measure_flow(opened, FLOW, at=STUDY.measured_at)

    ids = ids_of(simulated)
    arrivals = Arrivals(start=STUDY.launched_at, end=STUDY.measured_at).of(simulated.purchases)
    enrolled = enrol(STUDY, simulated, arrivals, ids=ids.__getitem__)
    said = compare_on_arrays(STUDY, enrolled, lived(simulated, enrolled))

    counted = [each for each in journeys.enrolments_for_measure(FLOW) if each.goal_until_at <= STUDY.measured_at]
    entries = {(each.customer_id, each.arm, int(each.entered_at.timestamp())) for each in counted}
    assert entries == entries_on_arrays(enrolled, ids)

    mailed = enrolled.treated & (enrolled.mailed_at_s != twin.NEVER_S)
    theirs = {twin.customer_ref(number) for number in enrolled.customer.tolist()}
    assert {(ref, int(at.timestamp())) for ref, at in letter_box.delivered(STUDY.launched_at) if ref in theirs} == {
        (twin.customer_ref(number), at_s)
        for number, at_s in zip(enrolled.customer[mailed].tolist(), enrolled.mailed_at_s[mailed].tolist(), strict=True)
    }

    for group, group_on_arrays in ((proof.treated, said.treated), (proof.holdout, said.holdout)):
        assert msgspec.structs.asdict(group) == asdict(group_on_arrays)
    for metric in measure.Metric:
        found, reading = proof.metrics[metric], said.reading(metric)
        assert isinstance(reading, Interval)
        assert (found.estimate, found.low, found.high) == (reading.estimate, reading.low, reading.high)
    # It is a story with something in it: people in both arms, mails that were answered, a figure on every line.
    assert proof.treated.people > 30
    assert proof.holdout.people > 5
    assert happened.caused_order_count > 10
    assert happened.mail_count == len(letter_box.delivered(STUDY.launched_at)) > mailed.sum() > 30
