"""The door to `collect`."""

from kembali.collect.consuming import replay_parked, run_consumer
from kembali.collect.contracts import Consumer, Fact, NewFact, subject_of
from kembali.collect.errors import BadFact, ImportNotFound, ShopNotSetUp
from kembali.collect.queries import (
    SourceHealth,
    count_parked,
    list_imports,
    list_rejected_lines,
    list_sources,
    timeline_of,
)
from kembali.collect.services import append_facts

__all__ = [
    "BadFact",
    "Consumer",
    "Fact",
    "ImportNotFound",
    "NewFact",
    "ShopNotSetUp",
    "SourceHealth",
    "append_facts",
    "count_parked",
    "list_imports",
    "list_rejected_lines",
    "list_sources",
    "replay_parked",
    "run_consumer",
    "subject_of",
    "timeline_of",
]
