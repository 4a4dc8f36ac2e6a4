"""The door to `measure`. What computes is imported when called: web processes only read stored proofs."""

from datetime import datetime
from typing import TYPE_CHECKING

from kembali.kernel.ids import FlowKey
from kembali.measure.contracts import Metric, PowerStatement, VerdictKind
from kembali.measure.errors import NothingToMeasure
from kembali.measure.proofs import DayProof, GroupProof, MetricProof, Preview, Proof
from kembali.measure.queries import find_preview, find_proof, list_proofs, planted_truth, power_said
from kembali.measure.rules.power import people_needed, smallest_provable_share, state_power
from kembali.measure.rules.verdict import power_sentence
from kembali.measure.saying import plant_truth, say_power

if TYPE_CHECKING:
    from kembali.journeys.api import Flow
    from kembali.lake.api import Lake

__all__ = [
    "DayProof",
    "GroupProof",
    "Metric",
    "MetricProof",
    "NothingToMeasure",
    "PowerStatement",
    "Preview",
    "Proof",
    "VerdictKind",
    "find_preview",
    "find_proof",
    "list_proofs",
    "measure_all",
    "measure_flow",
    "people_needed",
    "plant_truth",
    "planted_truth",
    "power_said",
    "power_sentence",
    "preview_flow",
    "preview_playbooks",
    "say_power",
    "smallest_provable_share",
    "state_power",
]


def measure_flow(lake: "Lake", flow_key: FlowKey, *, at: datetime) -> Proof:
    """Compare the arms of one flow as of `at`, store the proof and return it (see `measure.services`)."""
    from kembali.measure import services

    return services.measure_flow(lake, flow_key, at=at)


def measure_all(lake: "Lake", *, at: datetime) -> list[Proof]:
    """Measure every flow that anybody ever entered."""
    from kembali.measure import services

    return services.measure_all(lake, at=at)


def preview_flow(lake: "Lake", flow: "Flow", *, at: datetime) -> Preview | None:
    """Return whom a flow would have met lately and what could be proven (see `measure.previews`)."""
    from kembali.measure import previews

    return previews.preview_flow(lake, flow, at=at)


def preview_playbooks(lake: "Lake", *, at: datetime) -> list[Preview]:
    """Preview every shipped flow."""
    from kembali.measure import previews

    return previews.preview_playbooks(lake, at=at)
