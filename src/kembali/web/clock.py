"""Where pages read the clock: the wall clock, and in a demo shop the shop's own time."""

from datetime import datetime

from django.utils import timezone

from kembali.shop.api import ShopSettings


def wall_now() -> datetime:
    """Return the wall-clock instant, UTC: for sign-in links and sessions, never for business."""
    return timezone.now()


def request_now(settings: ShopSettings | None) -> datetime:
    """Return the shop's business time: the wall clock, moved by the offset that only demo shops have."""
    return wall_now() + settings.clock_offset if settings else wall_now()
