"""The door to `relay`."""

from kembali.relay.contracts import Attempt, Backlog, Delivery, DeliveryState, Endpoint, Outcome, Replay
from kembali.relay.errors import BadEndpoint, DeliveryNotFound, EndpointNotFound, TooManyEndpoints
from kembali.relay.queries import (
    attempts_of,
    backlogs,
    delivery_of,
    endpoint_of,
    has_endpoints,
    list_deliveries,
    list_endpoints,
    list_replays,
)
from kembali.relay.services.dispatching import Dispatcher
from kembali.relay.services.endpoints import (
    change_endpoint,
    create_endpoint,
    pause_endpoint,
    remove_endpoint,
    resume_endpoint,
    rotate_secret,
)
from kembali.relay.services.fanning import CONSUMER
from kembali.relay.services.forgetting import forget_old
from kembali.relay.services.pinging import send_test
from kembali.relay.services.replaying import continue_replays, replay_delivery, start_replay

__all__ = [
    "CONSUMER",
    "Attempt",
    "Backlog",
    "BadEndpoint",
    "Delivery",
    "DeliveryNotFound",
    "DeliveryState",
    "Dispatcher",
    "Endpoint",
    "EndpointNotFound",
    "Outcome",
    "Replay",
    "TooManyEndpoints",
    "attempts_of",
    "backlogs",
    "change_endpoint",
    "continue_replays",
    "create_endpoint",
    "delivery_of",
    "endpoint_of",
    "forget_old",
    "has_endpoints",
    "list_deliveries",
    "list_endpoints",
    "list_replays",
    "pause_endpoint",
    "remove_endpoint",
    "replay_delivery",
    "resume_endpoint",
    "rotate_secret",
    "send_test",
    "start_replay",
]
