"""One experiment on a simulated shop, on arrays: the product's own rules, without its database and its processes.

Who enters comes from insight's rhythm and the journeys' rounds, the arm from the hash of experiments, the instant of
the mail from walking the flow, every figure from measure. Only the customers are simulated.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from kembali.experiments.rules import assignment_hash, holdout_threshold
from kembali.journeys.contracts.flow import Flow, Send
from kembali.journeys.playbooks import playbook_of
from kembali.journeys.replay.arriving import still_there
from kembali.journeys.replay.outcomes import bought_within, with_outcomes
from kembali.journeys.rules.conditions import Known
from kembali.journeys.rules.lengths import length_of
from kembali.journeys.rules.program import compile_flow
from kembali.journeys.rules.triggering import Arrival, in_turn
from kembali.journeys.rules.walking import walk
from kembali.kernel.ids import CustomerId
from kembali.measure.contracts import Comparison, Outcomes
from kembali.measure.proving import LEVEL, seed_of
from kembali.measure.rules.compare import compare_groups
from kembali.twin.api import (
    NEVER_S,
    TIME_ZONE,
    Purchases,
    Shop,
    ShopPlan,
    TrueEffect,
    caused_purchases,
    potential_outcomes,
)
from kembali.twin.shop import concatenated
from tests.makers.arrivals import table_of

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_ZONE = ZoneInfo(TIME_ZONE)
_US = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """An experiment to be repeated on many shops of one plan.

    The shop looks around every `every`, first at the launch. Who enters within `enrolling_days` can be counted, once
    their time to order is over.
    """

    plan: ShopPlan
    flow: Flow
    launched_at: datetime
    enrolling_days: int
    every: timedelta = timedelta(days=1)

    @property
    def window(self) -> timedelta:
        """How long each person is watched."""
        return length_of(self.flow.goal.ordered_within)

    @property
    def measured_at(self) -> datetime:
        """When the last person counted has been watched for their whole time."""
        return self.launched_at + timedelta(days=self.enrolling_days) + self.window


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Who entered, one row per person, by (instant, customer): numbers of the population, seconds since 1970.

    mailed_at_s: when a mail reaches them if they are in the treated arm; NEVER_S where none does in either.
    """

    customer: Ints
    entered_at_s: Ints
    mailed_at_s: Ints
    treated: Flags

    def first(self, count: int) -> "Enrolled":
        """Return the first to enter, at most `count`."""
        return Enrolled(
            self.customer[:count], self.entered_at_s[:count], self.mailed_at_s[:count], self.treated[:count]
        )


def one_mail_flow() -> Flow:
    """Return the shipped win-back up to its first mail, so that the truth is the effect of one mail."""
    flow = playbook_of("win_back").flow
    first = next(number for number, step in enumerate(flow.steps, start=1) if isinstance(step, Send))
    return msgspec.structs.replace(flow, steps=flow.steps[:first])


def enrol(
    study: Study,
    shop: Shop,
    arrivals: pa.Table,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    world: Purchases | None = None,
    ids: Callable[[int], CustomerId],
) -> Enrolled:
    """Return who enters the flow, launched at `start`, up to `end` inclusive (default: the study's own time).

    Args:
        arrivals: as `Arrivals.of` gives them for `world`.
        world: what was bought; None = what everybody buys if nobody is mailed.
        ids: the shop's own id of each customer number, which decides the arm.
    """
    start = study.launched_at if start is None else start
    end = study.measured_at - study.window if end is None else end
    world = shop.purchases if world is None else world
    bought = table_of(world.pick(world.placed_at_s >= int(start.timestamp())))
    entered = arrivals["entered_at"]
    found = arrivals.filter(pc.and_(pc.greater(entered, pa.scalar(start)), pc.less_equal(entered, pa.scalar(end))))
    found = still_there(found, bought, start=start, every=study.every, window=length_of(study.flow.trigger.window))
    rows = zip(found["customer_id"].to_pylist(), found["entered_at"].to_pylist(), strict=True)
    kept = list(in_turn([Arrival(*row) for row in rows], again_after=length_of(study.flow.again_after)))
    customer = np.array([each.customer_id for each in kept], dtype=np.int64)
    entered_at_s = np.array([round(each.entered_at.timestamp()) for each in kept], dtype=np.int64)
    threshold, salt = holdout_threshold(study.flow.holdout.percent), study.flow.holdout.salt
    own = [ids(number) for number in customer.tolist()]
    return Enrolled(
        customer,
        entered_at_s,
        _mailed_at_s(study, shop, customer, entered_at_s, bought, start_s=int(start.timestamp())),
        np.array([assignment_hash(salt, each) >= threshold for each in own], dtype=np.bool_),
    )


def lived(shop: Shop, enrolled: Enrolled) -> Purchases:
    """Return all that is bought when the treated get their mail and the holdout gets none."""
    caused = caused_purchases(
        shop, customer=enrolled.customer[enrolled.treated], mailed_at_s=enrolled.mailed_at_s[enrolled.treated]
    )
    return concatenated([shop.purchases, caused])


def truth_of(study: Study, shop: Shop, enrolled: Enrolled) -> TrueEffect:
    """Return everybody mailed less nobody mailed, averaged over the enrolled, whatever arm they are in."""
    return potential_outcomes(
        shop,
        customer=enrolled.customer,
        enrolled_at_s=enrolled.entered_at_s + 1,  # Proof counts from the instant after entering to the window's end
        mailed_at_s=enrolled.mailed_at_s,
        window_days=study.window.days,
    ).truth()


def compare_on_arrays(study: Study, enrolled: Enrolled, world: Purchases) -> Comparison:
    """Return what measure says of these people once each was watched for their time, drawn as a flow's proof draws."""
    theirs = table_of(world.pick(np.isin(world.customer, enrolled.customer)))
    entries = pa.table(
        {
            "customer_id": enrolled.customer,
            "entered_at": pa.array(enrolled.entered_at_s * _US, pa.timestamp("us", "UTC")),
        }
    )
    did = with_outcomes(entries, theirs, window=study.window)
    return compare_groups(
        Outcomes(
            treated=enrolled.treated,
            ordered_again=did["ordered_again"].to_numpy(),
            orders=did["orders"].to_numpy(),
            revenue_minor=did["revenue_minor"].to_numpy(),
            margin_minor=did["margin_minor"].to_numpy(),
        ),
        planned_holdout_share=study.flow.holdout.percent / 100,
        rng=np.random.default_rng(seed_of(study.flow.key)),
        level=LEVEL,
    )


def _mailed_at_s(
    study: Study, shop: Shop, customer: Ints, entered_at_s: Ints, bought: pa.Table, *, start_s: int
) -> Ints:
    """Return when each person's mail goes out: at a round, if they accept mail and have not ordered by then."""
    seen_at_s = _round_s(study, entered_at_s, start_s)
    sent = {int(at_s): _sent_at_s(study, int(at_s), start_s) for at_s in np.unique(seen_at_s)}
    mailed_at_s = np.array([sent[int(at_s)] for at_s in seen_at_s], dtype=np.int64)
    # A purchase at the very instant of a round is not yet known to it.
    before = bought_within(customer, entered_at_s * _US, mailed_at_s * _US - 1, bought)
    accepts = shop.population.accepts_email[shop.population.row_of(customer)]
    result: Ints = np.where(accepts & (before.count == 0), mailed_at_s, NEVER_S)
    return result


@cache
def _sent_at_s(study: Study, seen_at_s: int, start_s: int) -> int:
    """Walk the flow from the round that let a person in to the round that sends."""
    program = compile_flow(study.flow)
    at_s, step, waiting = seen_at_s, program.entry, False
    while True:
        at = datetime.fromtimestamp(at_s, UTC)
        walked = walk(program, step=step, waiting=waiting, known=Known(), at=at, tz=_ZONE)
        if walked.sends:
            return at_s
        if walked.step is None or walked.due_at is None:
            raise ValueError("the flow ends before it sends anything")
        due_at_s = np.array([int(walked.due_at.timestamp())], dtype=np.int64)
        at_s, step, waiting = int(_round_s(study, due_at_s, start_s)[0]), walked.step, True


def _round_s(study: Study, at_s: Ints, start_s: int) -> Ints:
    """Return the first round at or after each instant, the rounds counted from `start_s`."""
    every_s = study.every // timedelta(seconds=1)
    result: Ints = start_s - (start_s - at_s) // every_s * every_s
    return result
