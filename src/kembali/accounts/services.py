"""Change the staff: invite, make a sign-in link, sign in with one."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from kembali.accounts.door import digest_of
from kembali.accounts.errors import LinkNotUsable, StaffNotFound
from kembali.accounts.models import SignInLink, Staff

LINK_LIFETIME = timedelta(minutes=15)


def ensure_owner(*, email: str, at: datetime) -> Staff:
    """Return the member of staff with this address, made as an owner without a password when new."""
    staff = Staff.objects.filter(email__iexact=email).first()
    if staff is None:
        staff = Staff(email=email, role=Staff.Role.OWNER, created_at=at)
        staff.set_unusable_password()
        staff.save()
    return staff


def create_sign_in_link(*, email: str, at: datetime) -> str:
    """Return the token of a new one-time link: 256 bits, usable once within 15 minutes. Only its hash is stored.

    Raises:
        StaffNotFound: nobody active has this address.
    """
    staff = Staff.objects.filter(email__iexact=email, is_active=True).first()
    if staff is None:
        raise StaffNotFound(f"Nobody on the staff has the address {email}.", hint="See kembali staff add.")
    token = secrets.token_urlsafe(32)
    SignInLink.objects.filter(staff=staff, expires_at__lt=at).delete()
    SignInLink.objects.create(staff=staff, token_sha256=digest_of(token), expires_at=at + LINK_LIFETIME)
    return token


def redeem_sign_in_link(*, token: str, at: datetime) -> Staff:
    """Use up a link and return who it signs in. Of many attempts at once, one succeeds.

    Raises:
        LinkNotUsable: used, expired or unknown.
    """
    with transaction.atomic():
        # Only columns of the row itself: a condition by way of a join would be judged on the state before the lock.
        used = SignInLink.objects.filter(token_sha256=digest_of(token), used_at__isnull=True, expires_at__gt=at).update(
            used_at=at
        )
        link = (
            SignInLink.objects.select_related("staff").filter(token_sha256=digest_of(token)).first() if used else None
        )
        if link is None or not link.staff.is_active:
            raise LinkNotUsable("This link was used or is too old.", hint="Run kembali staff link for a new one.")
        return link.staff
