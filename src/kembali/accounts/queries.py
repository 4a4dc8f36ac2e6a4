"""Read the staff."""

from dataclasses import dataclass
from datetime import datetime

from kembali.accounts.door import digest_of
from kembali.accounts.models import SignInLink, Staff


@dataclass(frozen=True, slots=True)
class SignInLinkView:
    """A sign-in link as its page shows it, before anybody uses it."""

    staff_name: str
    expires_at: datetime
    is_used: bool


def list_staff() -> list[Staff]:
    """Everybody who may or might sign in, oldest first."""
    return list(Staff.objects.order_by("created_at", "id"))


def find_sign_in_link(token: str) -> SignInLinkView | None:
    """Return what a sign-in link is about, None for one never made or long gone. Changes nothing."""
    link = (
        SignInLink.objects.select_related("staff").filter(token_sha256=digest_of(token), staff__is_active=True).first()
    )
    if link is None:
        return None
    return SignInLinkView(link.staff.name or link.staff.email, link.expires_at, link.used_at is not None)
