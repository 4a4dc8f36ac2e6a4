"""Change the shop's sending policy."""

from kembali.messages.contracts import SendPolicy
from kembali.messages.errors import BadPolicy
from kembali.messages.models import Policy


def set_send_policy(policy: SendPolicy) -> None:
    """Store when marketing may be sent; it holds from the next decision on.

    Raises:
        BadPolicy: a cap that never lets anything through.
    """
    for cap in policy.caps:
        if cap.count < 1 or cap.days < 1:
            raise BadPolicy(f"At most {cap.count} messages in {cap.days} days lets nothing through.")
    Policy.objects.update_or_create(
        id=1,
        defaults={
            "quiet_from": policy.quiet_from,
            "quiet_until": policy.quiet_until,
            "reply_to": policy.reply_to,
            "shop_url": policy.shop_url,
            "caps": [(cap.count, cap.days) for cap in policy.caps],
        },
    )
