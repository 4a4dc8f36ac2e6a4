"""The door to `accounts`."""

from kembali.accounts.errors import BadSource, KeyNotFound, LinkNotUsable, StaffNotFound
from kembali.accounts.keys import KeyView, create_key, list_keys, revoke_key
from kembali.accounts.models import Staff
from kembali.accounts.queries import SignInLinkView, find_sign_in_link, list_staff
from kembali.accounts.services import create_sign_in_link, ensure_owner, redeem_sign_in_link

__all__ = [
    "BadSource",
    "KeyNotFound",
    "KeyView",
    "LinkNotUsable",
    "SignInLinkView",
    "Staff",
    "StaffNotFound",
    "create_key",
    "create_sign_in_link",
    "ensure_owner",
    "find_sign_in_link",
    "list_keys",
    "list_staff",
    "redeem_sign_in_link",
    "revoke_key",
]
