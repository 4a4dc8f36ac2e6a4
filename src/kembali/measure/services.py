"""Compute and store proofs. Runs where the analytics run: worker and command line."""

from datetime import datetime

import msgspec
import pyarrow as pa

from kembali.experiments import api as experiments
from kembali.journeys import api as journeys
from kembali.kernel.ids import FlowKey
from kembali.lake import api as lake
from kembali.measure.contracts import VerdictWords
from kembali.measure.errors import NothingToMeasure
from kembali.measure.models import StoredProof
from kembali.measure.proofs import Proof
from kembali.measure.proving import Question, prove
from kembali.measure.queries import planted_truth

PURCHASE_COLUMNS = ("customer_id", "placed_at", "net_minor", "margin_minor")


def measure_flow(open_lake: lake.Lake, flow_key: FlowKey, *, at: datetime) -> Proof:
    """Compare the arms of one flow as of `at`, store the proof and return it.

    Raises:
        FlowNotFound: there is no such flow.
        NothingToMeasure: nobody was ever enrolled in it.
    """
    view = journeys.flow_of(flow_key)
    enrolments = journeys.enrolments_for_measure(flow_key)
    if not enrolments:
        raise NothingToMeasure(f"Nobody has entered “{view.flow.name}” yet.", hint="Launch it, or replay the past.")
    purchases = open_lake.table("purchases")
    people = open_lake.put("_enrolled", _ids(enrolments))
    bought = open_lake.arrow(
        purchases.filter(purchases.placed_at < at).semi_join(people, "customer_id").select(*PURCHASE_COLUMNS)
    )
    open_lake.drop("_enrolled")
    proof = prove(
        Question(
            flow_key=flow_key,
            flow_name=view.flow.name,
            launched_at=view.launched_at,
            window_days=journeys.goal_days(view.flow),
            holdout_percent=view.flow.holdout.percent,
            words=VerdictWords(people="people", treatment="the mail", within_days=journeys.goal_days(view.flow)),
            truth=planted_truth(flow_key),
        ),
        enrolments,
        experiments.crossed_of(journeys.experiment_key(flow_key)),
        bought,
        at=at,
    )
    StoredProof.objects.update_or_create(
        flow_key=flow_key, defaults={"as_of": at, "payload": msgspec.to_builtins(proof)}
    )
    return proof


def measure_all(open_lake: lake.Lake, *, at: datetime) -> list[Proof]:
    """Measure every flow that anybody ever entered."""
    proofs = []
    for flow in journeys.list_flows(at=at):
        try:
            proofs.append(measure_flow(open_lake, flow.key, at=at))
        except NothingToMeasure:
            continue
    return proofs


def _ids(enrolments: list[journeys.MeasuredEnrolment]) -> pa.Table:
    return pa.table({"customer_id": pa.array(sorted({each.customer_id for each in enrolments}), pa.int64())})
