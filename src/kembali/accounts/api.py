"""The door to `accounts`."""

from kembali.accounts.errors import LinkNotUsable, StaffNotFound
from kembali.accounts.models import Staff
from kembali.accounts.queries import SignInLinkView, find_sign_in_link, list_staff
from kembali.accounts.services import create_sign_in_link, ensure_owner, redeem_sign_in_link

__all__ = [
    "LinkNotUsable",
    "SignInLinkView",
    "Staff",
    "StaffNotFound",
    "create_sign_in_link",
    "ensure_owner",
    "find_sign_in_link",
    "list_staff",
    "redeem_sign_in_link",
]
