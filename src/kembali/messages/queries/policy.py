"""Read the shop's sending policy."""

from kembali.messages.contracts import FrequencyCap, SendPolicy
from kembali.messages.models import Policy


def send_policy() -> SendPolicy:
    """Return when marketing may be sent; the preset until the shop changes it."""
    row = Policy.objects.filter(id=1).first()
    if row is None:
        return SendPolicy()
    caps = tuple(FrequencyCap(count, days) for count, days in row.caps)
    return SendPolicy(
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        caps=caps,
        reply_to=row.reply_to,
        shop_url=row.shop_url,
    )
