"""The door to `experiments`."""

from kembali.experiments.contracts import GLOBAL_EXPERIMENT, Arm, Exposure, GlobalHoldout, Percent
from kembali.experiments.errors import BadHoldout
from kembali.experiments.queries import arms_of, crossed_of, global_holdout, list_exposures
from kembali.experiments.rules import arm_of, assignment_hash, holdout_threshold, in_holdout
from kembali.experiments.services import expose_many, globally_held_out, set_global_holdout

__all__ = [
    "GLOBAL_EXPERIMENT",
    "Arm",
    "BadHoldout",
    "Exposure",
    "GlobalHoldout",
    "Percent",
    "arm_of",
    "arms_of",
    "assignment_hash",
    "crossed_of",
    "expose_many",
    "global_holdout",
    "globally_held_out",
    "holdout_threshold",
    "in_holdout",
    "list_exposures",
    "set_global_holdout",
]
