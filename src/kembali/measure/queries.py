"""Read stored proofs."""

import msgspec

from kembali.measure.models import PlantedTruth, PowerSaid, StoredPreview, StoredProof
from kembali.measure.proofs import Preview, Proof


def find_proof(flow_key: str) -> Proof | None:
    """Return the latest proof of a flow, None while nobody was measured."""
    stored = StoredProof.objects.filter(flow_key=flow_key).first()
    return msgspec.convert(stored.payload, Proof, strict=False) if stored else None


def list_proofs() -> list[Proof]:
    """The latest proof of every flow, the one with most people counted first."""
    proofs = [msgspec.convert(each.payload, Proof, strict=False) for each in StoredProof.objects.all()]
    return sorted(proofs, key=lambda proof: (-proof.counted_count, proof.flow_key))


def power_said(flow_key: str, *, version: int | None = None) -> str:
    """Return what was said before launch about what can be proven; empty where nothing was."""
    said = PowerSaid.objects.filter(flow_key=flow_key)
    if version is not None:
        said = said.filter(version=version)
    latest = said.order_by("-version").first()
    return latest.sentence if latest else ""


def planted_truth(flow_key: str) -> dict[str, float]:
    """Return the true effect per metric in a simulated shop; empty elsewhere."""
    truth = PlantedTruth.objects.filter(flow_key=flow_key).first()
    return dict(truth.payload) if truth else {}


def find_preview(flow_key: str) -> Preview | None:
    """Return what a flow would have met lately, None before the first look."""
    stored = StoredPreview.objects.filter(flow_key=flow_key).first()
    return msgspec.convert(stored.payload, Preview, strict=False) if stored else None
