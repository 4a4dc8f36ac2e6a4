"""What every template may use: the shop's name, and whether what it shows is simulated."""

from django.conf import settings
from django.http import HttpRequest

from kembali.web.requests import shop_of


def shop(request: HttpRequest) -> dict[str, object]:
    """Return `shop_name`, `is_demo`, `demo_now`, `mail_simulated`. Reads no table: error pages use it too."""
    found = shop_of(request)
    return {
        "shop_name": found.name if found else "kembali",
        "is_demo": bool(found and found.clock_offset),
        "demo_now": getattr(request, "at", None),
        "mail_simulated": settings.KEMBALI.smtp_url is None,
    }
