"""Who a session belongs to. Signing in happens with a link; there is no password to check."""

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from kembali.accounts import api as accounts


class LinkBackend(BaseBackend):
    """Finds the member of staff behind a session, as long as they are active."""

    def get_user(self, user_id: int) -> accounts.Staff | None:
        """Return the active member of staff with this number."""
        return accounts.Staff.objects.filter(pk=user_id, is_active=True).first()


def staff_of(request: HttpRequest) -> accounts.Staff | None:
    """Return who is signed in."""
    return request.user if isinstance(request.user, accounts.Staff) else None
