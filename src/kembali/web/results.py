"""What Proof says, in the shapes pages show: stored readings in, intervals and tags out. No statistics here."""

from decimal import Decimal
from typing import Final

from django.utils.translation import gettext

from kembali.measure import api as measure
from kembali.web import formatting
from kembali.web.pages.parts import Measured, Standing, Tag, Tone, Unit
from kembali.web.pages.proof import IntervalRow

METRICS: Final = (
    measure.Metric.ORDERED_AGAIN,
    measure.Metric.ORDERS,
    measure.Metric.MARGIN,
    measure.Metric.REVENUE,
)
"""In the order in which pages show them."""

_HUNDRED: Final = 100
_BACK: Final[Tone] = "back"
_AWAY: Final[Tone] = "away"
_HOLD: Final[Tone] = "hold"
_UNITS: Final[dict[measure.Metric, Unit]] = {
    measure.Metric.ORDERED_AGAIN: "points",
    measure.Metric.ORDERS: "count",
    measure.Metric.REVENUE: "money",
    measure.Metric.MARGIN: "money",
}
_STANDINGS: Final[dict[measure.VerdictKind, Standing]] = {
    measure.VerdictKind.IT_WORKED: "better",
    measure.VerdictKind.IT_HURT: "worse",
    measure.VerdictKind.NO_DIFFERENCE_SEEN: "unsure",
    measure.VerdictKind.NOT_SURE_YET: "unsure",
}


def label_of(metric: measure.Metric) -> str:
    """Return what a metric is called."""
    return {
        measure.Metric.ORDERED_AGAIN: gettext("Ordered again"),
        measure.Metric.ORDERS: gettext("Orders"),
        measure.Metric.REVENUE: gettext("Revenue"),
        measure.Metric.MARGIN: gettext("Profit"),
    }[metric]


def standing_of(kind: measure.VerdictKind) -> Standing:
    """Return what a verdict looks like; whatever cannot be judged is too little."""
    return _STANDINGS.get(kind, "too_little")


def interval_row(metric: measure.Metric, reading: measure.MetricProof, *, true_effect: float | None) -> IntervalRow:
    """Return one outcome against the holdout, per 100 people. Without an interval nothing of the estimate is shown."""
    unit = _UNITS[metric]
    standing = standing_of(reading.standing)
    if reading.estimate is None or reading.low is None or reading.high is None:
        standing = "too_little"
    if standing == "too_little":
        measured = Measured(Decimal(0), None, None, unit)
        return IntervalRow(label_of(metric), measured, standing, gettext("not enough data yet"))
    estimate, low, high = (
        per_hundred(value, unit) for value in (reading.estimate or 0.0, reading.low or 0.0, reading.high or 0.0)
    )
    return IntervalRow(
        label=label_of(metric),
        measured=Measured(estimate, low, high, unit),
        standing=standing,
        note=_note(reading),
        true_effect=None if true_effect is None else per_hundred(true_effect, unit),
    )


def per_hundred(value: float, unit: Unit) -> Decimal:
    """Return a difference per person as one per 100 people; points stay fractions, since they are written per 100."""
    scaled = Decimal(str(value)) if unit == "points" else Decimal(str(value)) * _HUNDRED
    return round(scaled, 4 if unit == "points" else 1)


def result_tag(proof: measure.Proof | None) -> Tag:
    """Return what a proof says in a few words."""
    if proof is None or not proof.counted_count:
        return Tag(gettext("nobody's time is over yet"), "hold")
    reading = proof.metrics.get(measure.Metric.ORDERED_AGAIN)
    seen = _points(reading.estimate) if reading and reading.estimate is not None else ""
    words, tone = {
        measure.VerdictKind.IT_WORKED: (gettext("%(points)s in 100 came back, proven"), _BACK),
        measure.VerdictKind.IT_HURT: (gettext("%(points)s in 100: it hurt"), _AWAY),
        measure.VerdictKind.NO_DIFFERENCE_SEEN: (gettext("no difference seen"), _HOLD),
        measure.VerdictKind.GROUPS_DO_NOT_FIT: (gettext("the groups do not fit"), _AWAY),
        measure.VerdictKind.NOT_SURE_YET: (gettext("not sure yet"), _HOLD),
        measure.VerdictKind.NOT_ENOUGH_DATA_YET: (gettext("not enough data yet"), _HOLD),
    }[proof.verdict]
    return Tag(words % {"points": seen} if "%(points)s" in words else words, tone)


def _points(share: float) -> str:
    return formatting.number(Decimal(str(share * _HUNDRED)), 1, signed=True)


def _note(reading: measure.MetricProof) -> str:
    if reading.standing is measure.VerdictKind.NOT_SURE_YET:
        return gettext("not sure yet")
    return gettext("no difference seen") if reading.standing is measure.VerdictKind.NO_DIFFERENCE_SEEN else ""
