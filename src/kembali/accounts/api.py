"""The door to `accounts`."""

from kembali.accounts.errors import LinkNotUsable, StaffNotFound
from kembali.accounts.models import Staff
from kembali.accounts.queries import list_staff
from kembali.accounts.services import create_sign_in_link, ensure_owner, redeem_sign_in_link

__all__ = [
    "LinkNotUsable",
    "Staff",
    "StaffNotFound",
    "create_sign_in_link",
    "ensure_owner",
    "list_staff",
    "redeem_sign_in_link",
]
