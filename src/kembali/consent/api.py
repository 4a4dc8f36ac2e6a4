"""The door to `consent`."""

from kembali.consent.contracts import (
    Basis,
    Channel,
    ConsentRecord,
    NewConsent,
    Permission,
    Purpose,
    State,
    SuppressionReason,
    TokenSubject,
    Unsubscribed,
)
from kembali.consent.errors import BadPermission, TokenNotValid
from kembali.consent.queries.permissions import (
    Reach,
    hold_permissions,
    permissions_of,
    permissions_within,
    reach_of,
)
from kembali.consent.queries.proof import describe_token, history_of, unsubscribe_token
from kembali.consent.services.importing import CONSUMER
from kembali.consent.services.recording import give_consent, record_many, withdraw_consent
from kembali.consent.services.stopping import resubscribe, suppress, unsubscribe

__all__ = [
    "CONSUMER",
    "BadPermission",
    "Basis",
    "Channel",
    "ConsentRecord",
    "NewConsent",
    "Permission",
    "Purpose",
    "Reach",
    "State",
    "SuppressionReason",
    "TokenNotValid",
    "TokenSubject",
    "Unsubscribed",
    "describe_token",
    "give_consent",
    "history_of",
    "hold_permissions",
    "permissions_of",
    "permissions_within",
    "reach_of",
    "record_many",
    "resubscribe",
    "suppress",
    "unsubscribe",
    "unsubscribe_token",
    "withdraw_consent",
]
