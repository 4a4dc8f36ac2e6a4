"""The door to `collect`."""

from kembali.collect.browsing import FactsFound, fact_of, facts_by_message, recent_facts
from kembali.collect.consuming import run_consumer
from kembali.collect.contracts import Consumer, Fact, NewFact, OrderLine, Reading, Rejected, subject_of
from kembali.collect.errors import BadFact, FactNotFound, ImportNotFound, ShopNotSetUp
from kembali.collect.files.reading import FileShape, parse_mapping
from kembali.collect.files.reading import inspect as inspect_file
from kembali.collect.following import following
from kembali.collect.importing import ImportResult, import_file
from kembali.collect.models import RejectedEvent
from kembali.collect.parking import (
    Parked,
    ParkedTally,
    ask_parked,
    count_parked,
    parked_of,
    replay_asked,
    replay_parked,
    tally_parked,
)
from kembali.collect.planning import ImportPlan, plan_import
from kembali.collect.queries import (
    count_rejected_lines,
    latest_fact,
    list_imports,
    list_rejected_lines,
    timeline_of,
)
from kembali.collect.rejected import RejectedTally, count_rejected_events, count_waiting_events, list_rejected_events
from kembali.collect.replaying import Replayed, replay_rejected
from kembali.collect.rereading import EventsReplayed, expire_rejected, replay_events
from kembali.collect.rewinding import COUNTED_UP_TO, distances, lag_of, rewind_consumer
from kembali.collect.services import append_facts, append_selected
from kembali.collect.volume import (
    HISTORY,
    LAG_CLASSES,
    SourceHealth,
    count_new,
    hours_of_sources,
    kinds_seen,
    lag_class_at,
    lags_of_sources,
    list_sources,
    recount,
    silent_since,
)

__all__ = [
    "COUNTED_UP_TO",
    "HISTORY",
    "LAG_CLASSES",
    "BadFact",
    "Consumer",
    "EventsReplayed",
    "Fact",
    "FactNotFound",
    "FactsFound",
    "FileShape",
    "ImportNotFound",
    "ImportPlan",
    "ImportResult",
    "NewFact",
    "OrderLine",
    "Parked",
    "ParkedTally",
    "Reading",
    "Rejected",
    "RejectedEvent",
    "RejectedTally",
    "Replayed",
    "ShopNotSetUp",
    "SourceHealth",
    "append_facts",
    "append_selected",
    "ask_parked",
    "count_new",
    "count_parked",
    "count_rejected_events",
    "count_rejected_lines",
    "count_waiting_events",
    "distances",
    "expire_rejected",
    "fact_of",
    "facts_by_message",
    "following",
    "hours_of_sources",
    "import_file",
    "inspect_file",
    "kinds_seen",
    "lag_class_at",
    "lag_of",
    "lags_of_sources",
    "latest_fact",
    "list_imports",
    "list_rejected_events",
    "list_rejected_lines",
    "list_sources",
    "parked_of",
    "parse_mapping",
    "plan_import",
    "recent_facts",
    "recount",
    "replay_asked",
    "replay_events",
    "replay_parked",
    "replay_rejected",
    "rewind_consumer",
    "run_consumer",
    "silent_since",
    "subject_of",
    "tally_parked",
    "timeline_of",
]
