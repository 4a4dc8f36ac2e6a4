"""Read the staff."""

from kembali.accounts.models import Staff


def list_staff() -> list[Staff]:
    """Everybody who may or might sign in, oldest first."""
    return list(Staff.objects.order_by("created_at", "id"))
