"""What a simulated shop is told to be: size, rhythm, dropout and the planted effect of a win-back mail."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from kembali.twin.errors import PlanNotPossible

CURRENCY = "EUR"
TIME_ZONE = "Europe/Berlin"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedEffect:
    """What a delivered win-back mail does.

    Every customer has a chance of their own to place one extra order after a mail; `response_percent` is its mean over
    all customers (0 = the mail does nothing). Thrifty customers respond more than generous ones, and chance spreads
    them further (`population.py`). The order comes `delay_mean_days` later on average. Of the responders who had
    dropped out for good, `revival_percent` start to buy again at their old rhythm after their first mail.
    """

    response_percent: float = 15.0
    delay_mean_days: float = 6.0
    revival_percent: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopPlan:
    """A simulated shop before any dice are thrown.

    Args:
        day_count: Days the shop exists, from `opens_on`. Nothing is generated after them.
        history_day_count: Days before launch: what an order file holds. The rest is lived through day by day.
        acquisition_day_count: Days during which new customers arrive; None = as long as the shop exists.
        growth_percent: How many arrive per day at the end for 100 at the start.
        mean_gap_days: Mean over customers of their own mean time between purchases.
        first_dropout_percent: Chance that a first order stays the only one.
        dropout_percent: Mean chance to leave for good after each later order; customers' own lie at 50–150 % of it.
        regularity_shares_percent: Shares of the classes of `tables.REGULARITY_SHAPES`, from chance to clockwork.
    """

    customer_count: int
    opens_on: date
    day_count: int
    history_day_count: int
    acquisition_day_count: int | None = None
    growth_percent: int = 300
    mean_gap_days: int = 26
    first_dropout_percent: int = 20
    dropout_percent: int = 17
    regularity_shares_percent: tuple[int, ...] = (8, 17, 30, 30, 15)
    accepts_email_percent: int = 90
    effect: PlantedEffect = field(default_factory=PlantedEffect)

    def __post_init__(self) -> None:
        """Raises PlanNotPossible where exact integers could overflow or a share is no share."""
        if not (0 < self.customer_count <= 50_000_000 and 0 < self.history_day_count <= self.day_count <= 10_000):
            raise PlanNotPossible(
                f"A shop of {self.customer_count} customers over {self.day_count} days, "
                f"{self.history_day_count} of them history, cannot be simulated.",
                hint="Use 1 to 50 million customers and at most 10,000 days, history included.",
            )
        if not (0 < self.arrival_day_count <= self.day_count and 100 <= self.growth_percent <= 1_000):
            raise PlanNotPossible("Customers must arrive while the shop exists, at a growth of 100 to 1,000 percent.")
        if not (1 <= self.mean_gap_days <= 200 and 0 <= self.dropout_percent <= 60):
            raise PlanNotPossible("The mean gap must be 1 to 200 days and the dropout 0 to 60 percent.")
        if not (0 <= self.effect.response_percent <= 30 and 0.1 <= self.effect.delay_mean_days <= 60):
            raise PlanNotPossible(
                "The mean response must be 0 to 30 percent, 0.1 to 60 days after the mail.",
                hint="Above 30 percent the most responsive customers would need a chance above one.",
            )
        percents = (self.first_dropout_percent, self.accepts_email_percent, self.effect.revival_percent)
        if sum(self.regularity_shares_percent) != 100 or not all(0 <= percent <= 100 for percent in percents):
            raise PlanNotPossible("Shares must lie between 0 and 100 and add up to 100 where they divide something.")

    @property
    def arrival_day_count(self) -> int:
        """Days during which customers arrive."""
        return self.day_count if self.acquisition_day_count is None else self.acquisition_day_count

    @property
    def opens_at(self) -> datetime:
        """The shop's first instant."""
        return datetime.combine(self.opens_on, time(), UTC)

    @property
    def launched_at(self) -> datetime:
        """Where history ends and the lived part begins."""
        return self.opens_at + timedelta(days=self.history_day_count)

    @property
    def closes_at(self) -> datetime:
        """The end of what is generated."""
        return self.opens_at + timedelta(days=self.day_count)

    def with_response(self, response_percent: float) -> "ShopPlan":
        """Return the same shop with another planted effect; everything nobody mailed does stays as it is."""
        return replace(self, effect=replace(self.effect, response_percent=response_percent))


def demo_plan(launched_on: date = date(2026, 1, 5)) -> ShopPlan:
    """Return the demo shop: two and a half years of history, and two thirds of a year to live through."""
    history_day_count = 913
    return ShopPlan(
        customer_count=3_600,
        opens_on=launched_on - timedelta(days=history_day_count),
        day_count=history_day_count + 240,
        history_day_count=history_day_count,
    )


def benchmark_plan(customer_count: int = 1_000_000) -> ShopPlan:
    """Return a shop of any size with about five purchases per customer over three years."""
    return ShopPlan(customer_count=customer_count, opens_on=date(2023, 1, 1), day_count=1_095, history_day_count=1_095)
