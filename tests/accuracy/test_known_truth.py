"""Proof against the truth of simulated shops, at a small size; `bench/known_truth.py` does 1,000 of them.

Tolerances are three standard errors of 60 shops around what is promised: wide, and still missed by a truth, an arm or
an outcome that is another's.
"""

from dataclasses import replace
from datetime import timedelta

import duckdb
import ibis
import numpy as np
import pytest

from kembali.journeys.replay.running import replay as replayed
from kembali.measure.contracts import Metric
from kembali.segments.shipped import SHIPPED
from kembali.twin.api import NEVER_S, TIME_ZONE, open_shop
from tests.makers.arrays import Study, enrol, lived
from tests.makers.arrivals import table_of
from tests.makers.known_truth import Seen, arrivals_of, figures_of, ids_of, see, study_of

SHOPS = 60


@pytest.fixture(scope="module")
def study() -> Study:
    """A smaller shop whose mail does more, so that few shops show it."""
    return study_of(1_500, response_percent=30)


@pytest.fixture(scope="module")
def seen(study: Study) -> list[Seen]:
    arrivals = arrivals_of(study)
    return [see(study, arrivals, seed, compare_worlds=seed < 10) for seed in range(SHOPS)]


def test_every_interval_holds_the_true_effect_as_often_as_it_says(seen: list[Seen]) -> None:
    figures = figures_of(seen)
    assert all(figures[f"coverage_{letter}"] > 0.865 for letter in "abcd"), figures


def test_a_mail_that_does_nothing_is_seldom_said_to_do_something(seen: list[Seen]) -> None:
    figures = figures_of(seen)
    assert all(figures[f"false_positive_{letter}"] < 0.135 for letter in "abcd"), figures
    assert sum(figures[f"false_positive_{letter}"] for letter in "abcd") > 0


def test_an_effect_is_proven_as_often_as_was_said_before_launch(seen: list[Seen]) -> None:
    figures = figures_of(seen)
    assert 0.3 < figures["power_said"] < 0.9
    assert figures["power_realised"] == pytest.approx(figures["power_said"], abs=0.19)
    assert figures["people"] == pytest.approx(figures["people_said"], rel=0.02)
    assert figures["base_share"] == pytest.approx(figures["base_share_said"], abs=0.03)
    assert figures["effect_a"] == pytest.approx(figures["effect_said_a"], abs=0.02)


def test_the_share_ordering_again_is_always_shown_and_no_wider_than_a_plain_difference(seen: list[Seen]) -> None:
    assert all(Metric.ORDERED_AGAIN in each.with_effect and Metric.ORDERS in each.with_effect for each in seen)
    assert 0.8 < figures_of(seen)["width_ratio_a"] < 1.1


def test_mails_change_hardly_anybodys_entry(seen: list[Seen]) -> None:
    assert figures_of(seen)["left_out"] < 0.005


def test_the_arrays_enrol_whom_a_replay_of_the_product_enrols(study: Study) -> None:
    shop = open_shop(study.plan, 3)
    enrolled = enrol(study, shop, arrivals_of(study).of(shop.purchases), ids=ids_of(shop))
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.register("bought", table_of(replace(shop.purchases, customer=shop.purchases.customer + ids_of(shop)(0))))
        day = f"CAST(placed_at AT TIME ZONE '{TIME_ZONE}' AS DATE)"
        purchases = ibis.memtable(engine.sql(f"SELECT *, {day} AS placed_on FROM bought").to_arrow_table())
    found = replayed(
        study.flow,
        purchases,
        start=study.launched_at,
        end=study.measured_at,
        data_until=study.measured_at,
        every=study.every,
        rule=next(shipped.rule for shipped in SHIPPED if shipped.key == "idle_loyal"),
    )
    assert found.column("customer_id").tolist() == [ids_of(shop)(number) for number in enrolled.customer.tolist()]
    entered_at_s = found.outcomes["entered_at"].to_numpy().astype("datetime64[s]").astype(np.int64)
    assert entered_at_s.tolist() == enrolled.entered_at_s.tolist()
    assert found.treated.tolist() == enrolled.treated.tolist()
    assert len(enrolled.customer) > 100


def test_mails_go_out_in_the_morning_after_entering_to_those_who_accept_them_and_have_not_ordered(study: Study) -> None:
    shop = open_shop(study.plan, 3)
    enrolled = enrol(study, shop, arrivals_of(study).of(shop.purchases), ids=ids_of(shop))
    is_mailed = enrolled.mailed_at_s != NEVER_S
    accepts = shop.population.accepts_email[enrolled.customer]
    assert not (is_mailed & ~accepts).any()
    waited_s = (enrolled.mailed_at_s - enrolled.entered_at_s)[is_mailed]
    assert waited_s.min() >= 0
    assert waited_s.max() <= 2 * 86_400
    nine_o_clock = timedelta(hours=9) // timedelta(seconds=1)
    assert set((enrolled.mailed_at_s[is_mailed] % 86_400).tolist()) == {nine_o_clock}
    bought = shop.purchases
    for row in np.flatnonzero(is_mailed).tolist():
        own = bought.placed_at_s[bought.customer == enrolled.customer[row]]
        assert not ((own > enrolled.entered_at_s[row]) & (own < enrolled.mailed_at_s[row])).any()
    caused = lived(shop, enrolled).pick(slice(len(bought), None))
    assert set(caused.customer.tolist()) <= set(enrolled.customer[is_mailed & enrolled.treated].tolist())
    assert len(caused) > 10
