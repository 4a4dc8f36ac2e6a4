"""In simulated shops: the planted effect beside what was measured, in words."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from django.utils.translation import gettext

from kembali.measure import api as measure
from kembali.web import formatting
from kembali.web.results import METRICS, label_of


def truth_beside(found: measure.Proof | None, truth: Mapping[str, float]) -> str:
    """Return what is true and what was measured, and which intervals missed; empty where no truth is known."""
    true = truth.get(measure.Metric.ORDERED_AGAIN.value)
    if true is None:
        return ""
    sentences = [
        gettext("In this simulated shop the mail truly brings back %(true)s in 100.") % {"true": _hundredths(true)}
    ]
    reading = found.metrics.get(measure.Metric.ORDERED_AGAIN) if found else None
    if reading and reading.estimate is not None and reading.low is not None and reading.high is not None:
        seen = {"seen": reading.estimate, "low": reading.low, "high": reading.high}
        words = gettext("Measured: %(seen)s, between %(low)s and %(high)s.")
        sentences.append(words % {name: _hundredths(value) for name, value in seen.items()})
    if found and (missed := [label_of(metric) for metric in _missed(found, truth)]):
        words = gettext("Of such intervals one in twenty misses the truth; here: %(names)s.")
        sentences.append(words % {"names": ", ".join(missed)})
    return " ".join(sentences)


def _missed(found: measure.Proof, truth: Mapping[str, float]) -> Iterator[measure.Metric]:
    for metric in METRICS:
        reading, true = found.metrics.get(metric), truth.get(metric.value)
        if reading is None or true is None or reading.low is None or reading.high is None:
            continue
        if not reading.low <= true <= reading.high:
            yield metric


def _hundredths(share: float) -> str:
    return formatting.number(Decimal(str(share * 100)), 1)
