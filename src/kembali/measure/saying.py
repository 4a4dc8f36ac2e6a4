"""What is written down beside a proof: what was said before launch and, in a simulated shop, the truth."""

from datetime import datetime

import msgspec

from kembali.kernel.ids import FlowKey
from kembali.measure.contracts import Metric
from kembali.measure.models import PlantedTruth, PowerSaid
from kembali.measure.proofs import Preview


def say_power(preview: Preview, *, version: int, at: datetime) -> str:
    """Write down, once per version, what could be proven at launch; return the sentence that was said first."""
    said, _ = PowerSaid.objects.get_or_create(
        flow_key=preview.flow_key,
        version=version,
        defaults={"said_at": at, "sentence": preview.sentence, "payload": msgspec.to_builtins(preview)},
    )
    return said.sentence


def plant_truth(flow_key: FlowKey, truth: dict[Metric, float]) -> None:
    """Remember the true effect of a flow in a simulated shop."""
    PlantedTruth.objects.update_or_create(
        flow_key=flow_key, defaults={"payload": {metric.value: value for metric, value in truth.items()}}
    )
