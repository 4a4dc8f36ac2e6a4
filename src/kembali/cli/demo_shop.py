"""Building the demo shop: its history imported, its days lived through, its truth planted beside the measurement.

Imported only once Django is set up.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from kembali.cli.home import wall_clock
from kembali.cli.output import console
from kembali.cli.simulated_life import LetterBox, append_orders, refs_of
from kembali.collect import api as collect
from kembali.config import launching, wiring
from kembali.infra.settings import Settings
from kembali.journeys import api as journeys
from kembali.kernel.ids import CustomerId, EnrolmentId, FlowKey
from kembali.measure import api as measure
from kembali.messages import api as messages
from kembali.shop import api as shop
from kembali.twin import api as twin

SHOP_NAME = "Kopi & Daun"
FLOW = FlowKey("win_back")
SEED = 7
LIVED_DAYS = 150
TICKS_PER_DAY = 2
REFRESH_EVERY = timedelta(hours=36)  # seldom, so that months pass in a minute, but within the trigger's 48 hours


class Advance:
    """Says how far a step has come."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def __call__(self, done: float) -> None:
        """Set how many units are done."""
        self._progress.update(self._task, completed=done)


class Step:
    """Opens one step after the other."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    @contextmanager
    def __call__(self, words: str, total: float | None = None) -> Iterator[Advance]:
        """Show a step until its block ends."""
        task = self._progress.add_task(words, total=total)
        yield Advance(self._progress, task)
        self._progress.update(task, total=1, completed=1)


@contextmanager
def _steps() -> Iterator[Step]:
    """A list of steps on the terminal, each with its own time."""
    with Progress(
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        console=console,
    ) as progress:
        yield Step(progress)


def build(settings: Settings) -> None:
    """Import the history, launch the flow, live through the days, measure."""
    plan = twin.demo_plan()
    with _steps() as step:
        with step("Simulating a shop"):
            simulated = twin.open_shop(plan, SEED)
        with step("Importing two and a half years of orders"):
            _import_history(simulated, plan.launched_at)
        with step("Learning who comes back"):
            wiring.refresh(plan.launched_at, full=True)
        with step("Launching “Win back an idle loyal customer”"):
            launching.launch(FLOW, settings=settings, at=plan.launched_at)
        with step(f"Living through {LIVED_DAYS} days", total=LIVED_DAYS) as advance:
            _live(simulated, plan.launched_at, advance)
        now = plan.launched_at + timedelta(days=LIVED_DAYS)
        with step("Measuring what the mail did"):
            _plant_truth(simulated, now)
            wiring.refresh(now, full=True)
    shop.set_clock_offset(now - wall_clock())


def _import_history(simulated: twin.Shop, launched_at: datetime) -> None:

    shop.set_up_shop(name=SHOP_NAME, currency=twin.CURRENCY, time_zone=twin.TIME_ZONE)
    shop.set_product_costs({cost.sku: cost.unit_cost_minor for cost in twin.product_costs()})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        twin.write_orders_csv(simulated, path)
        collect.import_file(path, currency=twin.CURRENCY, time_zone=twin.TIME_ZONE, at=launched_at, source="shop")
    wiring.fold(launched_at)


def _live(simulated: twin.Shop, launched_at: datetime, advance: Advance) -> None:
    """Let days pass: the twin orders, the product ticks, delivered mails cause further orders."""
    letter_box = LetterBox()
    ticks = 0

    def tick(at: datetime) -> None:
        nonlocal ticks
        wiring.tick(at, refresh_every=REFRESH_EVERY)
        letter_box.empty(at)
        ticks += 1
        advance(ticks / TICKS_PER_DAY)

    twin.run_days(
        simulated,
        launched_at,
        LIVED_DAYS,
        append=append_orders,
        tick=tick,
        delivered=letter_box.delivered,
        ticks_per_day=TICKS_PER_DAY,
    )


def _plant_truth(simulated: twin.Shop, now: datetime) -> None:
    """Work out what the mail truly did to the people counted: everybody mailed less nobody mailed, averaged."""
    days = journeys.goal_days(journeys.flow_of(FLOW).flow)
    people = [each for each in journeys.enrolments_for_measure(FLOW) if each.goal_until_at <= now]
    if not people:
        return
    refs = refs_of([each.customer_id for each in people])
    mails: dict[int, list[int]] = {each.enrolment_id: [] for each in people}
    for receipt in messages.list_receipts([CustomerId(each.customer_id) for each in people], limit=10_000):
        if receipt.state in ("sent", "would_send") and receipt.decided_at and receipt.origin.enrolment_id in mails:
            mails[EnrolmentId(receipt.origin.enrolment_id)].append(int(receipt.decided_at.timestamp()))
    instants = [[*sorted(mails[each.enrolment_id]), twin.NEVER_S, twin.NEVER_S] for each in people]
    outcome = twin.potential_outcomes(
        simulated,
        customer=np.array([twin.customer_number(refs[each.customer_id], simulated.plan) for each in people]),
        enrolled_at_s=np.array([int(each.entered_at.timestamp()) for each in people]),
        mailed_at_s=np.array([times[0] for times in instants]),
        reminded_at_s=np.array([times[1] for times in instants]),
        window_days=days,
    )
    truth = outcome.truth()
    measure.plant_truth(
        FLOW,
        {
            measure.Metric.ORDERED_AGAIN: truth.ordered_again,
            measure.Metric.ORDERS: truth.order_count,
            measure.Metric.REVENUE: truth.net_minor,
            measure.Metric.MARGIN: truth.margin_minor,
        },
    )
