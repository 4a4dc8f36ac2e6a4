"""What Proof says of a simulated shop beside the truth, and how often it is right over many shops."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from kembali.kernel.ids import CustomerId
from kembali.measure.contracts import Comparison, Interval, Metric, VerdictKind, VerdictWords
from kembali.measure.rules.power import state_power
from kembali.measure.rules.verdict import verdict_of
from kembali.twin.api import Shop, ShopPlan, TrueEffect, open_shop, outcomes_in_window
from tests.makers.arrays import Enrolled, Study, compare_on_arrays, enrol, lived, one_mail_flow, truth_of
from tests.makers.arrivals import Arrivals

LOOK_BACK = timedelta(days=180)
_HISTORY_DAYS, _LAUNCHED_ON = 913, date(2026, 1, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One metric of one proof beside the truth."""

    truth: float
    low: float
    high: float

    @property
    def covers(self) -> bool:
        """Whether the interval holds the truth."""
        return self.low <= self.truth <= self.high

    @property
    def rules_out_zero(self) -> bool:
        """Whether it says there is a difference."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was said before launch: people expected, share ordering anyway, the effect on it, the chance to prove it."""

    people: int
    base_share: float
    effect_share: float
    power: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One shop's experiment. A metric that Proof withheld is missing.

    plain_width: of the usual interval for a difference in means, on the share ordering again. Mails cause orders, which
    change later months' prior and so who enters when: in the world with mails `left_out` of these people never enter
    and `moved` enter at another second; None where not looked at.
    """

    people: int
    base_share: float
    worked: bool
    said: Said
    with_effect: dict[Metric, Read]
    without_effect: dict[Metric, Read]
    plain_width: float
    left_out: int | None
    moved: int | None


def study_of(customer_count: int = 3_600, *, response_percent: float = 15.0) -> Study:
    """Return the experiment that is repeated: a shop of the demo's age that looks around once a day."""
    enrolling_days = 150
    plan = ShopPlan(
        customer_count=customer_count,
        opens_on=_LAUNCHED_ON - timedelta(days=_HISTORY_DAYS),
        day_count=_HISTORY_DAYS + enrolling_days + 61,
        history_day_count=_HISTORY_DAYS,
    ).with_response(response_percent)
    launched_at = plan.launched_at + timedelta(hours=9)  # ten in the morning where the shop is: nobody is asleep
    return Study(plan=plan, flow=one_mail_flow(), launched_at=launched_at, enrolling_days=enrolling_days)


def arrivals_of(study: Study) -> Arrivals:
    """Return the finder of arrivals in the study and in the time before it."""
    return Arrivals(start=study.launched_at - study.window - LOOK_BACK, end=study.measured_at)


def ids_of(shop: Shop) -> Callable[[int], CustomerId]:
    """Return the ids a shop gives its customers: others in every shop, or all would share one draw of arms."""
    first = shop.seed * shop.plan.customer_count
    return lambda number: CustomerId(first + number)


def see(study: Study, arrivals: Arrivals, seed: int, *, compare_worlds: bool = False) -> Seen:
    """Live through one shop's experiment until as many came as were expected, with the planted effect and without."""
    shop = open_shop(study.plan, seed)
    found = arrivals.of(shop.purchases)
    ids = ids_of(shop)
    said = said_before_launch(study, shop, found)
    enrolled = enrol(study, shop, found, ids=ids).first(said.people)
    world = lived(shop, enrolled)
    found_out = compare_on_arrays(study, enrolled, world)
    # A mail that does nothing leaves everybody with what they buy anyway.
    without_effect = compare_on_arrays(study, enrolled, shop.purchases)
    left_out = moved = None
    if compare_worlds:
        really = enrol(study, shop, arrivals.of(world), world=world, ids=ids)
        left_out = len(np.setdiff1d(enrolled.customer, really.customer))
        moved = len(_entries(enrolled) - _entries(really)) - left_out
    anyway = without_effect.treated.ordered_again + without_effect.holdout.ordered_again
    return Seen(
        people=len(enrolled.customer),
        base_share=anyway / len(enrolled.customer),
        worked=verdict_of(found_out, words=VerdictWords()).kind is VerdictKind.IT_WORKED,
        said=said,
        with_effect=_reads(found_out, truth_of(study, shop, enrolled)),
        without_effect=_reads(without_effect, None),
        plain_width=_plain_width(found_out),
        left_out=left_out,
        moved=moved,
    )


def figures_of(seen: Sequence[Seen]) -> dict[str, float]:
    """Return what is promised and what was seen over all shops.

    coverage_*, false_positive_*: among those shown. withheld_*: share of all. power_*: of the share ordering again.
    width_ratio_a: mean width over mean plain width. left_out, moved: share of people, where looked at.
    """
    figures: dict[str, float] = {}
    for letter, metric in zip("abcd", Metric, strict=True):
        shown = [each.with_effect[metric] for each in seen if metric in each.with_effect]
        shown_without = [each.without_effect[metric] for each in seen if metric in each.without_effect]
        figures[f"coverage_{letter}"] = _share(read.covers for read in shown)
        figures[f"false_positive_{letter}"] = _share(read.rules_out_zero for read in shown_without)
        figures[f"withheld_{letter}"] = 1 - len(shown) / len(seen)
    widths = [each.with_effect[Metric.ORDERED_AGAIN] for each in seen]
    compared = [each for each in seen if each.left_out is not None]
    return figures | {
        "power_said": _mean([each.said.power for each in seen]),
        "power_realised": _share(each.worked for each in seen),
        "width_ratio_a": _mean([read.high - read.low for read in widths]) / _mean([each.plain_width for each in seen]),
        "people_said": _mean([each.said.people for each in seen]),
        "people": _mean([each.people for each in seen]),
        "base_share_said": _mean([each.said.base_share for each in seen]),
        "base_share": _mean([each.base_share for each in seen]),
        "effect_said_a": _mean([each.said.effect_share for each in seen]),
        "effect_a": _mean([read.truth for read in widths]),
        "moved": sum(each.moved or 0 for each in compared) / max(sum(each.people for each in compared), 1),
        "left_out": sum(each.left_out or 0 for each in compared) / max(sum(each.people for each in compared), 1),
    }


def said_before_launch(study: Study, shop: Shop, found: pa.Table) -> Said:
    """Replay the 180 days whose outcomes are known at launch, as Proof does: at the size they had, what can be proven?

    The effect is the planted one on those met then: what an owner would expect who knew how such people answer a mail.
    """
    until = study.launched_at - study.window
    before = enrol(study, shop, found, start=until - LOOK_BACK, end=until, ids=ids_of(shop))
    anyway = outcomes_in_window(
        shop.purchases, before.customer, before.entered_at_s + 1, study.window // timedelta(seconds=1)
    )
    statement = state_power(
        people=len(before.customer),
        holdout_share=study.flow.holdout.percent / 100,
        base_share=float(anyway.ordered_again.mean()),
        effect_share=truth_of(study, shop, before).ordered_again,
    )
    return Said(
        people=statement.people,
        base_share=statement.base_share,
        effect_share=statement.effect_share,
        power=statement.power,
    )


def _reads(comparison: Comparison, truth: TrueEffect | None) -> dict[Metric, Read]:
    true_effects = (0.0,) * 4
    if truth is not None:
        true_effects = (truth.ordered_again, truth.order_count, truth.net_minor, truth.margin_minor)
    return {
        metric: Read(truth=true_effect, low=found.low, high=found.high)
        for metric, true_effect in zip(Metric, true_effects, strict=True)
        for found in [comparison.reading(metric)]
        if isinstance(found, Interval)
    }


def _entries(enrolled: Enrolled) -> set[tuple[int, int]]:
    return set(zip(enrolled.customer.tolist(), enrolled.entered_at_s.tolist(), strict=True))


def _plain_width(comparison: Comparison) -> float:
    """The width of estimate ± 1.96 standard errors, of two means of zeros and ones."""
    squared = 0.0
    for group in (comparison.treated, comparison.holdout):
        share = group.ordered_again / group.people
        squared += share * (1 - share) / (group.people - 1)
    return float(2 * 1.959964 * np.sqrt(squared))


def _share(flags: Iterable[bool]) -> float:
    return _mean([float(flag) for flag in flags])


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
