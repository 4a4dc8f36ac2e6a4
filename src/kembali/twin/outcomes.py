"""Potential outcomes: what the same customers do if mailed and if not, and the truth that follows from it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kembali.twin.draws import ONE, Flags, Ints, Purpose, draw_bits, happens, quantile
from kembali.twin.shop import NEVER_S, Purchases, Shop, concatenated, purchases_of
from kembali.twin.streams import CAUSED_KEY, KEYS_PER_MAIL, Stream, renewals
from kembali.twin.tables import response_delay_table

_DAY_S = 86_400
_SOONEST_S = 1_800  # on the trade clock: nobody answers a mail within the minute, let alone before it


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What customers did in their outcome window, one row per enrolment."""

    ordered_again: Flags
    order_count: Ints
    net_minor: Ints
    margin_minor: Ints


@dataclass(frozen=True, slots=True)
class PotentialOutcomes:
    """Both worlds of the same enrolments. All randomness but the mail's effect is shared."""

    mailed: Outcomes
    unmailed: Outcomes

    def observed(self, is_mailed: Flags) -> Outcomes:
        """Return what an experiment sees that mails some of them."""
        return Outcomes(
            np.where(is_mailed, self.mailed.ordered_again, self.unmailed.ordered_again),
            np.where(is_mailed, self.mailed.order_count, self.unmailed.order_count),
            np.where(is_mailed, self.mailed.net_minor, self.unmailed.net_minor),
            np.where(is_mailed, self.mailed.margin_minor, self.unmailed.margin_minor),
        )

    def truth(self) -> "TrueEffect":
        """Return the mean over the enrolled of (everybody mailed − nobody mailed)."""
        return TrueEffect(
            enrolled_count=len(self.mailed.order_count),
            ordered_again=_mean_difference(self.mailed.ordered_again, self.unmailed.ordered_again),
            order_count=_mean_difference(self.mailed.order_count, self.unmailed.order_count),
            net_minor=_mean_difference(self.mailed.net_minor, self.unmailed.net_minor),
            margin_minor=_mean_difference(self.mailed.margin_minor, self.unmailed.margin_minor),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueEffect:
    """The true mean effect per enrolled customer: a share, orders, and minor units of money. NaN for nobody."""

    enrolled_count: int
    ordered_again: float
    order_count: float
    net_minor: float
    margin_minor: float


def caused_purchases(shop: Shop, *, customer: Ints, mailed_at_s: Ints, mail_number: Ints | int = 0) -> Purchases:
    """Return the orders that win-back mails cause, all later than their mail, in no special order.

    Args:
        customer: Numbers of the customers mailed.
        mailed_at_s: When each mail was delivered, seconds since 1970 UTC; NEVER_S for a mail nobody sends.
        mail_number: Which win-back mail of this customer it is: 0 for the first.
    """
    numbers = np.broadcast_to(np.asarray(mail_number, dtype=np.int64), customer.shape)
    rows = shop.population.row_of(customer)
    responds = happens(draw_bits(shop.seed, Purpose.RESPONSE, customer, numbers), shop.population.response_ppm[rows])
    responds &= mailed_at_s < int(shop.plan.closes_at.timestamp())
    customer, rows, numbers, mailed_at_s = customer[responds], rows[responds], numbers[responds], mailed_at_s[responds]
    starts = shop.clock.to_trade(mailed_at_s) + _delay_trade_s(shop, customer, numbers)
    in_time = starts < shop.clock.end_trade_s
    keys = CAUSED_KEY + KEYS_PER_MAIL * numbers
    is_revived = in_time & _revives(shop, customer, rows, numbers, mailed_at_s)
    once = in_time & ~is_revived
    single = Stream(rows[once], keys[once], starts[once], np.zeros(int(once.sum()), dtype=np.bool_))
    revived = renewals(
        shop.population,
        shop.seed,
        first_dropout_ppm=0,  # a caused order is nobody's first: the customer's own dropout holds
        end_trade_s=shop.clock.end_trade_s,
        rows=rows[is_revived],
        keys=keys[is_revived],
        starts=starts[is_revived],
    )
    return concatenated([purchases_of(shop.plan, shop.seed, shop.population, stream) for stream in (single, revived)])


def potential_outcomes(
    shop: Shop,
    *,
    customer: Ints,
    enrolled_at_s: Ints,
    mailed_at_s: Ints,
    window_days: int,
    reminded_at_s: Ints | None = None,
) -> PotentialOutcomes:
    """Return what each enrolled customer does in [enrolled, enrolled + window) when mailed and when not at all.

    Args:
        customer: Numbers of the enrolled, each at most once.
        mailed_at_s: When the mail of each would be delivered, not before the enrolment; NEVER_S for those the shop may
            not write to, who are then the same in both worlds.
        reminded_at_s: When a second mail would follow, NEVER_S for no one; those whom the first mail made order by
            then do not get it.
    """
    window_s = window_days * _DAY_S
    unmailed = outcomes_in_window(shop.purchases, customer, enrolled_at_s, window_s)
    caused = caused_purchases(shop, customer=customer, mailed_at_s=mailed_at_s)
    if reminded_at_s is not None:
        waited_s = np.maximum(np.minimum(reminded_at_s, NEVER_S) - mailed_at_s, 0)
        answered = outcomes_in_window(_sorted(caused), customer, mailed_at_s, waited_s).ordered_again
        later = np.where(answered, NEVER_S, reminded_at_s)
        caused = concatenated([caused, caused_purchases(shop, customer=customer, mailed_at_s=later, mail_number=1)])
    extra = outcomes_in_window(_sorted(caused), customer, enrolled_at_s, window_s)
    mailed = Outcomes(
        unmailed.ordered_again | extra.ordered_again,
        unmailed.order_count + extra.order_count,
        unmailed.net_minor + extra.net_minor,
        unmailed.margin_minor + extra.margin_minor,
    )
    return PotentialOutcomes(mailed, unmailed)


def outcomes_in_window(purchases: Purchases, customer: Ints, start_s: Ints, window_s: Ints | int) -> Outcomes:
    """Return each customer's orders in [start, start + window). `purchases` are sorted by customer and time."""
    placed = _by_customer_and_time(purchases.customer, purchases.placed_at_s)
    low = np.searchsorted(placed, _by_customer_and_time(customer, start_s))
    high = np.searchsorted(placed, _by_customer_and_time(customer, start_s + window_s))
    order_count = (high - low).astype(np.int64)
    net, margin = _running(purchases.net_minor), _running(purchases.margin_minor)
    return Outcomes(order_count > 0, order_count, net[high] - net[low], margin[high] - margin[low])


def _delay_trade_s(shop: Shop, customer: Ints, mail_number: Ints) -> Ints:
    delay = quantile(response_delay_table(), 0, draw_bits(shop.seed, Purpose.RESPONSE_DELAY, customer, mail_number))
    mean_s = round(shop.plan.effect.delay_mean_days * _DAY_S) - _SOONEST_S
    result: Ints = _SOONEST_S + mean_s * delay // ONE
    return result


def _revives(shop: Shop, customer: Ints, rows: Ints, mail_number: Ints, mailed_at_s: Ints) -> Flags:
    """Return who starts to buy again: of those who had left, some, and only by their first mail."""
    had_left = shop.left_at_s[rows] <= mailed_at_s
    chance = happens(draw_bits(shop.seed, Purpose.REVIVAL, customer), shop.plan.effect.revival_percent * 10_000)
    revives: Flags = had_left & chance & (mail_number == 0)
    return revives


def _sorted(purchases: Purchases) -> Purchases:
    return purchases.pick(np.lexsort((purchases.placed_at_s, purchases.customer)))


def _by_customer_and_time(customer: Ints, at_s: Ints) -> Ints:
    """Return one sortable number: instants need 33 bits until the year 2242."""
    return (customer << 33) + at_s


def _running(values: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(values)]).astype(np.int64)


def _mean_difference(mailed: npt.NDArray[np.generic], unmailed: npt.NDArray[np.generic]) -> float:
    if not len(mailed):
        return float("nan")
    return float(np.mean(mailed.astype(np.int64) - unmailed.astype(np.int64)))
