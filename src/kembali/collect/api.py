"""The door to `collect`."""

from kembali.collect.connections.connecting import (
    about_shop,
    change_values,
    check_connection,
    check_shop,
    connect_shop,
    order_webhooks,
    pause_shop,
    remove_shop,
    resume_shop,
)
from kembali.collect.connections.listing import (
    ConnectionView,
    ShopTotal,
    StreamView,
    connection_of,
    list_connections,
    list_shop_totals,
)
from kembali.collect.connections.reconciling import Stepped, reconcile, reconcile_due, start_backfill
from kembali.collect.connectors.contracts import Connector
from kembali.collect.connectors.errors import BadConnection, ShopRefuses, UnknownPlatform
from kembali.collect.connectors.platforms import CONNECTORS, connector_of
from kembali.collect.connectors.shopify.checking import SCOPES_NEEDED as SHOPIFY_SCOPES
from kembali.collect.connectors.values import About, Check, SetupField, Shop
from kembali.collect.contracts import Consumer, Fact, NewFact, OrderLine, Reading, Rejected, subject_of
from kembali.collect.errors import (
    BadFact,
    BadPosition,
    ConnectionExists,
    ConnectionNotFound,
    DemandNotFound,
    FactNotFound,
    ImportNotFound,
    MappingNotFound,
    ShopNotSetUp,
)
from kembali.collect.files.errors import BadMapping
from kembali.collect.files.reading import FileShape, parse_mapping
from kembali.collect.files.reading import inspect as inspect_file
from kembali.collect.imports.folders import Folder, opened_folder
from kembali.collect.imports.importing import ImportResult, import_file
from kembali.collect.imports.listing import count_rejected_lines, import_of, list_imports, list_rejected_lines
from kembali.collect.imports.mappings import FoundMapping, find_mapping, list_mappings, save_mapping
from kembali.collect.imports.mending import count_mended, is_mended, mend_rejected, rejected_as_csv
from kembali.collect.imports.planning import ImportPlan, plan_import
from kembali.collect.imports.replaying import Replayed, replay_rejected
from kembali.collect.log.browsing import (
    FactsFound,
    SeqsFound,
    fact_of,
    facts_by_message,
    facts_of,
    recent_facts,
    seqs_between,
)
from kembali.collect.log.consuming import run_consumer
from kembali.collect.log.demands import Demand, answer_demand, count_demands, list_demands
from kembali.collect.log.feeding import FeedPage, read_feed
from kembali.collect.log.following import following
from kembali.collect.log.parking import (
    Parked,
    ParkedTally,
    ask_parked,
    count_parked,
    parked_of,
    replay_asked,
    tally_parked,
)
from kembali.collect.log.rewinding import (
    COUNTED_UP_TO,
    distances,
    lag_of,
    rewind_consumer,
    start_from_now,
    stop_reading,
)
from kembali.collect.log.saying import Said, fact_said, say
from kembali.collect.log.timelines import count_facts_of, latest_fact, timeline_of
from kembali.collect.log.volume import (
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
from kembali.collect.log.writing import append_facts, append_selected
from kembali.collect.models import RejectedEvent
from kembali.collect.payloads import version_id
from kembali.collect.rejects.listing import (
    RejectedTally,
    count_rejected_events,
    count_waiting_events,
    list_rejected_events,
)
from kembali.collect.rejects.rereading import EventsReplayed, expire_rejected, replay_events
from kembali.collect.tracking.commerce import BadOrderEvent, facts_of_order_event
from kembali.collect.tracking.vocabulary import ORDER_EVENTS, commerce_name

__all__ = [
    "CONNECTORS",
    "COUNTED_UP_TO",
    "HISTORY",
    "LAG_CLASSES",
    "ORDER_EVENTS",
    "SHOPIFY_SCOPES",
    "About",
    "BadConnection",
    "BadFact",
    "BadMapping",
    "BadOrderEvent",
    "BadPosition",
    "Check",
    "ConnectionExists",
    "ConnectionNotFound",
    "ConnectionView",
    "Connector",
    "Consumer",
    "Demand",
    "DemandNotFound",
    "EventsReplayed",
    "Fact",
    "FactNotFound",
    "FactsFound",
    "FeedPage",
    "FileShape",
    "Folder",
    "FoundMapping",
    "ImportNotFound",
    "ImportPlan",
    "ImportResult",
    "MappingNotFound",
    "NewFact",
    "OrderLine",
    "Parked",
    "ParkedTally",
    "Reading",
    "Rejected",
    "RejectedEvent",
    "RejectedTally",
    "Replayed",
    "Said",
    "SeqsFound",
    "SetupField",
    "Shop",
    "ShopNotSetUp",
    "ShopRefuses",
    "ShopTotal",
    "SourceHealth",
    "Stepped",
    "StreamView",
    "UnknownPlatform",
    "about_shop",
    "answer_demand",
    "append_facts",
    "append_selected",
    "ask_parked",
    "change_values",
    "check_connection",
    "check_shop",
    "commerce_name",
    "connect_shop",
    "connection_of",
    "connector_of",
    "count_demands",
    "count_facts_of",
    "count_mended",
    "count_new",
    "count_parked",
    "count_rejected_events",
    "count_rejected_lines",
    "count_waiting_events",
    "distances",
    "expire_rejected",
    "fact_of",
    "fact_said",
    "facts_by_message",
    "facts_of",
    "facts_of_order_event",
    "find_mapping",
    "following",
    "hours_of_sources",
    "import_file",
    "import_of",
    "inspect_file",
    "is_mended",
    "kinds_seen",
    "lag_class_at",
    "lag_of",
    "lags_of_sources",
    "latest_fact",
    "list_connections",
    "list_demands",
    "list_imports",
    "list_mappings",
    "list_rejected_events",
    "list_rejected_lines",
    "list_shop_totals",
    "list_sources",
    "mend_rejected",
    "opened_folder",
    "order_webhooks",
    "parked_of",
    "parse_mapping",
    "pause_shop",
    "plan_import",
    "read_feed",
    "recent_facts",
    "reconcile",
    "reconcile_due",
    "recount",
    "rejected_as_csv",
    "remove_shop",
    "replay_asked",
    "replay_events",
    "replay_rejected",
    "resume_shop",
    "rewind_consumer",
    "run_consumer",
    "save_mapping",
    "say",
    "seqs_between",
    "silent_since",
    "start_backfill",
    "start_from_now",
    "stop_reading",
    "subject_of",
    "tally_parked",
    "timeline_of",
    "version_id",
]
