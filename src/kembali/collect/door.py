"""The second door of `collect`: the facts log on any psycopg connection, without Django.

Used by the edge process on its own connections and by every room through `collect.api` on Django's.
"""

from kembali.collect.connectors.opening import OpenConnection, note_hook, note_refused_hook, open_connections
from kembali.collect.connectors.platforms import connector_of
from kembali.collect.connectors.values import Delivery
from kembali.collect.contracts import NewFact, Reading, Rejected
from kembali.collect.errors import BadFact, BadTrackingRequest
from kembali.collect.log.appending import Cursor, append, append_alone, append_selected, open_log
from kembali.collect.rejects.rejecting import count_rejected, keep_rejected
from kembali.collect.tracking.again import rejected_request
from kembali.collect.tracking.envelopes import Envelope, open_envelope
from kembali.collect.tracking.events import read_events
from kembali.collect.tracking.requests import MOST_BYTES, ROUTES, body_of, decoded, write_key_of

__all__ = [
    "MOST_BYTES",
    "ROUTES",
    "BadFact",
    "BadTrackingRequest",
    "Cursor",
    "Delivery",
    "Envelope",
    "NewFact",
    "OpenConnection",
    "Reading",
    "Rejected",
    "append",
    "append_alone",
    "append_selected",
    "body_of",
    "connector_of",
    "count_rejected",
    "decoded",
    "keep_rejected",
    "note_hook",
    "note_refused_hook",
    "open_connections",
    "open_envelope",
    "open_log",
    "read_events",
    "rejected_request",
    "write_key_of",
]
