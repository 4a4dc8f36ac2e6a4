"""The door to `accounts`."""

from kembali.accounts.errors import (
    BadScope,
    BadSource,
    IdempotencyConflict,
    KeyNotFound,
    KeyNotUsable,
    LinkNotUsable,
    ScopeMissing,
    StaffNotFound,
)
from kembali.accounts.keys import (
    SCOPES,
    ApiKey,
    KeyView,
    create_key,
    list_keys,
    recognise,
    revoke_key,
    rotate_key,
)
from kembali.accounts.models import Staff
from kembali.accounts.queries import SignInLinkView, find_sign_in_link, list_staff
from kembali.accounts.requests import forget_requests, once
from kembali.accounts.services import create_sign_in_link, ensure_owner, redeem_sign_in_link

__all__ = [
    "SCOPES",
    "ApiKey",
    "BadScope",
    "BadSource",
    "IdempotencyConflict",
    "KeyNotFound",
    "KeyNotUsable",
    "KeyView",
    "LinkNotUsable",
    "ScopeMissing",
    "SignInLinkView",
    "Staff",
    "StaffNotFound",
    "create_key",
    "create_sign_in_link",
    "ensure_owner",
    "find_sign_in_link",
    "forget_requests",
    "list_keys",
    "list_staff",
    "once",
    "recognise",
    "redeem_sign_in_link",
    "revoke_key",
    "rotate_key",
]
