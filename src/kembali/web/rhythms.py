"""Somebody's rhythm and what it foretells, as the profile shows it: traits in, view models out."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext

from kembali.insight import api as insight
from kembali.web import formatting
from kembali.web.pages.parts import Measured
from kembali.web.pages.person import Prediction, Rhythm

_DAY = timedelta(days=1)


def rhythm_of(traits: insight.Traits | None, ordered_at: Sequence[datetime], at: datetime) -> Rhythm | None:
    """Return the rhythm of somebody with two purchases or more, else None."""
    if traits is None or traits.order_count < 2 or traits.gap_mean_days is None or not ordered_at:
        return None
    return Rhythm(
        sentence=_sentence(traits, traits.gap_mean_days, at),
        gap_mean_days=Decimal(str(traits.gap_mean_days)),
        shop_gap_mean_days=None,
        ordered_at=tuple(ordered_at),
        expected_at=traits.expected_next_at,
        low_at=traits.expected_next_low_at,
        high_at=traits.expected_next_high_at,
        late=traits.idle_from <= at,
    )


def predictions_of(traits: insight.Traits | None, at: datetime) -> tuple[Prediction, ...]:
    """Return what can be said about the next order and the next year; nothing about people past all hope."""
    if traits is None or traits.lost_from <= at:
        return ()
    basis = _basis(traits)
    said = [_next_order(traits, basis, at)]
    if traits.gap_mean_days and traits.order_count >= 2:
        per_year = Decimal(str(365 / traits.gap_mean_days))
        quiet = traits.idle_from <= at
        rhythm = gettext("were they back in their own rhythm") if quiet else gettext("if they keep their own rhythm")
        said.append(Prediction(gettext("Orders in a year"), Measured(round(per_year, 1), None, None, "count"), rhythm))
        worth = Measured(round(per_year * traits.aov_minor, 0), None, None, "money")
        said.append(Prediction(gettext("Spends in a year"), worth, rhythm))
    return tuple(said)


def _next_order(traits: insight.Traits, basis: str, at: datetime) -> Prediction:
    if traits.expected_next_high_at > at:
        bounds = (traits.expected_next_at, traits.expected_next_low_at, traits.expected_next_high_at)
        expected, low, high = (_days(max(bound, at) - at) for bound in bounds)
        days = Measured(expected, low, high, "days")
        return Prediction(
            gettext("Days until the next order"), days, gettext("%(basis)s; 80 %% interval") % {"basis": basis}
        )
    late = Measured(_days(at - traits.expected_next_at), None, None, "days")
    return Prediction(gettext("Days past the expected order"), late, basis)


def _basis(traits: insight.Traits) -> str:
    if traits.order_count < 2:
        return gettext("the shop's rhythm: they have bought once")
    return gettext("own rhythm, drawn a little towards the shop's")


def _sentence(traits: insight.Traits, gap_days: float, at: datetime) -> str:
    waited = (at - traits.last_order_at) // _DAY
    every = gettext("Orders about every %(gap)s days.") % {"gap": formatting.number(round(gap_days))}
    last = gettext("The last order was %(days)s days ago:") % {"days": formatting.number(waited)}
    if traits.lost_from <= at:
        stand = gettext("so long past their own rhythm that few ever return.")
    elif traits.idle_from <= at:
        stand = gettext("clearly past their own rhythm.")
    elif traits.expected_next_at <= at:
        stand = gettext("a little late, still normal for them.")
    else:
        stand = gettext("within their own rhythm.")
    return f"{every} {last} {stand}"


def _days(length: timedelta) -> Decimal:
    return Decimal(length // _DAY)
